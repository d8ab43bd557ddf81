/** Whether a job is tried again, and when: pure. */
import { ERRORS, type ErrorCode } from '../../../contracts/errors';
import type { JobPhase, JobRequest } from '../../../ports/job-backend';

/** What the decision needs to know of one attempt. */
export interface PastAttempt {
  readonly attempt: number;
  readonly phase: JobPhase;
  /** For a failed one: code and end, in milliseconds since the epoch. */
  readonly failure?: { readonly code: ErrorCode; readonly endedAtMs: number };
}

/** What to do about a job now. */
export type NextStep =
  | { readonly kind: 'adopt'; readonly attempt: number }
  | { readonly kind: 'start'; readonly attempt: number }
  | { readonly kind: 'claim'; readonly attempt: number }
  | { readonly kind: 'wait'; readonly attempt: number; readonly untilMs: number }
  | { readonly kind: 'give-up'; readonly attempt: number };

type Policy = Pick<JobRequest, 'maxAttempts' | 'retryInitialSeconds' | 'retryMaxSeconds' | 'since'>;

/**
 * The next step from all attempts so far, in order. Running and succeeded ones are adopted, a claimed one that was never started is started, a cancelled
 * one counts for nothing. Failures from before `since` do not count; after those that do the pause doubles: initial × 2^(failures − 1), at most max.
 */
export function nextStep(attempts: readonly PastAttempt[], policy: Policy, nowMs: number): NextStep {
  const newest = attempts.at(-1);
  if (newest === undefined) return { kind: 'claim', attempt: 1 };
  const { attempt } = newest;
  if (newest.phase === 'running' || newest.phase === 'succeeded') return { kind: 'adopt', attempt };
  if (newest.phase === 'pending') return { kind: 'start', attempt };

  const sinceMs = Date.parse(policy.since);
  const counted = attempts.flatMap(({ failure }) =>
    failure !== undefined && failure.endedAtMs >= sinceMs ? [failure] : [],
  );
  if (newest.failure === undefined || newest.failure.endedAtMs < sinceMs)
    return { kind: 'claim', attempt: attempt + 1 };
  if (!ERRORS[newest.failure.code].retryable || counted.length >= policy.maxAttempts)
    return { kind: 'give-up', attempt };
  const pauseSeconds = Math.min(
    policy.retryInitialSeconds * 2 ** (counted.length - 1),
    policy.retryMaxSeconds,
  );
  const untilMs = newest.failure.endedAtMs + pauseSeconds * 1000;
  return nowMs < untilMs ? { kind: 'wait', attempt, untilMs } : { kind: 'claim', attempt: attempt + 1 };
}
