/** Long work inside an activity: it heartbeats, and a cancellation reaches it. */
import { asyncLocalStorage, type Context } from '@temporalio/activity';
import type { SessionOptions, TableEngine, TableSession } from '../ports/table-engine';

/** Well below every heartbeat timeout, and seldom enough to cost nothing. */
const HEARTBEAT_MS = 5_000;

/**
 * Runs `work` and heartbeats while it runs; the signal is aborted when the activity is cancelled. Outside an activity (a test, a benchmark)
 * it just runs.
 * @throws CancelledFailure when the activity is cancelled, whatever `work` makes of it.
 */
export async function heartbeating<Result>(
  work: (signal: AbortSignal | undefined) => Promise<Result>,
): Promise<Result> {
  const context: Context | undefined = asyncLocalStorage.getStore();
  if (context === undefined) return work(undefined);
  const timer = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  try {
    return await work(context.cancellationSignal);
  } catch (error) {
    if (context.cancellationSignal.aborted) await context.cancelled;
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** Opens a table session for `work` and closes it after; a cancelled activity interrupts the statement that runs. */
export function withTables<Result>(
  engine: TableEngine,
  options: SessionOptions,
  work: (session: TableSession) => Promise<Result>,
): Promise<Result> {
  return heartbeating(async (signal) => {
    const session = await engine.open(options);
    const close = (): void => session.close();
    signal?.addEventListener('abort', close, { once: true });
    try {
      return await work(session);
    } finally {
      signal?.removeEventListener('abort', close);
      session.close();
    }
  });
}
