/**
 * The service of `millrace serve`: the triggers that watch something, and the HTTP API. It ends gracefully on SIGTERM and SIGINT, and may be killed:
 * what it had not acknowledged is seen again. Several may run; claims make each event one run. Temporal and the ledger may be away at any time.
 */
import { pino, type Logger } from 'pino';
import { startForEvent, type EventStart } from '../../activities/triggers/start-for-event';
import { openArtifactStore } from '../../adapters/artifact-store/open';
import { openLedger } from '../../adapters/ledger/open';
import { createPipelineCatalog } from '../../adapters/project';
import { lazyClient } from '../../adapters/temporal/connection';
import { createRunStarter } from '../../adapters/temporal/run-starter';
import { serveHealth } from '../../workers/health';
import type { CommandContext } from '../context';
import { EXIT } from '../exit-codes';
import { createPipelineCheck } from './known-pipelines';
import { createOutage } from './outage';
import { serviceParts } from './parts';
import { followRegistrations } from './registrations';
import type { ServiceDependencies } from './part';

const AGAIN_MS = 2000;

/** Serves until it is told to stop. @returns the exit code. */
export async function serve(context: CommandContext): Promise<number> {
  const logger = pino({ base: { process: 'serve' } });
  const told = untilTold();
  const { project, environment } = context;
  const { client, close } = lazyClient(await context.temporal());
  let parts: ReturnType<typeof serviceParts> = [];
  let starting = true;
  const begun = (): void => void (starting = false);
  // Before the ledger: who waits for the health page must not wait for the ledger.
  const health = await serveHealth(Number(process.env.MILLRACE_HEALTH_PORT ?? 0), () => {
    const described = parts.map((part) => ({ part: part.name, ...part.health() }));
    // Until the parts know what to watch, none can say what it lacks.
    return { healthy: described.every(({ healthy }) => healthy), starting, parts: described };
  });
  const opened = { projectRoot: project.root, environment };
  const ledger = await untilOpen('the ledger', () => openLedger(opened), logger, told, begun);
  const store =
    ledger && (await untilOpen('the artifact store', () => openArtifactStore(opened), logger, told, begun));
  if (ledger && store) {
    const starter = createRunStarter(client);
    const catalog = createPipelineCatalog({ project, environment });
    const requirePipeline = createPipelineCheck(catalog);
    const dependencies: ServiceDependencies = {
      ledger,
      store,
      starter,
      client,
      catalog,
      project,
      environment,
      environmentName: context.environmentName,
      dataRoot: project.dataRoot,
      logger,
      async start(event: EventStart) {
        await requirePipeline(event.pipeline);
        return startForEvent({ ledger, starter }, event);
      },
    };
    parts = serviceParts(dependencies);
    const following = followRegistrations(ledger, parts, logger, begun);
    logger.info({ health: health.url, parts: parts.map(({ name }) => name) }, 'serving');
    await told;
    await following.stop();
    await Promise.allSettled(parts.map((part) => part.stop()));
  }
  await ledger?.close();
  await health.close();
  await close();
  return EXIT.ok;
}

/** What `open` gives, once it does; undefined when the service is told to stop before. `onAway` is told of each failure. */
async function untilOpen<Opened>(
  what: string,
  open: () => Promise<Opened>,
  logger: Logger,
  told: Promise<void>,
  onAway: () => void,
): Promise<Opened | undefined> {
  const outage = createOutage(what, logger);
  for (;;) {
    try {
      const opened = await open();
      outage.ended();
      return opened;
    } catch (error) {
      outage.failed(error);
      onAway();
    }
    const pause = new Promise<'again'>((resolve) => setTimeout(() => resolve('again'), AGAIN_MS));
    if ((await Promise.race([told, pause])) !== 'again') return undefined;
  }
}

function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}
