// Catches a pool that leaks a lease when a holder ends in any way but its own, gives out more units than it has while a job still runs, lets somebody
// wait for ever, loses a request when it continues as new, or lets a launch begin whose lease was taken back. Real server, real processes.
import { mapConcurrently } from '../../src/contracts/concurrency';
import { poolIdFor } from '../../src/contracts/ids';
import { POOL_MESSAGES } from '../../src/contracts/pools';
import { until } from '../support/faults/until';
import { churn } from '../support/pools/churn';
import { JOBS_QUEUE, PoolFleet } from '../support/pools/fleet';
import { quietTemporal } from '../support/temporal';

jest.setTimeout(600_000);
quietTemporal();

let fleet: PoolFleet;
beforeAll(async () => {
  fleet = await PoolFleet.start();
});
afterAll(() => fleet.stop());

test('200 holders ended in every way: no lease leaks, the limit holds by running processes, nobody starves', async () => {
  const result = await churn(fleet, { pool: 'churn', count: 200, limit: 32, seed: 4 }, (text) => {
    if (process.env.POOL_DEBUG) process.stderr.write(`${text}\n`);
  });
  expect(result.starved).toEqual([]);
  expect(result.mostUnits).toBeGreaterThan(0);
  expect(result.mostUnits).toBeLessThanOrEqual(32);
  for (const way of ['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT'])
    expect(result.ends[way]).toBeGreaterThan(0);
});

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test('a pool that continues as new under a flood of signals forgets no holder and no waiter', async () => {
  const pool = 'flood';
  const owner = fleet.client.workflow.getHandle(poolIdFor(pool));
  const blocker = await fleet.hold('flood-blocker', { pool, limit: 1, behaviour: 'endless' });
  await until('it holds', async () => (await fleet.status(pool).catch(() => undefined))?.used === 1);
  const first = (await owner.describe()).runId;
  const [fence] = (await fleet.status(pool)).holders.map((holder) => holder.fence);
  const waiters = await Promise.all(
    range(20).map((index) => fleet.hold(`flood-${String(index)}`, { pool, limit: 1 })),
  );
  // More than the pool takes in one execution.
  await mapConcurrently(range(2100), 50, (index) =>
    owner.signal(POOL_MESSAGES.setPriority, {
      workflowId: `flood-${String(index % 20)}`,
      priority: 1 + (index % 5),
    }),
  );
  await until('it has continued as new', async () => (await owner.describe()).runId !== first);
  const status = await fleet.status(pool);
  expect(status).toMatchObject({ used: 1, waiting: 20, holders: [{ workflowId: 'flood-blocker', fence }] });
  await blocker.terminate('a test');
  await Promise.all(waiters.map((waiter) => waiter.result()));
  await until('it is empty', async () => (await fleet.status(pool)).used === 0);
  expect((await fleet.status(pool)).granted).toBe(21);
});

test('a pool that was terminated keeps no holder from ending, and the next request begins it anew', async () => {
  const pool = 'gone';
  const owner = fleet.client.workflow.getHandle(poolIdFor(pool));
  const ended: Promise<unknown>[] = [];
  fleet.onJob = () => {
    ended.push(owner.terminate('a test'));
  };
  try {
    const holder = await fleet.hold('gone-holder', {
      ...{ pool, limit: 1, behaviour: 'finish', jobsOn: JOBS_QUEUE },
    });
    await holder.result();
    expect(ended).toHaveLength(1);
    await Promise.all(ended);
  } finally {
    fleet.onJob = () => undefined;
  }
  await (await fleet.hold('gone-next', { pool, limit: 1 })).result();
  await until('the new one is empty', async () => (await fleet.status(pool)).used === 0);
  expect((await fleet.status(pool)).granted).toBe(1);
});

test('while all workers are away jobs run on and keep their leases; a holder terminated meanwhile is found', async () => {
  const pool = 'away';
  const holders = await Promise.all(
    range(4).map((index) =>
      fleet.hold(`away-${String(index)}`, { pool, limit: 2, behaviour: 'endless', jobsOn: JOBS_QUEUE }),
    ),
  );
  const jobs = (): string[] => fleet.jobs.names().filter((name) => name.startsWith('away-'));
  await until('two hold', () => Promise.resolve(jobs().length === 2));
  const before = jobs().sort();
  await fleet.stopWorkers();
  const [gone, stays] = before;
  await fleet.client.workflow.getHandle(gone ?? '').terminate('a test');
  expect(jobs().sort()).toEqual(before);
  await fleet.startWorkers();
  await until('the next one has its units', () =>
    Promise.resolve(jobs().length === 2 && !jobs().includes(gone ?? '')),
  );
  expect(jobs()).toContain(stays);
  for (const holder of holders) await holder.terminate('a test').catch(() => undefined);
  await until('it is empty', async () => {
    const { holders: left, waiting } = await fleet.status(pool);
    return left.length + waiting === 0 && jobs().length === 0;
  });
});
