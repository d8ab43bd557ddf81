/** Ends jobs that nobody follows any more. */
import type { Logger } from 'pino';
import type { JobBackend } from '../../ports/job-backend';
import type { RunDirectory } from '../../ports/run-directory';

/** What the sweep of jobs works on. */
export interface JobSweepOptions {
  readonly backend: JobBackend;
  readonly runs: RunDirectory;
  readonly logger: Logger;
}

/** One look: ends the orphans that were orphans last time as well, and returns those that are orphans now. */
export async function sweepJobs(
  { backend, runs, logger }: JobSweepOptions,
  suspects: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const orphans = new Set<string>();
  for (const { jobName, followers, kept } of await backend.listRunning()) {
    try {
      if (kept || (await anyOpen(runs, followers))) continue;
      if (suspects.has(jobName)) {
        logger.info({ jobName, followers }, 'ending a job that no open run follows');
        await backend.cancel(jobName, 'no open run follows it');
      } else orphans.add(jobName);
    } catch (error) {
      // One that cannot be looked at, or ended, must not hide the others; the next look takes it up where this one stands.
      if (suspects.has(jobName)) orphans.add(jobName);
      logger.error({ jobName, err: error }, 'a job could not be swept');
    }
  }
  return orphans;
}

async function anyOpen(runs: RunDirectory, followers: readonly string[]): Promise<boolean> {
  for (const follower of followers) if (await runs.isOpen(follower)) return true;
  return false;
}
