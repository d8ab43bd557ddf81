/**
 * The sweep: ends jobs that nobody follows any more. Terminate and timeout run no workflow code, so nothing else would.
 * A closed follower is looked at twice, some seconds apart: a run that is reset or retried is closed for a moment only.
 */
import type { Logger } from 'pino';
import type { JobBackend } from '../ports/job-backend';
import type { RunDirectory } from '../ports/run-directory';

/** What the sweep works on. */
export interface JobSweepOptions {
  readonly backend: JobBackend;
  readonly runs: RunDirectory;
  readonly logger: Logger;
  /** Between two looks. */
  readonly intervalMs: number;
}

/** Sweeps until the returned function is called, which resolves when the last sweep is over. Errors are logged, and the next sweep comes. */
export function startJobSweep(options: JobSweepOptions): () => Promise<void> {
  const stop = new AbortController();
  const loop = (async () => {
    let suspects: ReadonlySet<string> = new Set<string>();
    while (!stop.signal.aborted) {
      try {
        suspects = await sweepOnce(options, suspects);
      } catch (error) {
        options.logger.warn({ error: String(error) }, 'the job sweep failed; the next one follows');
      }
      await pause(options.intervalMs, stop.signal);
    }
  })();
  return async () => {
    stop.abort();
    await loop;
  };
}

/** One look: ends the orphans that were orphans last time as well, and returns those that are orphans now. */
export async function sweepOnce(
  { backend, runs, logger }: JobSweepOptions,
  suspects: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const orphans = new Set<string>();
  for (const { jobName, followers } of await backend.listRunning()) {
    if (await anyOpen(runs, followers)) continue;
    if (suspects.has(jobName)) {
      logger.info({ jobName, followers }, 'ending a job that no open run follows');
      await backend.cancel(jobName, 'no open run follows it');
    } else orphans.add(jobName);
  }
  return orphans;
}

async function anyOpen(runs: RunDirectory, followers: readonly string[]): Promise<boolean> {
  for (const follower of followers) if (await runs.isOpen(follower)) return true;
  return false;
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
