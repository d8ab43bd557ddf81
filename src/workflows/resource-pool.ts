/**
 * The owner of one pool (workflow id `pool/NAME`): gives out its units by priority, first come first served within one, and takes a lease back only when
 * its job is gone. It never ends; it continues as new. It does not start by itself: the first request starts it.
 *
 *     temporal workflow query --workflow-id pool/gpu --type status
 *     temporal workflow signal --workflow-id pool/gpu --name setLimit --input '{"units":8}'
 */
import { continueAsNew, defineQuery, defineSignal, setHandler } from '@temporalio/workflow';
import {
  carry,
  leasePrioritySchema,
  leaseReleasesSchema,
  leaseRequestsSchema,
  newPoolState,
  POOL_MESSAGES,
  poolLimitSchema,
  poolStatusOf,
  resourcePoolInputSchema,
  resumed,
  takeUp,
  type LeasePriority,
  type LeaseReleases,
  type LeaseRequests,
  type PoolLimit,
  type PoolQuestion,
  type PoolStatus,
  type ResourcePoolInput,
} from '../contracts/pools';
import { parseInput } from './parse-input';
import { PoolOwner } from './pool/owner';

/** Runs ask for units; the same request twice is one. */
export const acquireSignal = defineSignal<[LeaseRequests]>(POOL_MESSAGES.acquire);
/** Runs give their units, or their places in the line, back. */
export const releaseSignal = defineSignal<[LeaseReleases]>(POOL_MESSAGES.release);
/** A run moves in the line. */
export const setPriorityOfWaiterSignal = defineSignal<[LeasePriority]>(POOL_MESSAGES.setPriority);
/** Somebody changes how many units there are, until a run brings what millrace.yaml says. */
export const setLimitSignal = defineSignal<[PoolLimit]>(POOL_MESSAGES.setLimit);
/** Who holds units, and who waits. */
export const poolStatusQuery = defineQuery<PoolStatus, [PoolQuestion?]>(POOL_MESSAGES.status);

/** See the file's head. Returns only by cancellation. */
export async function resourcePool(rawInput: ResourcePoolInput): Promise<void> {
  const input = parseInput(resourcePoolInputSchema, rawInput, 'the input of resourcePool');
  const owner = new PoolOwner(
    input.carried === undefined ? newPoolState(input.pool, new Date()) : resumed(takeUp(input.carried)),
  );
  takeMessages(owner);
  await owner.work();
  await continueAsNew<typeof resourcePool>({ pool: input.pool, carried: carry(owner.state) });
}

/** All handlers are synchronous: what a signal changes is in the state before the task that may continue as new ends, so that none is lost. */
function takeMessages(owner: PoolOwner): void {
  setHandler(poolStatusQuery, (question) => poolStatusOf(owner.state, question));
  // A malformed signal has no sender to answer to, and must not stop the pool: it changes nothing.
  setHandler(acquireSignal, (raw) => {
    const asked = leaseRequestsSchema.safeParse(raw).data;
    owner.hear(asked?.requests.map((request) => ({ type: 'asked', request })));
  });
  setHandler(releaseSignal, (raw) => {
    const given = leaseReleasesSchema.safeParse(raw).data;
    owner.hear(given?.releases.map((release) => ({ type: 'released', release })));
  });
  setHandler(setPriorityOfWaiterSignal, (raw) => {
    const change = leasePrioritySchema.safeParse(raw).data;
    owner.hear(change && [{ type: 'priority-set', change }]);
  });
  setHandler(setLimitSignal, (raw) => {
    const limit = poolLimitSchema.safeParse(raw).data;
    owner.hear(limit && [{ type: 'limit-set', units: limit.units }]);
  });
}
