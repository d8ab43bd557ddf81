/** Waiting for units of a pool, and giving them back. */
import {
  CancellationScope,
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  proxyLocalActivities,
  setHandler,
  uuid4,
} from '@temporalio/workflow';
import type { PoolWordActivities } from '../contracts/activity-interfaces';
import { poolIdFor } from '../contracts/ids';
import {
  LEASE_GRANTED,
  leaseGrantSchema,
  POOL_MESSAGES,
  type LeaseGrant,
  type LeaseRelease,
  type LeaseRequest,
} from '../contracts/pools';
import { LAST_POOL_WORDS, POOL_WORDS } from './activity-options';
import { endsTheRun } from './failures';

/** A pool tells its holder of a grant. */
export const leaseGrantedSignal = defineSignal<[LeaseGrant]>(LEASE_GRANTED);

/** Who waits asks again after this long, doubled up to the second: the owner of the pool may have been terminated, and the new one knows nobody. */
const ASK_AGAIN_SECONDS = { first: 600, most: 3600 };

const MOMENT = '2s';

const { askPool } = proxyLocalActivities<PoolWordActivities>(POOL_WORDS);
const { releaseLease } = proxyLocalActivities<PoolWordActivities>(LAST_POOL_WORDS);

/** What a workflow wants of a pool. */
export interface Wanted extends Omit<LeaseRequest, 'token'> {
  readonly pool: string;
}

/** Units that this workflow holds. */
export interface HeldLease extends LeaseGrant {
  readonly workflowId: string;
  readonly what: string;
}

/** The leases of one workflow. Make one before anything else: it serves the signal `leaseGranted`. */
export class Leases {
  private readonly granted = new Map<string, LeaseGrant>();

  constructor() {
    setHandler(leaseGrantedSignal, (raw) => {
      const grant = leaseGrantSchema.safeParse(raw).data;
      if (grant) this.granted.set(grant.token, grant);
    });
  }

  /**
   * Waits in line for units. It holds no worker slot: the grant comes as a signal. Cancelling it takes the request back.
   * @param isWaiting hears `true` when the units were not there at once, `false` when they are
   */
  async acquire(
    { pool, ...wanted }: Wanted,
    isWaiting: (waiting: boolean) => void = () => undefined,
  ): Promise<HeldLease> {
    const { workflowId, what } = wanted;
    const token = uuid4().slice(0, 13);
    const isGranted = (): boolean => this.granted.has(token);
    let told = false;
    try {
      await askPool({ pool, request: { ...wanted, token } });
      // Most grants are there within a moment, and the wait not worth a word.
      if (!(await condition(isGranted, MOMENT))) isWaiting((told = true));
      for (
        let pause = ASK_AGAIN_SECONDS.first;
        !(await condition(isGranted, pause * 1000));
        pause = Math.min(pause * 2, ASK_AGAIN_SECONDS.most)
      )
        await askPool({ pool, request: { ...wanted, token } });
    } catch (error) {
      if (isCancellation(error))
        await CancellationScope.nonCancellable(() =>
          tellPool(pool, { workflowId, what, token, verify: true }),
        );
      throw error;
    }
    if (told) isWaiting(false);
    const grant = this.granted.get(token);
    this.granted.delete(token);
    return { pool, token, workflowId, what, fence: grant?.fence ?? 0 };
  }

  /** Gives units back. `verify`: nobody knows that the job is over, so that the pool finds out first. */
  release({ pool, token, workflowId, what }: HeldLease, { verify = false } = {}): Promise<void> {
    return CancellationScope.nonCancellable(() => tellPool(pool, { workflowId, what, token, verify }));
  }
}

/** Moves all that a run waits for in a pool. */
export async function prioritise(pool: string, workflowId: string, priority: number): Promise<void> {
  await getExternalWorkflowHandle(poolIdFor(pool))
    .signal(POOL_MESSAGES.setPriority, { workflowId, priority })
    .catch(() => undefined);
}

/** What a pool cannot be told it finds out by itself: it looks at closed holders. */
async function tellPool(pool: string, release: LeaseRelease): Promise<void> {
  await releaseLease({ pool, release }).catch((error: unknown) => {
    // A worker without this activity must not go on as if it had said it: the next worker's replay would differ.
    if (!endsTheRun(error)) throw error;
  });
}
