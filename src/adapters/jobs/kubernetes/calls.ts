/** Calls to the API server that ride out what passes: too many requests, a server that restarts, a network that drops. */
import { setTimeout as pause } from 'node:timers/promises';
import { ApiException } from '@kubernetes/client-node';
import { MillraceError } from '../../../contracts/errors';

/** Longest time that one call is tried for, in milliseconds: the activity around it goes on after that. */
const PATIENCE_MS = 10_000;
/** Of one try. Who waits for it beats in the meantime, or not: so it is well below every heartbeat timeout. */
const TRY_MS = 8_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** HTTP status of an answer of the API server; undefined for an error of another kind. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof ApiException ? error.code : undefined;
}

/** Whether the API server says that there is no such thing. */
export function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** Whether the API server says that the name is taken. */
export function isConflict(error: unknown): boolean {
  return statusOf(error) === 409;
}

/**
 * Calls until it is answered: 429, 5xx and what is no answer at all are tried again, after the time that `Retry-After` names or a pause that doubles.
 * A create must have a deterministic name, since one without an answer may have happened.
 * @throws the answer, where it is another one; KUBERNETES_UNAVAILABLE, retryable, when patience ends.
 */
export async function calling<Answer>(
  what: string,
  call: () => Promise<Answer>,
  patienceMs = PATIENCE_MS,
): Promise<Answer> {
  const giveUp = Date.now() + patienceMs;
  for (let next = FIRST_PAUSE_MS; ; next = Math.min(next * 2, LONGEST_PAUSE_MS)) {
    try {
      return await within(TRY_MS, call());
    } catch (error) {
      const status = statusOf(error);
      const passes = status === undefined || status === 429 || status >= 500;
      if (!passes) throw error;
      const wait = retryAfterMs(error) ?? next;
      if (Date.now() + wait > giveUp) throw unavailable(what, error);
      await pause(wait);
    }
  }
}

/** The answer, if it comes in time. A late one is nobody's: what it may have made is found by its name. */
async function within<Answer>(milliseconds: number, answer: Promise<Answer>): Promise<Answer> {
  const waiting = new AbortController();
  const late = pause(milliseconds, undefined, { signal: waiting.signal }).then(() => {
    throw new Error(`no answer within ${milliseconds / 1000} s`);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    waiting.abort();
    late.catch(() => undefined);
    answer.catch(() => undefined);
  }
}

/** Milliseconds that the answer asks to wait; the header is in seconds, or a date. */
export function retryAfterMs(error: unknown, now = Date.now()): number | undefined {
  if (!(error instanceof ApiException)) return undefined;
  const header = Object.entries(error.headers as Record<string, string>).find(
    ([name]) => name.toLowerCase() === 'retry-after',
  )?.[1];
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function unavailable(what: string, cause: unknown): MillraceError {
  const words = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new MillraceError(
    'KUBERNETES_UNAVAILABLE',
    `The Kubernetes API did not answer (${what}): ${words ?? ''}`,
    {
      mend: 'the call is tried again; check the cluster and the address in the kubeconfig',
      cause,
    },
  );
}
