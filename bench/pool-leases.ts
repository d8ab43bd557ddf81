/** Pools: whether leases leak, how fast they are granted, and what it costs to wait for one. */
import { setTimeout as pause } from 'node:timers/promises';
import { mapConcurrently } from '../src/contracts/concurrency';
import { poolIdFor } from '../src/contracts/ids';
import { POOL_MESSAGES } from '../src/contracts/pools';
import { TASK_QUEUES } from '../src/contracts/task-queues';
import { churn } from '../test/support/pools/churn';
import { PoolFleet } from '../test/support/pools/fleet';
import type { Figure, Scenario } from './scenario';
import { timed } from './support/statistics';

const HOLDERS = 1000;
const LIMIT = 64;
const WAITERS = 5000;
const AT_ONCE = 50;
const LOOK_MS = 50;
/** While all the machine is wanted for what is measured. */
const SELDOM_LOOK_MS = 250;
/** Workflows without a pool, to compare. */
const RAW = 1000;

/** See the file's head. Real server, real pool; jobs are processes that sleep. */
export const poolLeases: Scenario = {
  name: 'pool-leases',
  question: `do ${HOLDERS.toLocaleString('en')} holders ended in every way leak a lease, and what do ${WAITERS.toLocaleString('en')} waiters cost?`,
  async run({ say }) {
    const fleet = await PoolFleet.start();
    try {
      return [...(await waiters(fleet, WAITERS, say)), ...(await endings(fleet, HOLDERS, say))];
    } finally {
      await fleet.stop();
    }
  },
};

/** Holders ended at random, seeded: see `test/support/pools/churn.ts`, which waits until the pool is empty and no process is left. */
export async function endings(
  fleet: PoolFleet,
  count: number,
  say: (text: string) => void,
): Promise<Figure[]> {
  const result = await churn(fleet, { pool: 'endings', count, limit: LIMIT, seed: 2026 }, say);
  const ends = Object.entries(result.ends)
    .map(([how, number]) => `${number} ${how.toLowerCase()}`)
    .join(', ');
  return [
    { name: 'leases left after all have ended', value: 0, unit: 'leases', limit: { atMost: 0 }, note: ends },
    {
      name: 'most units of living processes at once',
      value: result.mostUnits,
      unit: 'units',
      limit: { atMost: LIMIT },
      note: `of ${LIMIT}, seen in ${result.looks.toLocaleString('en')} looks`,
    },
    { name: 'waiters starved', value: result.starved.length, unit: 'runs', limit: { atMost: 0 } },
    { name: 'all of it', value: result.seconds, unit: 's' },
  ];
}

/** Waiters on a pool whose one unit is held: what they cost, how soon the first wakes, how fast the others do. */
export async function waiters(
  fleet: PoolFleet,
  count: number,
  say: (text: string) => void,
): Promise<Figure[]> {
  const pool = 'waiting';
  const owner = fleet.client.workflow.getHandle(poolIdFor(pool));
  const blocker = await fleet.hold('blocker', { pool, limit: 1, behaviour: 'endless' });
  while ((await fleet.status(pool).catch(() => undefined))?.used !== 1) await pause(LOOK_MS);
  const before = process.memoryUsage().rss;
  const ids = Array.from({ length: count }, (_, index) => `waiter-${index}`);
  await mapConcurrently(ids, AT_ONCE, async (id) => {
    await fleet.hold(id, { pool, limit: 1 });
  });
  while ((await fleet.status(pool, { waiters: 0 })).waiting < count) await pause(500);
  say(`${count.toLocaleString('en')} wait`);
  // Whoever still speaks to the pool is done within a moment; whoever waits holds no slot however long it is.
  await pause(3000);
  const slots = fleet.busySlots();
  const memory = process.memoryUsage().rss - before;

  const freed = performance.now();
  await blocker.terminate('the bench goes on');
  const noticed = await grantedAfter(fleet, pool, 1);
  const raised = performance.now();
  await owner.signal(POOL_MESSAGES.setLimit, { units: count });
  const woken = await grantedAfter(fleet, pool, 2);
  while ((await fleet.status(pool, { waiters: 0 })).used > 0) await pause(SELDOM_LOOK_MS);
  const seconds = (performance.now() - raised) / 1000;
  const raw = await rawWaiters(fleet, RAW, say);
  return [
    {
      name: `worker slots held by ${count.toLocaleString('en')} waiters`,
      value: slots,
      unit: 'slots',
      limit: { atMost: 0 },
    },
    { name: 'memory of worker and bench more than before', value: memory / 1e6, unit: 'MB' },
    {
      name: 'holder terminated to next grant',
      value: noticed - freed,
      unit: 'ms',
      limit: { atMost: 10_000 },
    },
    { name: 'units there to the first grant', value: woken - raised, unit: 'ms', limit: { atMost: 1000 } },
    {
      name: 'grants per second',
      value: count / seconds,
      unit: '1/s',
      limit: { atLeast: 100 },
      note: `${count.toLocaleString('en')} waiters granted, told, and their units given back in ${seconds.toFixed(1)} s`,
    },
    {
      name: 'grants per second / raw workflows that wait for a signal and end',
      value: count / seconds / raw,
      unit: '×',
      note: `${raw.toFixed(0)} raw ones a second on the same server`,
    },
  ];
}

/** What the server and the worker can do at most: workflows a second that are signalled and end. */
async function rawWaiters(fleet: PoolFleet, count: number, say: (text: string) => void): Promise<number> {
  const { workflow } = fleet.client;
  const ids = Array.from({ length: count }, (_, index) => `raw-${index}`);
  const handles = await mapConcurrently(ids, AT_ONCE, (workflowId) =>
    workflow.start<() => Promise<void>>('rawWaiter', {
      workflowId,
      taskQueue: TASK_QUEUES.pipelines,
      args: [],
    }),
  );
  say(`${count.toLocaleString('en')} raw ones wait`);
  await pause(3000);
  const { milliseconds } = await timed(async () => {
    await mapConcurrently(handles, 25, (handle) => handle.signal('goOn'));
    const open = "WorkflowType = 'rawWaiter' AND ExecutionStatus = 'Running'";
    while ((await workflow.count(open)).count > 0) await pause(SELDOM_LOOK_MS);
  });
  return (count / milliseconds) * 1000;
}

/** The moment at which the pool has granted more than `count` leases. */
async function grantedAfter(fleet: PoolFleet, pool: string, count: number): Promise<number> {
  while ((await fleet.status(pool, { waiters: 0 })).granted <= count) await pause(LOOK_MS);
  return performance.now();
}
