/** The HTTP API as a part of the service. */
import type { Server } from 'node:http';
import path from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { readSecret } from '../../../adapters/project/secrets';
import { STATE_FOLDER } from '../../../adapters/project/stack-record';
import { isMillraceError } from '../../../contracts/errors';
import { createOutage } from '../outage';
import type { ServiceDependencies, ServicePart } from '../part';
import { createApi } from './app';
import { listen } from './listen';
import { readTokens, type TokenBook } from './tokens';

/** Tokens that are added or taken away count after this long. */
const TOKENS_AGAIN_MS = 5000;
/** A request that is not whole by then is given up. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Serves the API at `api.host` and `api.port`. Where the port is 0, a free one is taken, and taken again at the next start. */
export function createApiPart(dependencies: ServiceDependencies): ServicePart {
  const { environment, project, logger } = dependencies;
  const tokens = followTokens(dependencies);
  const api = createApi({
    client: dependencies.client,
    ledger: dependencies.ledger,
    catalog: dependencies.catalog,
    start: (event) => dependencies.start(event),
    tokens: (token) => tokens.book(token),
    tell: (error) => logger.error({ err: error }, 'a request failed'),
  });
  const server = createAdaptorServer({
    fetch: api.fetch,
    serverOptions: { requestTimeout: REQUEST_TIMEOUT_MS },
  }) as Server;
  let url: string | undefined;
  let refused: { readonly reason: string; readonly mend?: string | undefined } | undefined;
  return {
    name: 'api',
    // Called before anything else, and again until it succeeds: a port that is taken may be given up.
    update: async () => {
      if (url !== undefined) return;
      await tokens.look();
      try {
        url = await listen(server, environment.api, path.join(project.root, STATE_FOLDER, 'api-port'));
        refused = undefined;
      } catch (error) {
        refused = isMillraceError(error)
          ? { reason: error.message, mend: error.mend }
          : { reason: String(error) };
        throw error;
      }
      logger.info({ api: url }, 'the API listens');
    },
    stop: async () => {
      tokens.stop();
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await closed;
    },
    health: () => ({ healthy: url !== undefined, url, tokens: tokens.state(), ...refused }),
  };
}

/** Reads the tokens again and again, so that one that is taken away is of no use a moment later. What cannot be read lets nobody in. */
function followTokens({ environment, project, logger }: ServiceDependencies) {
  const reference = environment.api.tokens;
  const outage = createOutage('the file with the tokens of the API', logger);
  let known: TokenBook = () => undefined;
  const look = async (): Promise<void> => {
    if (reference === undefined) return;
    try {
      known = readTokens(await readSecret(reference, project.root));
      outage.ended();
    } catch (error) {
      known = () => undefined;
      outage.failed(error);
    }
  };
  const timer = setInterval(() => void look(), TOKENS_AGAIN_MS);
  return {
    look,
    book: (token: string) => known(token),
    state: () => (reference === undefined ? 'none are named: nobody gets in' : (outage.reason ?? 'read')),
    stop: () => clearInterval(timer),
  };
}
