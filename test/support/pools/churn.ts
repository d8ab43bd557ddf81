/** Many holders of one pool, each ended in one of the ways in which a workflow can end, at moments that a seed decides. */
import { setTimeout as pause } from 'node:timers/promises';
import { mapConcurrently } from '../../../src/contracts/concurrency';
import { until } from '../faults/until';
import { seededRandom } from '../seeded-random';
import { JOBS_QUEUE, type PoolFleet } from './fleet';
import type { Behaviour } from './workflows';

/** Ways to end. */
export const WAYS = ['finished', 'failed', 'cancelled', 'terminated', 'timed out', 'reset'] as const;
export type Way = (typeof WAYS)[number];

const BEHAVIOUR: Readonly<Record<Way, Behaviour>> = {
  finished: 'finish',
  failed: 'fail',
  cancelled: 'endless',
  terminated: 'endless',
  'timed out': 'endless',
  reset: 'finish',
};

/** What came of it. */
export interface ChurnResult {
  /** How the holders ended by Temporal's words: status → count. */
  readonly ends: Readonly<Record<string, number>>;
  /** Holders that were to end by themselves and did not. */
  readonly starved: readonly string[];
  /** The most units that living processes ran under at once, looked at again and again. */
  readonly mostUnits: number;
  readonly looks: number;
  readonly granted: number;
  readonly seconds: number;
  /** Fencing tokens in the order in which jobs began. */
  readonly fences: readonly number[];
}

/** Runs `count` holders through a pool of `limit` units, and waits until all is over and the pool is empty. */
export async function churn(
  fleet: PoolFleet,
  { pool, count, limit, seed }: { pool: string; count: number; limit: number; seed: number },
  say: (text: string) => void = () => undefined,
): Promise<ChurnResult> {
  const random = seededRandom(seed);
  const holders = Array.from({ length: count }, (_, index) => ({
    id: `${pool}-${String(index)}`,
    way: WAYS[Math.floor(random() * WAYS.length)] ?? 'finished',
    units: random() < 0.05 ? limit : 1 + Math.floor(random() * 2),
    priority: 1 + Math.floor(random() * 5),
    /** Ended while it waits, instead of while it holds. */
    early: random() < 0.2,
    delayMs: Math.floor(random() * 400),
  }));
  const byId = new Map(holders.map((holder) => [holder.id, holder]));
  const done = new Set<string>();
  const actions: Promise<void>[] = [];
  const fences: number[] = [];
  const end = async (id: string): Promise<void> => {
    const holder = byId.get(id);
    if (!holder || done.has(id)) return;
    done.add(id);
    await pause(holder.delayMs);
    const handle = fleet.client.workflow.getHandle(id);
    // One that has ended meanwhile has ended in another way.
    if (holder.way === 'cancelled') await handle.cancel().catch(() => undefined);
    if (holder.way === 'terminated') await handle.terminate('churn').catch(() => undefined);
    if (holder.way === 'reset') await fleet.reset(id).catch(() => undefined);
  };
  fleet.onJob = (id, fence) => {
    fences.push(fence);
    actions.push(end(id));
  };

  const watch = new AbortController();
  const seen = { most: 0, looks: 0 };
  const watching = (async () => {
    while (!watch.signal.aborted) {
      seen.most = Math.max(
        seen.most,
        fleet.jobs.names().reduce((sum, name) => sum + (byId.get(name)?.units ?? 0), 0),
      );
      seen.looks += 1;
      await pause(5);
    }
  })();

  const started = performance.now();
  try {
    await mapConcurrently(holders, 10, async ({ id, way, units, priority, early }) => {
      await fleet.hold(
        id,
        { pool, limit, units, priority, behaviour: BEHAVIOUR[way], jobsOn: JOBS_QUEUE },
        way === 'timed out' ? { workflowExecutionTimeout: early ? 2_000 : 20_000 } : {},
      );
      if (early) actions.push(end(id));
    });
    say(`${String(count)} holders started after ${since(started)}`);
    const limitMs = 3_600_000;
    await until(
      'every holder has ended',
      async () => {
        const { count: open } = await fleet.client.workflow.count(
          "WorkflowType = 'leaseHolder' AND ExecutionStatus = 'Running'",
        );
        say(`${String(open)} holders are open after ${since(started)}`);
        return open === 0 || (await pause(500, false));
      },
      limitMs,
    );
    const status = await until(
      'the pool is empty',
      async () => {
        const now = await fleet.status(pool);
        return now.holders.length === 0 && now.waiting === 0 && now;
      },
      120_000,
    );
    await until('no process is left', () => Promise.resolve(fleet.jobs.names().length === 0));
    await Promise.all(actions);
    const ends: Record<string, number> = {};
    const starved: string[] = [];
    for (const { id, way } of holders) {
      const { status: how } = await fleet.client.workflow.getHandle(id).describe();
      ends[how.name] = (ends[how.name] ?? 0) + 1;
      if ((way === 'finished' || way === 'reset') && how.name !== 'COMPLETED')
        starved.push(`${id}: ${how.name}`);
    }
    return {
      ends,
      starved,
      mostUnits: seen.most,
      looks: seen.looks,
      granted: status.granted,
      seconds: (performance.now() - started) / 1000,
      fences,
    };
  } finally {
    fleet.onJob = () => undefined;
    watch.abort();
    await watching;
  }
}

function since(started: number): string {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}
