/**
 * Catches: an interval that runs twice or not at all, a scheduled start that ends before its run (so that `overlap` means nothing), a cancellation that does
 * not reach the run, a failure that is told twice, and a claim that is left for the trigger service to start what was cancelled.
 */
import { join } from 'node:path';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { createScheduledRunActivities } from '../../src/activities/triggers/scheduled-runs';
import { createSqliteLedger } from '../../src/adapters/ledger/sqlite';
import type { ScheduledRunInput, ScheduledRunResult } from '../../src/contracts/scheduled-run';
import { TASK_QUEUES } from '../../src/contracts/task-queues';
import type { Ledger } from '../../src/ports/ledger';
import { bundleWorkflows, quietTemporal, startTimeSkipping } from '../support/temporal';

jest.setTimeout(60_000);
quietTemporal();

const NIGHTLY = { cron: ['0 2 * * *'], timezone: 'Europe/Berlin' };
/** On time in summer: the interval is the day before. */
const AT = '2026-07-02T00:00:00Z';
const RUN = 'churn/schedule/2026-07-01T00:00Z--2026-07-02T00:00Z';

let bundle: WorkflowBundleWithSourceMap;
let environment: TestWorkflowEnvironment;
let ledger: Ledger;
let end: () => Promise<void>;
/** Called when a claim is made, before its answer. */
let claimed: () => Promise<unknown>;

