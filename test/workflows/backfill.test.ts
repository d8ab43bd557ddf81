// Catches a backfill that opens more runs than it may, that one failed partition stops, that forgets what it counted when its history is full, that
// goes on after it was cancelled, or whose runs may promote. The server is a real one; runs are of one activity.
import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { BACKFILL_MESSAGES, type BackfillStatus, type ParallelChange } from '../../src/contracts/backfill';
import { recordRun } from '../support/backfill/stand-in';
import { BackfillSuite, type Backfill } from '../support/backfill/suite';
import { quietTemporal } from '../support/temporal';
import { eventually } from './owner-suite';

jest.setTimeout(60_000);
quietTemporal();

let suite: BackfillSuite;
let pipeline: string;
let count = 0;
beforeAll(async () => {
  suite = await BackfillSuite.start();
  await suite.serve(['workflows', 'services', 'runs'], 50);
});
let release = (): void => undefined;
afterEach(() => release());
afterAll(() => suite.end());
beforeEach(() => {
  suite.behave = () => 'stopped';
  pipeline = `churn-${String((count += 1))}`;
});

const statusOf = (backfill: Backfill): Promise<BackfillStatus> =>
  backfill.query<BackfillStatus>(BACKFILL_MESSAGES.status);
const January = { from: '2026-01-01', to: '2026-01-31' };

/** Runs that wait until they are let go on. */
function held(): { open: () => number; most: () => number; letGo: () => void } {
  let [open, most] = [0, 0];
  let letGo = (): void => undefined;
  const released = new Promise<void>((resolve) => (letGo = resolve));
  // A test that fails before it lets go must not hold up the end of the suite.
  release = letGo;
  suite.behave = async () => {
    most = Math.max(most, (open += 1));
    await released;
    open -= 1;
    return 'stopped';
  };
  return { open: () => open, most: () => most, letGo };
}

test('every partition runs once, for its date, at the lowest priority, and may not promote', async () => {
  const backfill = await suite.backfill({
    pipeline,
    range: January,
    parallel: 8,
    params: { depth: 4 },
    dateParam: 'date',
    startedBy: 'ada',
  });
  expect(await backfill.result()).toEqual({
    pipeline,
    workflowId: backfill.workflowId,
    mode: 'missing',
    promote: false,
    state: 'ended',
    total: 31,
    done: 31,
    failed: 0,
    cancelled: 0,
    skipped: 0,
    outcomes: { stopped: 31 },
    failures: [],
    parallel: 8,
    open: 0,
    running: [],
    next: null,
  } satisfies BackfillStatus);
  const days = suite.days(pipeline);
  expect([days.length, new Set(days).size, days[0], days.at(-1)]).toEqual([
    31,
    31,
    '2026-01-01',
    '2026-01-31',
  ]);
  const run = suite.runs.find(({ workflowId }) => workflowId === `${pipeline}/backfill/2026-01-09`);
  expect(run?.input).toEqual({
    pipeline,
    nominalDate: '2026-01-09T00:00:00Z',
    params: { depth: 4, date: '2026-01-09' },
    promote: false,
    priority: 5,
    startedBy: 'ada',
    cause: { kind: 'backfill', event: `2026-01-09T00:00:00Z of ${backfill.workflowId}` },
  });
  const described = await suite.client.workflow.getHandle(`${pipeline}/backfill/2026-01-09`).describe();
  expect(described.priority?.priorityKey).toBe(5);
});

