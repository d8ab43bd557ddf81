/** What the API does with runs. The caller is known, and may. */
import { createHash, randomUUID } from 'node:crypto';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { claimKeyFor } from '../../../activities/triggers/start-for-event';
import { canonicalJson } from '../../../contracts/digest';
import { MillraceError } from '../../../contracts/errors';
import type { TrainingPipelineInput } from '../../../contracts/runs';
import { listRuns } from '../../runs/list-runs';
import { readRun } from '../../runs/read-run';
import { cancelRun, decideRun } from '../../runs/steer-run';
import type { ApiDependencies } from './app';
import {
  approveRunRoute,
  cancelRunRoute,
  listRunsRoute,
  readRunRoute,
  rejectRunRoute,
  startRunRoute,
} from './routes';
import type { Caller } from './tokens';

/** What is known of a request once its token has been looked at. */
export interface ApiVariables {
  Variables: { caller: Caller };
}

/** Puts the handlers behind the routes. */
export function serveRuns(
  api: OpenAPIHono<ApiVariables>,
  { client, ledger, catalog, start }: ApiDependencies,
): void {
  api.openapi(startRunRoute, async (context) => {
    const { name } = context.req.valid('param');
    const { reason, ...body } = context.req.valid('json');
    const caller = context.get('caller').name;
    const idempotencyKey = context.req.valid('header')['idempotency-key'];
    // Refused here and now, and not by a run that fails.
    await catalog.load(name, body.params ?? {});
    const input: TrainingPipelineInput = {
      pipeline: name,
      ...withoutUndefined(body),
      startedBy: `http ${caller}`,
      cause: {
        kind: 'http',
        event:
          idempotencyKey === undefined
            ? `request of ${caller}`
            : `request ${digest(idempotencyKey)} of ${caller}`,
        ...(reason !== undefined && { reason }),
      },
    };
    const event = { pipeline: name, kind: 'http', eventKey: idempotencyKey ?? randomUUID(), input } as const;
    const run = await start(event);
    const claim = await ledger.findEvent(claimKeyFor(event));
    if (claim && !sameRequest(claim.input, input))
      throw new MillraceError('EVENT_REFUSED', 'This Idempotency-Key was used for another request.', {
        where: claim.workflowId,
        mend: 'send another request with another key',
      });
    return context.json(run, run.started ? 201 : 200);
  });

  api.openapi(listRunsRoute, async (context) => {
    const { limit, ...filter } = context.req.valid('query');
    return context.json({ runs: await listRuns(client, { limit, ...withoutUndefined(filter) }) }, 200);
  });

  api.openapi(readRunRoute, async (context) => {
    const { execution, status } = await readRun(client, context.req.valid('param').run);
    return context.json({ execution, status }, 200);
  });

  api.openapi(cancelRunRoute, async (context) => {
    const { run } = context.req.valid('param');
    await cancelRun(client, run);
    return context.json({ workflowId: run, cancelling: true as const }, 202);
  });

  const decide = async (
    caller: string,
    run: string,
    verdict: 'approve' | 'reject',
    why: string | undefined,
  ) => ({
    workflowId: run,
    verdict,
    version:
      (await decideRun(client, run, verdict, { by: caller, ...(why !== undefined && { why }) })) ?? null,
  });
  api.openapi(approveRunRoute, async (context) => {
    const { why } = context.req.valid('json');
    return context.json(
      await decide(context.get('caller').name, context.req.valid('param').run, 'approve', why),
      200,
    );
  });
  api.openapi(rejectRunRoute, async (context) => {
    const { why } = context.req.valid('json');
    return context.json(
      await decide(context.get('caller').name, context.req.valid('param').run, 'reject', why),
      200,
    );
  });
}

/** Whether a repeated key came with the same request. Who sends it may differ, and what people read. */
function sameRequest(one: TrainingPipelineInput, other: TrainingPipelineInput): boolean {
  const essence = ({ cause: _cause, startedBy: _startedBy, ...rest }: TrainingPipelineInput) =>
    canonicalJson(rest);
  return essence(one) === essence(other);
}

/** Keys may be made of anything, also of what is nobody else's business. */
function digest(idempotencyKey: string): string {
  return createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 12);
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };
function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}
