/** Jobs that are processes of this host which only sleep: a thousand of them cost little. Leases are registered as those of training jobs are. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { JobsLayout } from '../../../src/adapters/jobs/attempts/layout';
import { LeaseRegister } from '../../../src/adapters/jobs/attempts/leases';
import type { JobLease } from '../../../src/contracts/steps';
import type { JobBackend } from '../../../src/ports/job-backend';

/** A job, and the promise of its end. */
export interface SleepingJob {
  readonly ended: Promise<unknown>;
}

interface Running extends SleepingJob {
  readonly process: ChildProcess;
}

export class SleepingJobs implements Pick<JobBackend, 'endLease' | 'keep'> {
  private readonly running = new Map<string, Running>();
  private readonly leases: LeaseRegister;

  constructor(folder: string) {
    this.leases = new LeaseRegister(new JobsLayout(folder));
  }

  /** Names of the jobs whose process lives. */
  names(): string[] {
    return [...this.running.keys()];
  }

  /** Starts the job, or finds it running. @throws LEASE_LOST. */
  async launchOrAdopt(name: string, lease: JobLease, seconds: number): Promise<SleepingJob> {
    await this.leases.hold(lease, name);
    const known = this.running.get(name);
    if (known) return known;
    await this.leases.assertStands(lease);
    const child = spawn('sleep', [String(seconds)], { stdio: 'ignore' });
    const job = { process: child, ended: once(child, 'exit').then(() => this.running.delete(name)) };
    this.running.set(name, job);
    return job;
  }

  /** Ends a job and waits until its process is gone. */
  async end(name: string): Promise<void> {
    const job = this.running.get(name);
    job?.process.kill('SIGKILL');
    await job?.ended;
  }

  async endLease(lease: JobLease): Promise<boolean> {
    for (const name of await this.leases.end(lease)) await this.end(name);
    return true;
  }

  keep(): Promise<string[]> {
    return Promise.resolve([]);
  }
}
