/** The HTTP API: who asks, may they, and what they get. It starts and steers runs by the same code as the command line. */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Client } from '@temporalio/client';
import { bodyLimit } from 'hono/body-limit';
import { isMillraceError } from '../../../contracts/errors';
import type { EventRun, EventStart } from '../../../activities/triggers/start-for-event';
import type { EventLedger } from '../../../ports/event-ledger';
import type { PipelineCatalog } from '../../../ports/pipeline-catalog';
import { readRun } from '../../runs/read-run';
import { problemOf } from './errors';
import { serveRuns, type ApiVariables } from './runs';
import type { Caller, Scope, TokenBook } from './tokens';

/** Larger bodies are refused before they are read to their end. */
const BODY_LIMIT_BYTES = 256 * 1024;

/** What the API works with. */
export interface ApiDependencies {
  readonly client: Client;
  readonly ledger: EventLedger;
  readonly catalog: PipelineCatalog;
  readonly tokens: TokenBook;
  readonly start: (event: EventStart) => Promise<EventRun>;
  /** Told of what is a defect or an outage; never of a token. */
  readonly tell: (error: unknown) => void;
}

/** Serves `/openapi.json` to everyone, and `/v1` to those who have a token. */
export function createApi(dependencies: ApiDependencies): OpenAPIHono<ApiVariables> {
  const api = new OpenAPIHono<ApiVariables>({
    defaultHook: (result, context) => {
      if (result.success) return undefined;
      const why = result.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
      return context.json(
        { code: 'EVENT_INVALID', message: why.join('; ').slice(0, 2000), mend: 'see /openapi.json' },
        422,
      );
    },
  });
  describe(api);
  api.onError((error, context) => problemOf(context, error, dependencies.tell));
  api.notFound((context) =>
    context.json({ code: 'USAGE', message: 'There is nothing here.', mend: 'see /openapi.json' }, 404),
  );
  api.use('/v1/*', async (context, next) => {
    const [, token] = /^Bearer ([\w\-.~+/]+=*)$/i.exec(context.req.header('authorization') ?? '') ?? [];
    const caller = token === undefined ? undefined : dependencies.tokens(token);
    if (!caller) {
      context.header('WWW-Authenticate', 'Bearer');
      return context.json(UNAUTHORIZED, 401);
    }
    context.set('caller', caller);
    return next();
  });
  api.use(
    '/v1/*',
    bodyLimit({
      maxSize: BODY_LIMIT_BYTES,
      onError: (context) =>
        context.json(
          { code: 'EVENT_INVALID', message: `The body is larger than ${BODY_LIMIT_BYTES} bytes.` },
          413,
        ),
    }),
  );
  // Before a body is looked at: who may not, learns nothing of what is valid.
  api.use('/v1/pipelines/:name/runs', async (context, next) =>
    context.get('caller').may('runs:start', context.req.param('name')) ? next() : forbidden(),
  );
  api.use('/v1/runs', async (context, next) =>
    context.get('caller').may('runs:read', context.req.query('pipeline')) ? next() : forbidden(),
  );
  const runScopes: readonly [string, Scope][] = [
    ['/v1/runs/:run', 'runs:read'],
    ['/v1/runs/:run/cancel', 'runs:cancel'],
    ['/v1/runs/:run/approve', 'runs:approve'],
    ['/v1/runs/:run/reject', 'runs:approve'],
  ];
  for (const [path, scope] of runScopes)
    api.use(path, async (context, next) =>
      (await mayReach(dependencies.client, context.get('caller'), scope, context.req.param('run') ?? ''))
        ? next()
        : forbidden(),
    );
  serveRuns(api, dependencies);
  return api;
}

const UNAUTHORIZED = { code: 'UNAUTHORIZED', message: 'Give a bearer token.' };

function forbidden(): Response {
  return Response.json({ code: 'UNAUTHORIZED', message: 'The token is not for this.' }, { status: 403 });
}

/** A token for some pipelines may reach their runs only; a run that is not there is as far out of its reach as another's. */
async function mayReach(client: Client, caller: Caller, scope: Scope, workflowId: string): Promise<boolean> {
  if (caller.may(scope)) return true;
  try {
    const { status } = await readRun(client, workflowId);
    return caller.may(scope, status.pipeline);
  } catch (error) {
    if (isMillraceError(error) && (error.code === 'RUN_NOT_FOUND' || error.code === 'RUN_CONFLICT'))
      return false;
    throw error;
  }
}

function describe(api: OpenAPIHono<ApiVariables>): void {
  api.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  api.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Millrace',
      version: '1',
      description: 'Start runs of pipelines, look at them, end them, decide of their versions.',
    },
  });
}
