/**
 * Timeouts and retry policies of all activities, by class. Errors that cannot be mended by trying again come as non-retryable
 * failures (see `contracts/errors.ts`), so a policy here is about infrastructure only: how long an outage is ridden out.
 */
import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';

/**
 * Pauses of 1 s to 30 s for a day: an unreachable MLflow, Temporal frontend or disk is waited for, not failed for. What a person must
 * act on fails at once, as final.
 */
const ridesOutOutages = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' } as const;

/** Looks things up and writes small records: registry, ledger, notifications. Short tries, patient retries. */
export const METADATA: ActivityOptions = {
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '1d',
  retry: ridesOutOutages,
};

/** Reads and writes tables and models: minutes, with a heartbeat, so that a dead worker is noticed within half a minute. */
export const DATA: ActivityOptions = {
  startToCloseTimeout: '2h',
  heartbeatTimeout: '30s',
  scheduleToCloseTimeout: '1d',
  retry: ridesOutOutages,
};

/**
 * Follows a job. Following is retried without limit: a crashed worker or a lapsed heartbeat says nothing about the job, which the next
 * worker adopts. The job's own failures are counted by the job backend, and its own timeout is enforced beside it.
 */
export const JOB: ActivityOptions = {
  startToCloseTimeout: '30d',
  heartbeatTimeout: '30s',
  // The follower ends the job when it hears of the cancellation, and hears nothing once its workflow is closed: so it is waited for.
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s' },
};

/** Puts things in order after an end of any kind: tried for long, since nobody else does it. */
export const CLEAN_UP: ActivityOptions = {
  startToCloseTimeout: '2m',
  scheduleToCloseTimeout: '1d',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
};

/**
 * Starts and switches servers. What does not come up in six tries is broken, and the line behind it must not wait for a day: few tries
 * within their own time, though a worker that is away is waited for (a schedule-to-close timeout would count its absence).
 */
export const DEPLOYMENT: ActivityOptions = {
  startToCloseTimeout: '15m',
  heartbeatTimeout: '30s',
  retry: { ...ridesOutOutages, maximumAttempts: 6 },
};

/** Tells everybody whom the end of a run concerns: thousands may wait for it, so it may take long and beats meanwhile. */
export const ANNOUNCEMENT: ActivityOptions = {
  startToCloseTimeout: '30m',
  // Who waits for it should not wait long for a worker that is dead.
  heartbeatTimeout: '15s',
  scheduleToCloseTimeout: '1d',
  retry: ridesOutOutages,
};

/**
 * Words to a pool, said by the worker that has the workflow in hand: a task of the server's for each would cost more than the word. A try keeps a workflow
 * task for as long as the call takes (5 s, or the rest of another one and 5 s); every pause is a timer, which keeps none.
 */
export const POOL_WORDS: LocalActivityOptions = {
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '1d',
  localRetryThreshold: '500ms',
  retry: ridesOutOutages,
};

/** As {@link POOL_WORDS}, when units are given back: a pool that cannot be told finds a closed holder by itself, so no run stays open for it. */
export const LAST_POOL_WORDS: LocalActivityOptions = { ...POOL_WORDS, scheduleToCloseTimeout: '10m' };

/** Tells holders of their leases: urgent, and tried until it is done. */
export const DELIVERY: ActivityOptions = {
  startToCloseTimeout: '1m',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
  priority: { priorityKey: 1 },
};

/** Looks after leases on the host of their jobs. A host that is away answers nothing; the next look asks again. */
export const LEASE_LOOK: ActivityOptions = {
  startToCloseTimeout: '3m',
  heartbeatTimeout: '30s',
  scheduleToStartTimeout: '30s',
  retry: { initialInterval: '1s', maximumAttempts: 2 },
  priority: { priorityKey: 1 },
};
