import type { ReleaseRequest } from '../contracts/release';

/** Reaches workflows from activities. */
export interface RunMessenger {
  /** Hands a request to the owner of its model, which is started if there is none. Idempotent by request id. @throws TEMPORAL_UNAVAILABLE. */
  submitRelease(request: ReleaseRequest): Promise<void>;
}
