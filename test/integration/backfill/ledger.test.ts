// Catches a backfill that runs again what the ledger knows, once Temporal has forgotten it too; that loses or doubles a partition when its worker is
// killed; or whose runs keep live ones waiting. Real server, real ledger, and a worker process that is killed.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { planPartitions, type PartitionPlan } from '../../../src/activities/backfill';
import { partitionsOf, type BackfillMode } from '../../../src/contracts/backfill';
import { backfillRunIdFor } from '../../../src/contracts/ids';
import { BackfillSuite } from '../../support/backfill/suite';
import { recordRun } from '../../support/backfill/stand-in';
import { startTypeScript, type TypeScriptChild } from '../../support/child-process';
import { until } from '../../support/faults/until';
import { quietTemporal } from '../../support/temporal';

jest.setTimeout(240_000);
quietTemporal();

let suite: BackfillSuite;
beforeAll(async () => {
  suite = await BackfillSuite.start();
});
afterAll(() => suite.end());
beforeEach(() => {
  suite.behave = () => 'stopped';
});

const range = { from: '2026-01-30', to: '2026-02-03', every: 'day', timezone: 'Europe/Berlin' } as const;

async function dryRun(pipeline: string, mode: BackfillMode): Promise<PartitionPlan[]> {
  const plans: PartitionPlan[] = [];
  const known = { ledger: suite.ledger, runs: suite.directory };
  for await (const plan of planPartitions(known, { pipeline, mode }, partitionsOf(range))) plans.push(plan);
  return plans;
}
const days = (plans: PartitionPlan[], due: boolean): string[] =>
  plans.filter((plan) => plan.due === due).map(({ date }) => date);

describe('what the ledger knows', () => {
  let stop: () => Promise<void>;
  beforeAll(async () => {
    stop = await suite.serve(['workflows', 'services', 'runs']);
  });
  afterAll(() => stop());

  test('a run of a schedule and one by hand count, whatever the offset of their nominal date; the dry run tells of both', async () => {
    const record = (workflowId: string, nominalDate: string, outcome: string): Promise<void> =>
      recordRun(suite.ledger, { workflowId, runId: 'r', input: { pipeline: 'known', nominalDate } }, outcome);
    await record('known/schedule/1', '2026-01-31T00:00:00+01:00', 'deployed');
    await record('known/manual/1', '2026-01-31T23:00:00Z', 'rejected');
    await record('known/manual/2', '2026-02-02T00:00:00+01:00', 'failed');
    await recordRun(
      suite.ledger,
      { workflowId: 'known/manual/3', runId: 'r', input: { pipeline: 'known' } },
      'deployed',
    );
    const missing = await dryRun('known', 'missing');
    expect(days(missing, true)).toEqual(['2026-01-30', '2026-02-02', '2026-02-03']);
    expect(missing[1]).toEqual({
      nominalDate: '2026-01-31T00:00:00+01:00',
      date: '2026-01-31',
      due: false,
      newest: {
        nominalDate: '2026-01-30T23:00:00.000Z',
        workflowId: 'known/schedule/1',
        outcome: 'deployed',
        startedAt: expect.any(String) as string,
      },
    });
    expect(days(await dryRun('known', 'failed'), true)).toEqual(['2026-02-02']);
    expect(days(await dryRun('known', 'all'), true)).toHaveLength(5);
    expect(suite.days('known')).toEqual([]);

    const result = await (await suite.backfill({ pipeline: 'known', range })).result();
    expect(result).toMatchObject({ total: 5, done: 3, skipped: 2 });
    expect(suite.days('known')).toEqual(['2026-01-30', '2026-02-02', '2026-02-03']);
  });

  test('a date that a run is at counts as served until that run is terminated, whatever its last word was', async () => {
    const held = Promise.withResolvers<string>();
    suite.behave = () => held.promise;
    await suite.live('open', 'open/manual/1', 3);
    const told = { workflowId: 'open/manual/1', runId: 'r' };
    await recordRun(
      suite.ledger,
      { ...told, input: { pipeline: 'open', nominalDate: '2026-02-01T00:00:00+01:00' } },
      'running',
    );
    const due = async (): Promise<string[]> => days(await dryRun('open', 'missing'), true);
    expect(await due()).toEqual(['2026-01-30', '2026-01-31', '2026-02-02', '2026-02-03']);
    await suite.client.workflow.getHandle('open/manual/1').terminate();
    expect(await due()).toHaveLength(5);
    held.resolve('stopped');
    const result = await (await suite.backfill({ pipeline: 'open', range })).result();
    expect(result).toMatchObject({ total: 5, done: 5, skipped: 0 });
  });

  test('again: nothing is started, also when Temporal has forgotten every run', async () => {
    const first = await suite.backfill({ pipeline: 'again', range });
    expect(await first.result()).toMatchObject({ done: 5 });
    const again = async (): Promise<unknown> => (await suite.backfill({ pipeline: 'again', range })).result();
    expect(await again()).toMatchObject({ total: 5, done: 0, skipped: 5 });

    const { client, server } = suite;
    const ids = partitionsOf(range).map(({ nominalDate }) => backfillRunIdFor('again', nominalDate));
    for (const workflowId of ids)
      await client.workflowService.deleteWorkflowExecution({
        namespace: server.namespace,
        workflowExecution: { workflowId },
      });
    await until('the histories are gone', async () => {
      const looks = await Promise.allSettled(ids.map((id) => client.workflow.getHandle(id).describe()));
      return looks.every(({ status }) => status === 'rejected');
    });
    expect(await again()).toMatchObject({ total: 5, done: 0, skipped: 5 });
    expect(suite.days('again')).toHaveLength(5);
  });
});

