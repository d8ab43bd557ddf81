/**
 * The sweep: puts in order what runs left that were terminated or timed out. Those run no workflow code any more, so nothing else would.
 * A suspect is looked at twice, some seconds apart: a run that is reset or retried is closed for a moment only.
 */
import type { Logger } from 'pino';

/** One look: mends what was suspect last time as well, and returns what is suspect now. */
export type Look = (suspects: ReadonlySet<string>) => Promise<ReadonlySet<string>>;

/** Looks again and again until the returned function is called, which resolves when the last look is over. Errors are logged, and the next look comes. */
export function startSweep(
  what: string,
  look: Look,
  intervalMs: number,
  logger: Logger,
): () => Promise<void> {
  const stop = new AbortController();
  const loop = (async () => {
    let suspects: ReadonlySet<string> = new Set<string>();
    while (!stop.signal.aborted) {
      try {
        suspects = await look(suspects);
      } catch (error) {
        logger.warn({ error: String(error) }, `the sweep of ${what} failed; the next one follows`);
      }
      await pause(intervalMs, stop.signal);
    }
  })();
  return async () => {
    stop.abort();
    await loop;
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
