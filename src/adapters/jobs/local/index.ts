/** Training and scoring jobs as detached processes of this host. */
import { realpath } from 'node:fs/promises';
import type { JobBackend } from '../../../ports/job-backend';
import { AttemptJobBackend, openJobs } from '../attempts/backend';
import { RoutedRunner } from '../attempts/routed-runner';
import type { AttemptRunner } from '../attempts/runner';
import { LocalRunner } from './runner';

/** What the backend needs. */
export interface LocalJobBackendOptions {
  /** Folder for all jobs, on a disk of this host. */
  readonly root: string;
  /** Folder that holds the Python package `millrace_trainer`. */
  readonly trainersPath: string;
  /** Seconds between the polite request to end and the kill. */
  readonly graceSeconds?: number;
  /** The worker's environment, of which an allowlist is passed on. */
  readonly workerEnvironment?: Readonly<Record<string, string | undefined>>;
  /** Runs what is asked for in a pod; without it nothing can be. */
  readonly cluster?: AttemptRunner;
}

const GRACE_SECONDS = 10;

/**
 * A backend that runs jobs as detached processes under a supervisor (`millrace_trainer/supervise.py`): they outlive the worker, and any later worker on
 * this host adopts them.
 */
export async function createLocalJobBackend(options: LocalJobBackendOptions): Promise<JobBackend> {
  const jobs = await openJobs(options.root);
  const runner = new LocalRunner({
    trainersPath: await realpath(options.trainersPath),
    graceSeconds: options.graceSeconds ?? GRACE_SECONDS,
    workerEnvironment: options.workerEnvironment ?? process.env,
  });
  return new AttemptJobBackend(jobs, options.cluster ? new RoutedRunner(runner, options.cluster) : runner);
}
