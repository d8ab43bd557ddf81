import type { LeaseGrant, LeaseRelease, LeaseRequest } from '../contracts/pools';

/** Carries words between pools and those who wait. */
export interface PoolMessenger {
  /** Hands a request to the owner of a pool, which is started if there is none. Idempotent by the request's token. @throws TEMPORAL_UNAVAILABLE. */
  ask(pool: string, request: LeaseRequest): Promise<void>;
  /** Gives units, or a place in the line, back. A pool that is gone has nothing to take back. Idempotent by the token. @throws TEMPORAL_UNAVAILABLE. */
  release(pool: string, release: LeaseRelease): Promise<void>;
  /** Tells a holder of its grant. `false`: it is closed. @throws TEMPORAL_UNAVAILABLE. */
  grant(holder: string, grant: LeaseGrant): Promise<boolean>;
}
