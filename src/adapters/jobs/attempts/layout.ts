/**
 * Where jobs lie under their root:
 *
 *     jobs/NAME/followers.jsonl        workflows that follow the job, appended
 *     jobs/NAME/kept/HASH@N            a workflow (HASH stands for its id) wants attempt N to finish, whatever becomes of it: see kept.ts
 *     jobs/NAME/leases/, leases/       leases of pools that jobs run under: see leases.ts
 *     jobs/NAME/attempts/N/            job directory of attempt N; its appearance is the claim of the attempt
 *     running/NAME@N                   empty marker of an attempt that may still run, so that a sweep need not read every job
 *     staging/OWNER/…                  job directories being filled
 *
 * In a job directory, beside what the trainer contract names: launch.json, job.lock, process.json, exit.json, log.txt, supervisor.log,
 * cancel.json, rejected.json; of one that runs on a cluster manifest.json and submission.json.
 */
import { join } from 'node:path';
import { MillraceError } from '../../../contracts/errors';
import { listIfPresent } from '../../local-disk/durable-files';

/** Job names become folder names. */
const JOB_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/** Paths of all jobs below one root. */
export class JobsLayout {
  constructor(readonly root: string) {}

  get staging(): string {
    return join(this.root, 'staging');
  }

  get running(): string {
    return join(this.root, 'running');
  }

  /** @throws PATH_OUTSIDE_ROOT for a name that cannot be one folder's. */
  job(jobName: string): string {
    if (!JOB_NAME.test(jobName)) {
      throw new MillraceError(
        'PATH_OUTSIDE_ROOT',
        `${JSON.stringify(jobName)} cannot be the name of a job.`,
        {
          mend: 'Use up to 200 letters, digits, dots, dashes and underscores, a letter or digit first.',
        },
      );
    }
    return join(this.root, 'jobs', jobName);
  }

  followers(jobName: string): string {
    return join(this.job(jobName), 'followers.jsonl');
  }

  kept(jobName: string): string {
    return join(this.job(jobName), 'kept');
  }

  attempts(jobName: string): string {
    return join(this.job(jobName), 'attempts');
  }

  attempt(jobName: string, attempt: number): string {
    return join(this.attempts(jobName), String(attempt));
  }

  marker(jobName: string, attempt: number): string {
    return join(this.running, `${jobName}@${attempt}`);
  }

  /** Numbers of the attempts that were claimed, ascending. */
  async listAttempts(jobName: string): Promise<number[]> {
    const names = await listIfPresent(this.attempts(jobName));
    return names
      .filter((name) => /^[1-9]\d*$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  }
}
