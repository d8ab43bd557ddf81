/**
 * The service of `millrace serve`: the triggers that watch something, and the HTTP API. It ends gracefully on SIGTERM and SIGINT, and may be killed:
 * what it had not acknowledged is seen again. Several may run; claims make each event one run.
 */
import path from 'node:path';
import { pino } from 'pino';
import { startForEvent } from '../../activities/triggers/start-for-event';
import { createFileArtifactStore } from '../../adapters/artifact-store/file';
import { createSqliteLedger } from '../../adapters/ledger/sqlite';
import { STATE_FOLDER } from '../../adapters/project/stack-record';
import { createRunStarter } from '../../adapters/temporal/run-starter';
import { serveHealth } from '../../workers/health';
import type { CommandContext } from '../context';
import { EXIT } from '../exit-codes';
import { followRegistrations } from './registrations';
import type { ServiceDependencies, ServicePart } from './watcher';

/** Serves until it is told to stop. @returns the exit code. */
export async function serve(context: CommandContext): Promise<number> {
  const logger = pino({ base: { process: 'serve' } });
  return context.withClient(async (client) => {
    const { project, environment } = context;
    const ledgerPath =
      'path' in environment.ledger ? environment.ledger.path : path.join(STATE_FOLDER, 'ledger.sqlite');
    const storePath = 'path' in environment.store ? environment.store.path : path.join(STATE_FOLDER, 'store');
    const ledger = await createSqliteLedger(path.resolve(project.root, ledgerPath));
    const starter = createRunStarter(client);
    const dependencies: ServiceDependencies = {
      ledger,
      store: await createFileArtifactStore({ root: path.resolve(project.root, storePath) }),
      dataRoot: project.dataRoot,
      logger,
      start: (event) => startForEvent({ ledger, starter }, event),
    };
    const parts = serviceParts(dependencies);
    const stopFollowing = await followRegistrations(ledger, parts, logger);
    const health = await serveHealth(Number(process.env.MILLRACE_HEALTH_PORT ?? 0), () => {
      const described = parts.map((part) => ({ part: part.name, ...part.health() }));
      return { healthy: described.every(({ healthy }) => healthy), parts: described };
    });
    logger.info({ health: health.url, parts: parts.map(({ name }) => name) }, 'serving');
    await untilTold();
    await stopFollowing();
    await Promise.all(parts.map((part) => part.stop()));
    await health.close();
    await ledger.close();
    return EXIT.ok;
  });
}

/** The parts of the service; each looks at the registrations for what concerns it. */
function serviceParts(dependencies: ServiceDependencies): ServicePart[] {
  dependencies.logger.debug('no part is there yet');
  return [];
}

function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}