test('no more runs are open than it may, and how many that is can be changed while it runs', async () => {
  const hold = held();
  const backfill = await suite.backfill({ pipeline, range: January, parallel: 3, promote: true });
  await eventually('three are open', () => hold.open() === 3 || undefined);
  expect(await statusOf(backfill)).toMatchObject({
    total: 31,
    done: 0,
    next: '2026-01-04T00:00:00Z',
    running: [
      { nominalDate: '2026-01-01T00:00:00Z', workflowId: `${pipeline}/backfill/2026-01-01` },
      { nominalDate: '2026-01-02T00:00:00Z' },
      { nominalDate: '2026-01-03T00:00:00Z' },
    ],
  });
  const change = (parallel: number): Promise<BackfillStatus> =>
    backfill.executeUpdate<BackfillStatus, [ParallelChange]>(BACKFILL_MESSAGES.setParallel, {
      args: [{ parallel }],
    });
  await expect(change(0)).rejects.toBeInstanceOf(WorkflowUpdateFailedError);
  expect(await change(5)).toMatchObject({ parallel: 5 });
  await eventually('five are open', () => hold.open() === 5 || undefined);
  hold.letGo();
  expect(await backfill.result()).toMatchObject({ done: 31, parallel: 5, promote: true });
  expect(hold.most()).toBe(5);
  expect(suite.runs.find(({ input }) => input.pipeline === pipeline)?.input.promote).toBe(true);
});

test('partitions that fail stop no other; they are listed, and run again in the modes failed and missing', async () => {
  const broken = new Set(['2026-01-03', '2026-01-20']);
  suite.behave = ({ input }) =>
    broken.has((input.nominalDate ?? '').slice(0, 10)) ? 'failed' : 'registered';
  const first = await suite.backfill({ pipeline, range: January, parallel: 10 });
  const result = await first.result();
  expect(result).toMatchObject({ done: 29, failed: 2, outcomes: { registered: 29 } });
  expect(result.failures.map(({ nominalDate }) => nominalDate.slice(0, 10)).sort()).toEqual([...broken]);
  expect(result.failures[0]).toMatchObject({ code: 'QUALITY_FAILED', message: 'the data broke a rule' });

  broken.delete('2026-01-03');
  const second = await (await suite.backfill({ pipeline, range: January, mode: 'failed' })).result();
  expect(second).toMatchObject({ total: 31, done: 1, failed: 1, skipped: 29 });
  broken.clear();
  const third = await (await suite.backfill({ pipeline, range: January, mode: 'missing' })).result();
  expect(third).toMatchObject({ done: 1, failed: 0, skipped: 30 });
  expect(suite.days(pipeline)).toHaveLength(31 + 2 + 1);
});

test('failed: a date whose own run had ended well before another for it failed is run again', async () => {
  const day = { from: '2026-01-01', to: '2026-01-01' };
  await (await suite.backfill({ pipeline, range: day })).result();
  await recordRun(
    suite.ledger,
    {
      workflowId: `${pipeline}/manual/1`,
      runId: 'r',
      input: { pipeline, nominalDate: '2026-01-01T00:00:00Z' },
    },
    'failed',
  );
  const again = await (await suite.backfill({ pipeline, range: day, mode: 'failed' })).result();
  expect(again).toMatchObject({ done: 1, skipped: 0 });
  expect(suite.days(pipeline)).toHaveLength(2);
});

test('however many are open and fail under long names, what is told of it stays below 16 KB and says how many there are', async () => {
  const long = `${pipeline}-${'n'.repeat(230)}`;
  let letGo = (): void => undefined;
  const released = new Promise<void>((resolve) => (letGo = resolve));
  // A test that fails before it lets go must not hold up the end of the suite.
  release = letGo;
  suite.behave = async () => {
    await released;
    return 'failed';
  };
  const range = { from: '2026-01-01', to: '2026-03-01' };
  const backfill = await suite.backfill({ pipeline: long, range, parallel: 2 });
  const widen = (): Promise<BackfillStatus> =>
    backfill.executeUpdate<BackfillStatus, [ParallelChange]>(BACKFILL_MESSAGES.setParallel, {
      args: [{ parallel: 60 }],
    });
  const busyStatus = async (): Promise<BackfillStatus> => {
    await widen();
    await eventually('sixty are open', async () => (await statusOf(backfill)).open === 60 || undefined);
    return widen();
  };
  const busy = await busyStatus().finally(letGo);
  const result = await backfill.result();
  expect(result).toMatchObject({ total: 60, failed: 60, open: 0 });
  for (const status of [busy, result]) expect(JSON.stringify(status).length).toBeLessThan(16_000);
  expect(busy.running.length).toBeGreaterThan(3);
  expect(result.failures.length).toBeGreaterThan(3);
});

