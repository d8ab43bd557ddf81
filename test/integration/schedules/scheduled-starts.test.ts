/**
 * Catches: a Schedule of the real server whose run gets the wrong nominal date, an overlap policy that does not look at runs, an interval that runs twice
 * when its start is repeated, and a termination that leaves the run behind.
 */
import { join } from 'node:path';
import { ScheduleOverlapPolicy, type ScheduleHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createScheduledRunActivities } from '../../../src/activities/triggers/scheduled-runs';
import { openLedger } from '../../../src/adapters/ledger/open';
import { apply } from '../../../src/client/commands/apply';
import { listRuns } from '../../../src/client/runs/list-runs';
import { TASK_QUEUES } from '../../../src/contracts/task-queues';
import type { Ledger } from '../../../src/ports/ledger';
import { until } from '../../support/faults/until';
import { ScheduleProject } from '../../support/schedules/schedule-project';
import { bundleWorkflows, quietTemporal } from '../../support/temporal';

jest.setTimeout(120_000);
quietTemporal();

let project: ScheduleProject;
let ledger: Ledger;
let stop: () => Promise<void>;

beforeAll(async () => {
  project = await ScheduleProject.create();
  const path = '.millrace/ledger.sqlite';
  ledger = await openLedger({ projectRoot: project.root, environment: { ledger: { path } } });
  const connection = await NativeConnection.connect({ address: project.server.address });
  const workflowBundle = await bundleWorkflows(
    join(__dirname, '..', '..', 'support', 'schedules', 'workflows.ts'),
  );
  const workers = await Promise.all([
    Worker.create({ connection, taskQueue: TASK_QUEUES.pipelines, workflowBundle }),
    Worker.create({
      connection,
      taskQueue: TASK_QUEUES.services,
      activities: createScheduledRunActivities({ ledger }),
    }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  stop = async () => {
    for (const worker of workers) worker.shutdown();
    await running;
    await connection.close();
  };
  // Minutes around a midnight that is over: a Schedule of every minute might make a start of its own while the test looks.
  await project.write('quick-minutes', 'schedule: { cron: "0,1,58,59 0,23 20,21 11 *", overlap: allowAll }');
  await project.write(
    'quick-nights',
    'schedule: { cron: "30 2 * * *", timezone: Europe/Berlin, overlap: bufferAll }',
  );
  for (const overlap of ['skip', 'terminateOther', 'cancelOther'])
    await project.write(
      `held-${overlap.toLowerCase()}`,
      `schedule: { cron: "0 0 1 1 *", overlap: ${overlap} }`,
    );
  await project.type((context) => apply(context, undefined, {}));
});
afterAll(async () => {
  await stop();
  await ledger.close();
  await project.remove();
});

const scheduleOf = (pipeline: string): ScheduleHandle =>
  project.client.schedule.getHandle(`schedule/${pipeline}`);
const fill = (pipeline: string, start: string, end: string): Promise<void> =>
  scheduleOf(pipeline).backfill([{ start: new Date(start), end: new Date(end) }]);
const stateOf = async (workflowId: string): Promise<string> =>
  project.client.workflow
    .getHandle(workflowId)
    .describe()
    .then(({ status }) => status.name as string)
    .catch(() => 'none');
const runIs = (workflowId: string, state: string): Promise<true> =>
  until(`${workflowId} is ${state}`, async () => (await stateOf(workflowId)) === state);
/** Starts of a Schedule that are over, and how many they were. */
const startsOf = async (pipeline: string): Promise<string[]> => {
  const { info } = await scheduleOf(pipeline).describe();
  return Promise.all(info.recentActions.map(({ action }) => stateOf(action.workflow.workflowId)));
};

const startsAreOver = (count: number): Promise<unknown> =>
  until(`${count} starts are over`, async () => {
    const states = await startsOf('quick-minutes');
    return states.length === count && states.every((state) => state === 'COMPLETED');
  });

/** The interval that is a year. */
const year = (number: number): string => `${String(number)}-01-01T00:00Z--${String(number + 1)}-01-01T00:00Z`;

test('each start has the nominal date of its interval, and the same start again runs nothing', async () => {
  await fill('quick-minutes', '2026-11-20T23:59:00Z', '2026-11-21T00:01:00Z');
  const ids = [
    'quick-minutes/schedule/2026-11-20T23:58Z--2026-11-20T23:59Z',
    'quick-minutes/schedule/2026-11-20T23:59Z--2026-11-21T00:00Z',
    'quick-minutes/schedule/2026-11-21T00:00Z--2026-11-21T00:01Z',
  ];
  for (const id of ids) await runIs(id, 'COMPLETED');
  const handles = ids.map((id) => project.client.workflow.getHandle(id));
  const dates = await Promise.all(
    handles.map(async (handle) => ((await handle.result()) as { nominalDate: string }).nominalDate),
  );
  expect(dates).toEqual(['2026-11-20T23:58:00Z', '2026-11-20T23:59:00Z', '2026-11-21T00:00:00Z']);
  const before = await Promise.all(handles.map(async (handle) => (await handle.describe()).runId));

  // A start whose workflow is open makes none of the same id: the starter ends a moment after its run.
  await startsAreOver(3);
  await fill('quick-minutes', '2026-11-20T23:59:00Z', '2026-11-21T00:01:00Z');
  await startsAreOver(6);
  expect(await Promise.all(handles.map(async (handle) => (await handle.describe()).runId))).toEqual(before);
  const listed = await listRuns(project.client, { pipeline: 'quick-minutes', limit: 100 });
  expect(listed.map(({ workflowId }) => workflowId).sort()).toEqual(ids);
});

test('when the clocks change, the intervals lie between the starts that the server makes', async () => {
  await fill('quick-nights', '2025-03-28T12:00:00Z', '2025-04-01T12:00:00Z');
  // On the 30th the clock jumps from 2 to 3: there is no half past two.
  const ids = [
    'quick-nights/schedule/2025-03-28T01:30Z--2025-03-29T01:30Z',
    'quick-nights/schedule/2025-03-29T01:30Z--2025-03-31T00:30Z',
    'quick-nights/schedule/2025-03-31T00:30Z--2025-04-01T00:30Z',
  ];
  for (const id of ids) await runIs(id, 'COMPLETED');
  expect(await startsOf('quick-nights')).toHaveLength(3);
  const result: unknown = await project.client.workflow
    .getHandle('quick-nights/schedule/2025-03-31T00:30Z--2025-04-01T00:30Z')
    .result();
  expect(result).toMatchObject({ nominalDate: '2025-03-31T02:30:00+02:00' });
});

test('overlap: skip — while a run is open, the next start is not made', async () => {
  await fill('held-skip', '2023-12-31T00:00:00Z', '2025-02-01T00:00:00Z');
  const run = `held-skip/schedule/${year(2023)}`;
  await runIs(run, 'RUNNING');
  await until('the second start is skipped', async () => {
    const { info } = await scheduleOf('held-skip').describe();
    return info.numActionsSkippedOverlap === 1 && info.runningActions.length === 1;
  });
  await project.client.workflow.getHandle(run).signal('end', 'failed');
  await runIs(run, 'FAILED');
  await until(
    'the start is over, and has not failed',
    async () => (await startsOf('held-skip')).join() === 'COMPLETED',
  );
  expect(await stateOf(`held-skip/schedule/${year(2024)}`)).toBe('none');
  const { state, policies } = await scheduleOf('held-skip').describe();
  expect({ paused: state.paused, catchUp: policies.catchupWindow }).toEqual({
    paused: false,
    catchUp: 10_000,
  });
});

test.each([
  ['terminateOther', 'held-terminateother', 'TERMINATED'],
  ['cancelOther', 'held-cancelother', 'CANCELLED'],
])('overlap: %s — the next start ends the run that is open', async (_, pipeline, end) => {
  await fill(pipeline, '2023-12-31T00:00:00Z', '2024-02-01T00:00:00Z');
  await runIs(`${pipeline}/schedule/${year(2023)}`, 'RUNNING');
  await fill(pipeline, '2024-12-31T00:00:00Z', '2025-02-01T00:00:00Z');
  await runIs(`${pipeline}/schedule/${year(2023)}`, end);
  await runIs(`${pipeline}/schedule/${year(2024)}`, 'RUNNING');
});

test('a start by hand between times is for the last whole interval', async () => {
  await project.write('quick-years', 'schedule: { cron: "0 0 1 1 *" }');
  await project.type((context) => apply(context, undefined, {}));
  await scheduleOf('quick-years').trigger(ScheduleOverlapPolicy.SKIP);
  await until('its start is over', async () => (await startsOf('quick-years')).join() === 'COMPLETED');
  const last = new Date().getUTCFullYear() - 1;
  expect(await stateOf(`quick-years/schedule/${year(last)}`)).toBe('COMPLETED');
});
