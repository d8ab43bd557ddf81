/**
 * A worker process: `node dist/workers/main.js [--queue NAME …] [--workflows FILE] [--env NAME]` in a project's folder.
 * Without `--queue` it serves all queues. It ends gracefully on SIGTERM and SIGINT; training jobs run on and are adopted.
 */
import { parseArgs } from 'node:util';
import { NativeConnection, Runtime, DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { findProjectRoot, readProject } from '../adapters/project';
import { readStackRecord } from '../adapters/project/stack-record';
import { connectClient, temporalTarget } from '../adapters/temporal/connection';
import { ensureSearchAttributes } from '../adapters/temporal/search-attributes';
import { isMillraceError, MillraceError } from '../contracts/errors';
import { TASK_QUEUES, type QueueKind } from '../contracts/task-queues';
import { createActivities } from './activities';
import { createAdapters } from './adapters';
import { createFleet } from './fleet';
import { serveHealth } from './health';
import { sweepJobs } from './sweep/jobs';
import { startSweep } from './sweep/loop';
import { sweepRecords } from './sweep/records';
import { bundleWorkflows } from './workflow-bundle';

const JOB_SWEEP_MS = 5000;
const RECORD_SWEEP_MS = 15_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      queue: { type: 'string', multiple: true },
      workflows: { type: 'string' },
      env: { type: 'string' },
    },
  });
  const logger = pino({ base: { process: 'worker' } });
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) =>
      logger[level === 'ERROR' ? 'error' : 'warn']({ ...meta }, message),
    ),
  });

  const queues = (values.queue ?? Object.keys(TASK_QUEUES)).map(queueNamed);
  const project = await readProject(await findProjectRoot(process.cwd()));
  const { name, settings: environment } = project.environment(values.env);
  const stack = await readStackRecord(project.root);
  const temporal = temporalTarget(environment.temporal, stack);
  const [{ client, close }, connection, workflowBundle] = await Promise.all([
    connectClient(temporal),
    NativeConnection.connect(temporal.connection),
    bundleWorkflows(values.workflows),
  ]);
  const attributes = await ensureSearchAttributes(client, temporal.namespace);
  if (!attributes.present)
    logger.warn(`runs go without search attributes; an administrator can add them: ${attributes.command}`);

  const adapters = await createAdapters({
    ...{ project, environment, stack, temporal, client },
    environmentName: name,
    launchesJobs: queues.includes('training'),
  });
  const activities = createActivities(adapters, {
    environment: { name, modelPrefix: environment.modelPrefix, pools: environment.pools },
    searchAttributes: attributes.present,
  });
  const workers = await createFleet({
    connection,
    namespace: temporal.namespace,
    queues,
    activities,
    workflowBundle,
    ...(adapters.store.hostBound && { storeId: adapters.store.id }),
  });
  const sweeps = [
    ...(queues.includes('training')
      ? [startSweep('jobs', (last) => sweepJobs({ ...adapters, logger }, last), JOB_SWEEP_MS, logger)]
      : []),
    ...(queues.includes('services')
      ? [
          startSweep(
            'records',
            (last) => sweepRecords({ ...adapters, logger }, last),
            RECORD_SWEEP_MS,
            logger,
          ),
        ]
      : []),
  ];
  if (queues.includes('services')) await adapters.endpoints.ensureAllRunning();

  const health = await serveHealth(Number(process.env.MILLRACE_HEALTH_PORT ?? 0), () => ({
    healthy: workers.every((worker) => worker.getState() === 'RUNNING'),
    queues: workers.map((worker) => ({ queue: worker.options.taskQueue, state: worker.getState() })),
  }));
  const stop = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  logger.info(
    { queues, environment: name, temporal: temporal.connection.address, health: health.url },
    'serving',
  );
  try {
    await Promise.all(workers.map((worker) => worker.run()));
  } finally {
    await Promise.all(sweeps.map((stop) => stop()));
    await health.close();
    await adapters.closeCluster();
    await adapters.ledger.close();
    await Promise.all([close(), connection.close()]);
  }
}

function queueNamed(name: string): QueueKind {
  const kind = Object.entries(TASK_QUEUES).find(([key, queue]) => key === name || queue === name)?.[0];
  if (kind !== undefined) return kind as QueueKind;
  throw new MillraceError('USAGE', `there is no task queue ${name}`, {
    mend: `name one of ${Object.keys(TASK_QUEUES).join(', ')}`,
  });
}

main().catch((error: unknown) => {
  console.error(isMillraceError(error) ? error.describe() : error);
  process.exit(1);
});