test('a full history is continued as new: nothing is lost, doubled or forgotten', async () => {
  suite.behave = ({ input }) => (input.nominalDate?.startsWith('2026-02-1') === true ? 'failed' : 'stopped');
  const backfill = await suite.backfill({
    pipeline,
    range: { from: '2026-01-01', to: '2026-10-27' },
    parallel: 20,
    eventsPerExecution: 500,
  });
  const first = (await backfill.describe()).runId;
  const result = await backfill.result();
  expect((await suite.client.workflow.getHandle(backfill.workflowId).describe()).runId).not.toBe(first);
  expect(result).toMatchObject({ total: 300, done: 290, failed: 10, skipped: 0, parallel: 20 });
  expect(result.failures).toHaveLength(10);
  const days = suite.days(pipeline);
  expect([days.length, new Set(days).size]).toEqual([300, 300]);
}, 240_000);

test('cancelled: what is open is cancelled, and nothing more is started', async () => {
  const hold = held();
  const backfill = await suite.backfill({ pipeline, range: January, parallel: 4 });
  await eventually('four are open', () => hold.open() === 4 || undefined);
  await backfill.cancel();
  await expect(backfill.result()).rejects.toThrow(/cancelled/i);
  expect(await statusOf(backfill)).toMatchObject({
    state: 'ended',
    cancelled: 4,
    done: 0,
    running: [],
    next: null,
  });
  const run = suite.client.workflow.getHandle(`${pipeline}/backfill/2026-01-01`);
  expect((await run.describe()).status.name).toBe('CANCELLED');
  hold.letGo();
  expect(suite.days(pipeline)).toHaveLength(4);
});

test('terminated: what is open goes on, and the next backfill leaves it alone', async () => {
  const hold = held();
  const two = { from: '2026-01-01', to: '2026-01-02' };
  const backfill = await suite.backfill({ pipeline, range: two });
  await eventually('two are open', () => hold.open() === 2 || undefined);
  await backfill.terminate();
  const next = await suite.backfill({ pipeline, range: { ...two, to: '2026-01-03' } });
  await eventually('the third day is open', () => hold.open() === 3 || undefined);
  hold.letGo();
  expect(await next.result()).toMatchObject({ done: 1, skipped: 2 });
  const left = suite.client.workflow.getHandle(`${pipeline}/backfill/2026-01-01`);
  await left.result();
  expect(suite.days(pipeline)).toHaveLength(3);
});

test('all: every partition again, under ids of its own', async () => {
  const three = { from: '2026-01-01', to: '2026-01-03' };
  await (await suite.backfill({ pipeline, range: three })).result();
  const again = await suite.backfill({ pipeline, range: three, mode: 'all' });
  expect(await again.result()).toMatchObject({ done: 3, skipped: 0 });
  const token = again.workflowId.split('/').at(-1) ?? '';
  expect(suite.runs.map(({ workflowId }) => workflowId)).toContain(
    `${pipeline}/backfill/2026-01-02/${token}`,
  );
  expect(suite.days(pipeline)).toHaveLength(6);
});

test('what it cannot understand fails it at once, in words', async () => {
  const words = async (input: unknown): Promise<string> => {
    const backfill = await suite.backfill(input as Parameters<typeof suite.backfill>[0]);
    const error: unknown = await backfill.result().catch((failure: unknown) => failure);
    return error instanceof WorkflowFailedError ? (error.cause?.message ?? '') : 'no failure';
  };
  expect(await words({ pipeline, range: January, parallel: 0 })).toMatch(/parallel/);
  expect(await words({ pipeline, range: { from: '2026-01-31', to: '2026-01-01' } })).toMatch(
    /ends before it begins/,
  );
});
