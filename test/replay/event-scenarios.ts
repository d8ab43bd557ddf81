/** Runs that wait, publish, are held or share a pool; pools, scheduled starts and backfills: for the histories of what starts runs, and of what they share. */
import type { Client, WorkflowHandle } from '@temporalio/client';
import { createBackfillActivities } from '../../src/activities/backfill';
import {
  createLeaseActivities,
  createPoolActivities,
  createPoolWordActivities,
} from '../../src/activities/pools';
import { createScheduledRunActivities } from '../../src/activities/triggers/scheduled-runs';
import { createPoolMessenger } from '../../src/adapters/temporal/pool-messenger';
import { createRunDirectory } from '../../src/adapters/temporal/run-directory';
import type {
  BackfillActivities,
  JobKeepingActivities,
  LeaseActivities,
  PoolActivities,
  ScheduledRunActivities,
} from '../../src/contracts/activity-interfaces';
import { ANNOUNCED_SIGNAL, type Announcement } from '../../src/contracts/announcements';
import { BACKFILL_MESSAGES, type BackfillInput, type BackfillStatus } from '../../src/contracts/backfill';
import { backfillIdFor, poolIdFor } from '../../src/contracts/ids';
import { POOL_MESSAGES, type PoolStatus } from '../../src/contracts/pools';
import { RUN_MESSAGES } from '../../src/contracts/runs';
import type { ScheduledRunInput, ScheduledRunResult } from '../../src/contracts/scheduled-run';
import { TASK_QUEUES } from '../../src/contracts/task-queues';
import { WORKFLOW_TYPES } from '../../src/contracts/workflow-types';
import type { Ledger } from '../../src/ports/ledger';
import { statusOf, type PipelineSuite } from '../workflows/pipeline-suite';
import { final } from '../workflows/scripted-activities';
import { childOf, ended, type Recorded } from './scenarios';

type MoreActivities = BackfillActivities &
  JobKeepingActivities &
  LeaseActivities &
  PoolActivities &
  ScheduledRunActivities;

/** So few partitions are planned at once, that a full history is a short one. */
const PAGE = 4;

/** Activities beside the fakes: those of pools, schedules and backfills, over the real server and this ledger. */
export function moreActivities(ledger: Ledger): (client: Client) => MoreActivities {
  return (client) => {
    const runs = createRunDirectory(client);
    const { planBackfill } = createBackfillActivities({ ledger, runs });
    const backend = { endLease: () => Promise.resolve(true), keep: () => Promise.resolve(['a job']) };
    return {
      ...createPoolWordActivities({ pools: createPoolMessenger(client) }),
      ...createPoolActivities({ pools: createPoolMessenger(client) }),
      ...createLeaseActivities({ runs, backend }),
      ...createScheduledRunActivities({ ledger }),
      planBackfill: (input) => planBackfill({ ...input, limit: PAGE }),
    };
  };
}

const said = (kind: Announcement['kind'], name: string): Announcement => ({
  id: `${kind} ${name}`,
  kind,
  name,
  outcome: 'published',
  pipeline: 'upstream',
  workflowId: `upstream/manual/${name}`,
  runId: 'r',
  at: '2026-01-01T00:00:00.000Z',
});

/** One announcement was there before, the other comes as a signal. */
async function waited(suite: PipelineSuite): Promise<Recorded> {
  await suite.next();
  const { pipeline } = suite;
  const common = { within: 3600, failed: ['failed' as const], timeout: 7200 };
  pipeline.resolved.waitFor = [
    { dataset: 'churn.features', ...common },
    { pipeline: 'cleaning', outcomes: ['published'], ...common },
  ];
  pipeline.found.push(said('pipeline', 'cleaning'));
  const run = await suite.run();
  const awaited = 'the data set churn.features';
  await suite.until('it waits for one', async () => (await statusOf(run)).waiting?.for === awaited);
  await run.signal(ANNOUNCED_SIGNAL, said('dataset', 'churn.features'));
  await run.result();
  return { 'trainingPipeline-waited': run };
}

/** What is waited for has failed: the run strikes itself off. */
async function upstreamFailed(suite: PipelineSuite): Promise<Recorded> {
  await suite.next();
  suite.pipeline.resolved.waitFor = [
    { pipeline: 'cleaning', outcomes: ['published'], within: 3600, failed: ['failed'], timeout: 7200 },
  ];
  const run = await suite.run();
  await suite.until('it waits', async () => (await statusOf(run)).waiting !== undefined);
  await run.signal(ANNOUNCED_SIGNAL, { ...said('pipeline', 'cleaning'), outcome: 'failed' });
  await ended(run);
  return { 'trainingPipeline-upstream-failed': run };
}

/** A data set of sources, and one that a Python function makes. */
async function published(suite: PipelineSuite): Promise<Recorded> {
  await suite.next();
  const { resolved } = suite.pipeline;
  resolved.publishes = 'churn.features';
  resolved.candidates = [];
  delete resolved.model;
  const run = await suite.run({ nominalDate: '2026-01-02T00:00:00Z' });
  await run.result();
  resolved.featureCode = 'features.py:build';
  const made = await suite.run();
  await made.result();
  return { 'trainingPipeline-published': run, 'trainingPipeline-made': made };
}

