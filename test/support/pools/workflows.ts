/** What the suites of pools bundle: the pool itself, and workflows that need units of it, built from the library. */
import {
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { Leases, type Wanted } from '../../../src/workflows/leases';

export { resourcePool } from '../../../src/workflows/resource-pool';

/** What a holder does once it holds units. */
export type Behaviour = 'finish' | 'fail' | 'endless';

export interface HolderInput {
  readonly pool: string;
  readonly limit: number;
  readonly units: number;
  readonly priority: number;
  /** Queue of its jobs; without it the holder holds until it is signalled or ended. */
  readonly jobsOn?: string;
  readonly behaviour: Behaviour;
}

/** The one activity of a holder. */
export interface HolderActivities {
  runJob(input: { name: string; fence: number; pool: string; behaviour: Behaviour }): Promise<void>;
}

function wantedBy(input: HolderInput): Wanted {
  const { workflowId } = workflowInfo();
  const { pool, limit, units, priority, jobsOn } = input;
  return {
    ...{ pool, workflowId, what: 'job', holder: workflowId, units, priority },
    limit: { units: limit, asOf: '2026-01-01T00:00:00Z' },
    ...(jobsOn !== undefined && { jobsOn }),
  };
}

/** Ends a {@link rawWaiter}. */
export const goOnSignal = defineSignal('goOn');

/** What a holder is without a pool: a workflow that waits for a signal and ends. */
export async function rawWaiter(): Promise<void> {
  let isOver = false;
  setHandler(goOnSignal, () => {
    isOver = true;
  });
  await condition(() => isOver);
}

/** Waits for units, runs one job under them, gives them back. */
export async function leaseHolder(input: HolderInput): Promise<void> {
  const leases = new Leases();
  const lease = await leases.acquire(wantedBy(input));
  try {
    if (input.jobsOn !== undefined) {
      const { runJob } = proxyActivities<HolderActivities>({
        taskQueue: input.jobsOn,
        startToCloseTimeout: '10m',
        heartbeatTimeout: '5s',
        cancellationType: 'WAIT_CANCELLATION_COMPLETED',
        retry: { initialInterval: '200ms', maximumInterval: '1s' },
      });
      const { workflowId: name } = workflowInfo();
      await runJob({ name, fence: lease.fence, pool: input.pool, behaviour: input.behaviour });
    } else if (input.behaviour === 'endless') await condition(() => false);
    await leases.release(lease);
  } catch (error) {
    await CancellationScope.nonCancellable(() => leases.release(lease, { verify: true }));
    if (isCancellation(error)) throw error;
    throw error;
  }
}