test('a live run goes before the backfill’s that have waited longer', async () => {
  const stopWorkflows = await suite.serve(['workflows', 'services']);
  const order: string[] = [];
  suite.behave = ({ workflowId }) => {
    order.push(workflowId);
    return 'stopped';
  };
  const backfill = await suite.backfill({
    pipeline: 'low',
    range: { from: '2026-01-01', to: '2026-01-30' },
    parallel: 30,
  });
  const { client } = suite;
  /** Runs whose activity is in the queue. */
  const waiting = async (ids: readonly string[]): Promise<boolean> => {
    const looks = await Promise.allSettled(ids.map((id) => client.workflow.getHandle(id).describe()));
    return looks.every(
      (look) => look.status === 'fulfilled' && (look.value.raw.pendingActivities ?? []).length === 1,
    );
  };
  const low = partitionsOf({ from: '2026-01-01', to: '2026-01-30', every: 'day', timezone: 'UTC' }).map(
    ({ nominalDate }) => backfillRunIdFor('low', nominalDate),
  );
  await until('thirty wait', () => waiting(low));
  await suite.live('live', 'live/manual/1', 3);
  await until('the live one waits', () => waiting(['live/manual/1']));
  const stopRuns = await suite.serve(['runs'], 1);
  await backfill.result();
  await stopRuns();
  await stopWorkflows();
  expect(order).toHaveLength(31);
  // A queue has partitions, and each has handed out a task before it sees the live one; in order of arrival it would be the last.
  expect(order.indexOf('live/manual/1')).toBeLessThan(20);
});

test('a worker that is killed in the middle loses no partition and doubles none', async () => {
  const beside = (name: string): string => join(suite.ledgerFile, '..', name);
  const runsFile = beside('runs.txt');
  await writeFile(runsFile, '');
  await writeFile(beside('bundle.js'), suite.bundle.code);
  const lines = async (): Promise<string[]> => (await readFile(runsFile, 'utf8')).split('\n').filter(Boolean);
  const { address, namespace } = suite.server;
  const start = (): TypeScriptChild =>
    startTypeScript(join(__dirname, '..', '..', 'support', 'backfill', 'worker.ts'), [
      ...[address, namespace, suite.ledgerFile, runsFile, beside('bundle.js')],
    ]);
  const workers = [start()];
  try {
    const backfill = await suite.backfill({
      pipeline: 'killed',
      range: { from: '2026-01-01', to: '2026-01-30' },
      parallel: 5,
    });
    await until('ten have run', async () => (await lines()).length >= 10);
    workers[0]?.process.kill('SIGKILL');
    await workers[0]?.ended;
    expect((await backfill.describe()).status.name).toBe('RUNNING');
    workers.push(start());
    await until('it ends', async () => (await backfill.describe()).status.name !== 'RUNNING');
    expect(await backfill.result()).toMatchObject({ total: 30, done: 30, failed: 0, skipped: 0 });
    const ran = await lines();
    // An activity that was cut short may leave its line twice, but there is no second run of a partition.
    expect(new Set(ran.map((line) => line.split(' ')[0])).size).toBe(30);
    expect(new Set(ran).size).toBe(30);
  } finally {
    for (const { process: child } of workers) child.kill('SIGKILL');
    await Promise.all(workers.map(({ ended }) => ended));
  }
});