/** Held and resumed between two stages, hurried, its jobs asked to be kept; at most one run may be active, so that it takes its slot twice. */
async function held(suite: PipelineSuite): Promise<Recorded> {
  await suite.next();
  suite.pipeline.resolved.maxActiveRuns = 1;
  const data = suite.pipeline.hold('acquireData');
  const run = await suite.run();
  await data.reached;
  await run.signal(RUN_MESSAGES.hold, { by: 'ada', why: 'the source is being mended' });
  data.release();
  const isHeld = async (): Promise<boolean> => (await statusOf(run)).waiting?.for.includes('held') === true;
  await suite.until('it is held', isHeld);
  await run.signal(RUN_MESSAGES.setPriority, { priority: 1, by: 'ada' });
  await run.executeUpdate(RUN_MESSAGES.keepJobs);
  await run.signal(RUN_MESSAGES.resume, { by: 'ada' });
  await run.result();
  return { 'trainingPipeline-held': run };
}

/** Three candidates share one unit; one loses its lease and asks again; a second run is cancelled while it holds and waits; a third is terminated. */
async function shared(suite: PipelineSuite): Promise<Recorded> {
  await suite.next();
  const { pipeline } = suite;
  pipeline.resolved.pool = {
    name: 'gpu',
    units: { logistic: 1, forest: 1, boosted: 1 },
    limit: { units: 1, asOf: '2026-11-21T12:00:00.000Z' },
  };
  pipeline.resolved.parallel = 3;
  pipeline.fail('runTrainingJob forest', final('LEASE_LOST'));
  const owner = suite.client.workflow.getHandle(poolIdFor('gpu'));
  const status = (): Promise<PoolStatus> => owner.query<PoolStatus>(POOL_MESSAGES.status);
  const isEmpty = async (): Promise<boolean> => {
    const { holders, waiting } = await status();
    return holders.length === 0 && waiting === 0;
  };
  const first = await suite.run();
  await first.result();
  const children: Record<string, WorkflowHandle> = {
    'trainCandidate-leased': await childOf(suite, first, 'forest'),
  };
  for (const end of ['cancel', 'terminate'] as const) {
    const job = pipeline.hold('runTrainingJob');
    const run = await suite.run();
    await job.reached;
    await suite.until('two say that they wait', async () => {
      const { candidates } = await statusOf(run);
      return candidates.filter(({ waiting }) => waiting !== undefined).length === 2;
    });
    const waiter = (await status()).waiters[0]?.what.split('/')[1] ?? '';
    if (end === 'cancel') children['trainCandidate-withdrawn'] = await childOf(suite, run, waiter);
    await run[end]();
    await ended(run);
    await suite.until('the pool is empty', isEmpty);
    job.release();
  }
  await owner.signal(POOL_MESSAGES.setLimit, { units: 2 });
  await suite.until('the limit is changed', async () => (await status()).limit === 2);
  return { 'trainingPipeline-shared': first, resourcePool: owner, ...children };
}

/** One start whose run ends well, one that finds it done, and one that is cancelled with its run. */
async function scheduled(suite: PipelineSuite): Promise<Recorded> {
  await suite.next();
  const start = (id: string, scheduledAt: string) =>
    suite.client.workflow.start<(input: ScheduledRunInput) => Promise<ScheduledRunResult>>(
      WORKFLOW_TYPES.scheduledRun,
      {
        workflowId: `telco-churn/scheduled-${id}`,
        taskQueue: TASK_QUEUES.pipelines,
        args: [
          {
            pipeline: 'telco-churn',
            environment: 'local',
            schedule: { cron: ['0 2 * * *'], timezone: 'Europe/Berlin' },
            scheduledAt,
          },
        ],
      },
    );
  const completed = await start('1', '2026-07-02T00:00:00Z');
  await completed.result();
  const again = await start('2', '2026-07-02T00:00:00Z');
  await again.result();
  const data = suite.pipeline.hold('acquireData');
  const cancelled = await start('3', '2026-07-03T00:00:00Z');
  await data.reached;
  await cancelled.cancel();
  await cancelled.result().catch(() => undefined);
  data.release();
  return {
    'scheduledRun-completed': completed,
    'scheduledRun-done-before': again,
    'scheduledRun-cancelled': cancelled,
  };
}

/** One whose history is full on its way, with a partition that fails and its window widened; one that is cancelled. */
async function backfilled(suite: PipelineSuite): Promise<Recorded> {
  await suite.next();
  const { pipeline } = suite;
  const start = (id: string, input: Partial<BackfillInput> & Pick<BackfillInput, 'range'>) =>
    suite.client.workflow.start<(input: BackfillInput) => Promise<BackfillStatus>>(WORKFLOW_TYPES.backfill, {
      workflowId: backfillIdFor('telco-churn', id),
      taskQueue: TASK_QUEUES.pipelines,
      args: [{ pipeline: 'telco-churn', parallel: 2, ...input }],
    });
  pipeline.fail('validateData', final('QUALITY_FAILED'));
  const data = pipeline.hold('acquireData');
  const range = { from: '2026-01-01', to: '2026-01-14', every: 'day' as const };
  const continued = await start('b1', { range, eventsPerExecution: 100, startedBy: 'ada' });
  await data.reached;
  await continued.executeUpdate<unknown, [unknown]>(BACKFILL_MESSAGES.setParallel, {
    args: [{ parallel: 3 }],
  });
  data.release();
  await continued.result();
  const { runId } = await suite.client.workflow.getHandle(continued.workflowId).describe();
  const again = pipeline.hold('acquireData');
  const cancelled = await start('b2', { range, mode: 'all' });
  await again.reached;
  await cancelled.cancel();
  await cancelled.result().catch(() => undefined);
  again.release();
  const execution = (id: string): WorkflowHandle => suite.client.workflow.getHandle(continued.workflowId, id);
  return {
    'backfill-continued': execution(continued.firstExecutionRunId),
    'backfill-ended': execution(runId),
    'backfill-cancelled': cancelled,
  };
}

export const EVENT_SCENARIOS = [waited, upstreamFailed, published, held, shared, scheduled, backfilled];
