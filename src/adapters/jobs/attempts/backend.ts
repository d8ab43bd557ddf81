/** What all job backends have in common: attempts claimed as folders on a disk, who follows them, who wants them kept, and the leases they run under. */
import { access, mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { JobBackend, JobRequest, JobStatus, RunningJob } from '../../../ports/job-backend';
import { MillraceError } from '../../../contracts/errors';
import type { JobLease } from '../../../contracts/steps';
import { createFileOnce } from '../../local-disk/durable-files';
import { Staging } from '../../local-disk/staging';
import { claimAttempt } from './claim';
import { addFollower, listFollowers } from './followers';
import { JobsLayout } from './layout';
import { isKept, markKept, unmarkKept } from './kept';
import { LeaseRegister } from './leases';
import { nextStep, type PastAttempt } from './next-attempt';
import type { AttemptPlace, AttemptRunner } from './runner';

const FIRST_LOOK_MS = 20;
const SLOWEST_LOOK_MS = 250;

type IsOpen = (workflowId: string) => Promise<boolean>;
const everybody: IsOpen = () => Promise.resolve(true);

/** Opens the folder of all jobs; half-filled job directories of dead processes are cleared away. */
export async function openJobs(root: string): Promise<{ layout: JobsLayout; staging: Staging }> {
  await mkdir(root, { recursive: true });
  const layout = new JobsLayout(await realpath(root));
  const staging = new Staging(layout.staging);
  await staging.sweep();
  return { layout, staging };
}

/** A backend over a runner. Everything it knows lies in the job directories, so that any number of workers may share a root. */
export class AttemptJobBackend implements JobBackend {
  private readonly layout: JobsLayout;
  private readonly staging: Staging;
  private readonly leases: LeaseRegister;

  constructor(
    jobs: { readonly layout: JobsLayout; readonly staging: Staging },
    private readonly runner: AttemptRunner,
  ) {
    this.layout = jobs.layout;
    this.staging = jobs.staging;
    this.leases = new LeaseRegister(jobs.layout);
  }

  async launchOrAdopt(request: JobRequest, isOpen: IsOpen = everybody): Promise<JobStatus> {
    await addFollower(this.layout, request.jobName, request.follower.workflowId);
    if (request.lease) await this.holdLease(request.lease, request.jobName, isOpen);
    await unmarkKept(this.layout, request.jobName, request.follower.workflowId, request.since);
    for (let started = false; ;) {
      const past = await this.history(request.jobName);
      const step = nextStep(past.map(pastAttempt), request, Date.now());
      switch (step.kind) {
        case 'claim':
          // One attempt a call, so that the caller sees each: the one started here has failed already, and the pause is none.
          if (started) return { ...newestOf(past), retryAt: new Date().toISOString() };
          await claimAttempt(this.layout, this.staging, request, step.attempt);
          break;
        case 'start':
          if (request.lease) await this.leases.assertStands(request.lease);
          await this.runner.start(request, this.place(request.jobName, step.attempt));
          started = true;
          break;
        default:
          return step.kind === 'wait'
            ? { ...newestOf(past), retryAt: new Date(step.untilMs).toISOString() }
            : newestOf(past);
      }
    }
  }

  async describe(jobName: string): Promise<JobStatus | undefined> {
    const newest = (await this.layout.listAttempts(jobName)).at(-1);
    return newest === undefined ? undefined : this.read(jobName, newest);
  }

  /** @throws the reason of `signal` when it aborts. */
  async waitForChange(status: JobStatus, waitMs: number, signal: AbortSignal): Promise<JobStatus> {
    const giveUp = Date.now() + waitMs;
    for (let look = FIRST_LOOK_MS; ; look = Math.min(look * 1.5, SLOWEST_LOOK_MS)) {
      signal.throwIfAborted();
      const now = await this.read(status.jobName, status.attempt);
      const changed = now.phase !== status.phase || !isDeepStrictEqual(now.progress, status.progress);
      const left = giveUp - Date.now();
      if (changed || left <= 0) return now;
      await this.runner.pause(this.place(status.jobName, status.attempt), Math.min(look, left), signal);
    }
  }

  async cancel(jobName: string, reason: string): Promise<void> {
    const status = await this.describe(jobName);
    if (status === undefined) return;
    const over = !isUnderWay(status.phase);
    if (!over) {
      const record = JSON.stringify({ reason, at: new Date().toISOString() });
      await createFileOnce(join(status.directory, 'cancel.json'), record);
    }
    await this.runner.end(status, over);
  }

  async reject(
    jobName: string,
    attempt: number,
    failure: Parameters<JobBackend['reject']>[2],
  ): Promise<JobStatus> {
    const status = await this.read(jobName, attempt);
    if (status.phase !== 'succeeded') return status;
    const record = { code: failure.code, message: failure.message, at: new Date().toISOString() };
    await createFileOnce(join(status.directory, 'rejected.json'), JSON.stringify(record));
    return this.read(jobName, attempt);
  }

  async logPath(jobName: string, attempt?: number): Promise<string | undefined> {
    const attempts = await this.layout.listAttempts(jobName);
    const wanted = attempt ?? attempts.at(-1);
    if (wanted === undefined || !attempts.includes(wanted)) return undefined;
    const path = join(this.layout.attempt(jobName, wanted), 'log.txt');
    return access(path).then(
      () => path,
      () => undefined,
    );
  }

  async listRunning(): Promise<readonly RunningJob[]> {
    const running: RunningJob[] = [];
    for (const marker of await readdir(this.layout.running).catch(() => [])) {
      const at = marker.lastIndexOf('@');
      const jobName = marker.slice(0, at);
      const attempt = Number(marker.slice(at + 1));
      if (!(await this.layout.listAttempts(jobName)).includes(attempt)) continue;
      // One that cannot be looked at hides no other, and is not taken for one that is over.
      const status = await this.read(jobName, attempt).catch(() => undefined);
      if (status !== undefined && !isUnderWay(status.phase)) continue;
      const followers = await listFollowers(this.layout, jobName);
      running.push({ jobName, followers, kept: await isKept(this.layout, jobName, attempt) });
    }
    return running;
  }

  async keep(follower: string): Promise<string[]> {
    const followed = (await this.listRunning()).filter(({ followers }) => followers.includes(follower));
    for (const { jobName } of followed) {
      const newest = (await this.layout.listAttempts(jobName)).at(-1);
      if (newest !== undefined) await markKept(this.layout, jobName, newest, follower);
    }
    return followed.map(({ jobName }) => jobName);
  }

  async endLease(lease: JobLease, isOpen: IsOpen): Promise<boolean> {
    let isOver = true;
    for (const jobName of await this.leases.end(lease)) {
      const status = await this.describe(jobName);
      if (status === undefined) continue;
      if (isUnderWay(status.phase)) {
        if (await isKept(this.layout, jobName, status.attempt)) {
          isOver = false;
          continue;
        }
        const others = await this.leases.othersOf(jobName, lease);
        if ((await Promise.all(others.map(isOpen))).includes(true)) continue;
      }
      await this.cancel(jobName, `its lease of the pool ${lease.pool} has ended`);
    }
    return isOver;
  }

  /** One lease, one job: what ran under it before it was taken over is gone before something else starts, unless somebody else needs it. */
  private async holdLease(lease: JobLease, jobName: string, isOpen: IsOpen): Promise<void> {
    await this.leases.hold(lease, jobName);
    for (const superseded of await this.leases.supersededBy(lease, jobName)) {
      const status = await this.describe(superseded);
      if (status === undefined || !isUnderWay(status.phase)) continue;
      if (await isKept(this.layout, superseded, status.attempt, { except: lease.workflowId })) continue;
      const followers = await listFollowers(this.layout, superseded);
      const leased = await this.leases.othersOf(superseded, lease);
      const others = [...followers, ...leased].filter((other) => other !== lease.workflowId);
      if ((await Promise.all(others.map(isOpen))).includes(true)) continue;
      await this.cancel(superseded, `${lease.workflowId} has come back and wants another job in its place`);
    }
  }

  private async read(jobName: string, attempt: number): Promise<JobStatus> {
    const status = await this.runner.read(this.place(jobName, attempt));
    if (!isUnderWay(status.phase)) await rm(this.layout.marker(jobName, attempt), { force: true });
    return status;
  }

  private async history(jobName: string): Promise<JobStatus[]> {
    const attempts = await this.layout.listAttempts(jobName);
    return Promise.all(attempts.map((attempt) => this.read(jobName, attempt)));
  }

  private place(jobName: string, attempt: number): AttemptPlace {
    return { jobName, attempt, directory: this.layout.attempt(jobName, attempt) };
  }
}

function isUnderWay(phase: JobStatus['phase']): boolean {
  return phase === 'running' || phase === 'pending';
}

function newestOf(past: readonly JobStatus[]): JobStatus {
  const newest = past.at(-1);
  if (newest === undefined)
    throw new MillraceError('INTERNAL', 'A job has no attempt, but a verdict on one.');
  return newest;
}

function pastAttempt(status: JobStatus): PastAttempt {
  const { attempt, phase, failure, endedAt } = status;
  if (failure === undefined) return { attempt, phase };
  if (endedAt === undefined)
    throw new MillraceError('INTERNAL', 'A failed attempt has no end.', { where: status.directory });
  return { attempt, phase, failure: { code: failure.code, endedAtMs: Date.parse(endedAt) } };
}