beforeAll(async () => {
  bundle = await bundleWorkflows(join(__dirname, '..', 'support', 'schedules', 'workflows.ts'));
});
beforeEach(async () => {
  environment = await startTimeSkipping();
  ledger = await createSqliteLedger(':memory:');
  claimed = () => Promise.resolve();
  const real = createScheduledRunActivities({ ledger });
  const activities = {
    ...real,
    claimScheduledRun: async (input: Parameters<typeof real.claimScheduledRun>[0]) => {
      const claim = await real.claimScheduledRun(input);
      await claimed();
      return claim;
    },
  };
  const connection = environment.nativeConnection;
  const workers = await Promise.all([
    Worker.create({ connection, taskQueue: TASK_QUEUES.pipelines, workflowBundle: bundle }),
    Worker.create({ connection, taskQueue: TASK_QUEUES.services, activities }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  end = async () => {
    for (const worker of workers) worker.shutdown();
    await running;
    await environment.teardown();
    await ledger.close();
  };
});
afterEach(() => end());

type Start = (input: ScheduledRunInput) => Promise<ScheduledRunResult>;
let starts = 0;
function start(pipeline = 'churn', scheduledAt = AT): Promise<WorkflowHandle<Start>> {
  return environment.client.workflow.start<Start>('scheduledRun', {
    workflowId: `${pipeline}/scheduled-${String((starts += 1))}`,
    taskQueue: TASK_QUEUES.pipelines,
    args: [{ pipeline, environment: 'local', schedule: NIGHTLY, scheduledAt }],
  });
}

/** The run, once it is there. */
async function runOf(workflowId: string): Promise<WorkflowHandle> {
  const handle = environment.client.workflow.getHandle(workflowId);
  for (;;) {
    const described = await handle.describe().catch(() => undefined);
    if (described) return handle;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('the run gets the start of its interval, and its start by the schedule lasts as long as it does', async () => {
  const scheduled = await start();
  const run = await runOf(RUN);
  expect((await scheduled.describe()).status.name).toBe('RUNNING');
  await run.signal('end', 'ok');
  expect(await scheduled.result()).toEqual({
    workflowId: RUN,
    nominalDate: '2026-07-01T02:00:00+02:00',
    run: 'completed',
  });
  const input = (await run.result()) as Record<string, unknown>;
  expect(input).toMatchObject({
    pipeline: 'churn',
    environment: 'local',
    nominalDate: '2026-07-01T02:00:00+02:00',
    startedBy: 'schedule',
    cause: { kind: 'schedule', event: AT },
  });
  const { key } = input.cause as { key: string };
  expect((await ledger.findEvent(key))?.runId).toBe((await run.describe()).runId);
});

test('an interval has one run: not one more by hand in the afternoon', async () => {
  const first = await (await start('quick')).result();
  expect(first.run).toBe('completed');
  const run = environment.client.workflow.getHandle(first.workflowId);
  const { runId } = await run.describe();
  expect(await (await start('quick', '2026-07-02T13:11:00Z')).result()).toEqual({
    ...first,
    run: 'done-before',
  });
  expect((await run.describe()).runId).toBe(runId);
  const next = {
    workflowId: 'quick/schedule/2026-07-02T00:00Z--2026-07-03T00:00Z',
    nominalDate: '2026-07-02T02:00:00+02:00',
  };
  const at = '2026-07-03T00:00:00Z';
  expect(await (await start('quick', at)).result()).toEqual({ ...next, run: 'completed' });
  expect(await (await start('quick', at)).result()).toEqual({ ...next, run: 'done-before' });
});

test('a schedule that was daily and is weekly now runs its first week, although a day began with it', async () => {
  const { claimScheduledRun, confirmScheduledRun } = createScheduledRunActivities({ ledger });
  const claim = (cron: string, scheduledAt: string) =>
    claimScheduledRun({ pipeline: 'sparser', schedule: { cron: [cron], timezone: 'UTC' }, scheduledAt });
  const day = await claim('0 2 * * *', '2026-11-16T02:00:00Z');
  await confirmScheduledRun({ key: day.key, runId: 'r' });
  // The week begins on the Sunday on which that day began, too.
  const week = await claim('0 2 * * 0', '2026-11-22T02:00:00Z');
  expect(week.nominalDate).toBe(day.nominalDate);
  expect(week.workflowId).not.toBe(day.workflowId);
  expect(week.runId).toBeUndefined();
  expect(await claim('0 2 * * *', '2026-11-16T13:00:00Z')).toMatchObject({
    workflowId: day.workflowId,
    runId: 'r',
  });
});

test('the ledger alone knows that an interval has had its run', async () => {
  const { claimScheduledRun, confirmScheduledRun } = createScheduledRunActivities({ ledger });
  const { key } = await claimScheduledRun({ pipeline: 'churn', schedule: NIGHTLY, scheduledAt: AT });
  await confirmScheduledRun({ key, runId: 'of a history that was deleted' });
  expect((await (await start()).result()).run).toBe('done-before');
  await expect(environment.client.workflow.getHandle(RUN).describe()).rejects.toThrow();
});

test('a run that is there already is not started again, and its claim is closed', async () => {
  await environment.client.workflow.start('trainingPipeline', {
    workflowId: RUN,
    taskQueue: TASK_QUEUES.pipelines,
    args: [{ pipeline: 'churn' }],
  });
  expect((await (await start()).result()).run).toBe('done-before');
  expect(await ledger.listUnconfirmed('9999', 10)).toEqual([]);
});

test('a run that fails has failed once: its start by the schedule completes and says so', async () => {
  const scheduled = await start();
  await (await runOf(RUN)).signal('end', 'failed');
  expect((await scheduled.result()).run).toBe('failed');
  expect((await scheduled.describe()).status.name).toBe('COMPLETED');
});

test('a cancellation reaches the run, and is over when the run is', async () => {
  const scheduled = await start();
  const run = await runOf(RUN);
  await scheduled.cancel();
  await expect(scheduled.result()).rejects.toThrow(WorkflowFailedError);
  expect((await run.describe()).status.name).toBe('CANCELLED');
  expect((await scheduled.describe()).status.name).toBe('CANCELLED');
});

test('a start that is cancelled between its claim and its run leaves no claim that another would start', async () => {
  const started = Promise.withResolvers<WorkflowHandle<Start>>();
  claimed = async () => (await started.promise).cancel();
  const scheduled = await start();
  started.resolve(scheduled);
  await expect(scheduled.result()).rejects.toThrow(WorkflowFailedError);
  expect(await ledger.listUnconfirmed('9999', 10)).toEqual([]);
  await expect(environment.client.workflow.getHandle(RUN).describe()).rejects.toThrow();
});
