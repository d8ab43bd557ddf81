/** Attempts as detached processes of this host, each under a supervisor. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { JobRequest, JobStatus } from '../../../ports/job-backend';
import { createFileOnce } from '../../local-disk/durable-files';
import { currentSystem, isAlive } from '../../local-host/process-identity';
import { endedStatus } from '../attempts/ended';
import { readRecord, type ExitRecord, type LaunchRecord, type ProcessRecord } from '../attempts/records';
import type { AttemptPlace, AttemptRunner } from '../attempts/runner';
import { lastProgress } from '../attempts/tails';
import { killProcessesOf, waitUntilGone } from './job-processes';
import { isSupervised, startSupervisor } from './supervisor';
import { trainerEnvironmentFor } from './trainer-environment-variables';

/** What a host needs to run attempts. */
export interface LocalRunnerOptions {
  /** Folder that holds the Python package `millrace_trainer`. */
  readonly trainersPath: string;
  /** Seconds between the polite request to end and the kill. */
  readonly graceSeconds: number;
  /** The worker's environment, of which an allowlist is passed on. */
  readonly workerEnvironment: Readonly<Record<string, string | undefined>>;
}

/** Time for the supervisor to see a cancellation, beside the grace it gives. */
const NOTICE_MS = 5_000;

/** See the file's head. It watches by polling: a watch costs one of the few inotify instances that a user has, a look costs under a millisecond. */
export class LocalRunner implements AttemptRunner {
  constructor(private readonly options: LocalRunnerOptions) {}

  async read(place: AttemptPlace): Promise<JobStatus> {
    const { jobName, attempt, directory } = place;
    const base = { jobName, attempt, directory };
    const exit = await readRecord(directory, 'exit.json');
    if (exit !== undefined) return endedStatus(base, exit);
    const supervisor = await readRecord(directory, 'process.json');
    if (supervisor === undefined) {
      const cancel = await readRecord(directory, 'cancel.json');
      return cancel === undefined
        ? { ...base, phase: 'pending' }
        : { ...base, phase: 'cancelled', endedAt: cancel.at };
    }
    const gone = !(await isAlive(supervisor)) ? await this.closeIfLost(directory, supervisor) : undefined;
    if (gone !== undefined) return endedStatus(base, gone);
    const progress = await lastProgress(directory);
    return { ...base, phase: 'running', startedAt: supervisor.startedAt, ...(progress && { progress }) };
  }

  async start(request: JobRequest, { directory }: AttemptPlace): Promise<void> {
    const { trainersPath, graceSeconds, workerEnvironment } = this.options;
    const launch: LaunchRecord = {
      ...commandFor(request, directory),
      python: request.python,
      timeoutSeconds: request.timeoutSeconds,
      memoryBytes: request.memoryBytes ?? null,
      graceSeconds,
    };
    await startSupervisor(
      directory,
      launch,
      trainerEnvironmentFor(request, directory, trainersPath, workerEnvironment),
      trainersPath,
    );
  }

  /** The supervisor reads `cancel.json`, which lies in the job directory by now. */
  async end({ directory }: AttemptPlace, over: boolean): Promise<void> {
    await waitUntilGone(directory, over ? 0 : this.options.graceSeconds * 1000 + NOTICE_MS);
  }

  async pause(_: AttemptPlace, waitMs: number, signal: AbortSignal): Promise<void> {
    await pause(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }

  /** The supervisor is not to be seen: it has just ended well, or lives elsewhere (the lock tells), or is lost. */
  private async closeIfLost(directory: string, supervisor: ProcessRecord): Promise<ExitRecord | undefined> {
    const python = (await readRecord(directory, 'launch.json'))?.python ?? 'python3';
    if (await isSupervised(directory, python, this.options.trainersPath)) return undefined;
    const left = await readRecord(directory, 'exit.json');
    if (left !== undefined) return left;
    // First nothing of it may run on, then it may count as over: the next attempt must run alone.
    await killProcessesOf(directory);
    const cancelled = (await readRecord(directory, 'cancel.json')) !== undefined;
    const lost: ExitRecord = {
      reason: cancelled ? 'cancelled' : 'lost',
      exitCode: null,
      signal: null,
      startedAt: supervisor.startedAt,
      endedAt: new Date().toISOString(),
      maxRssBytes: 0,
      message:
        supervisor.bootId === currentSystem().bootId
          ? 'The supervisor of the trainer was killed from outside, and the trainer with it.'
          : 'The host restarted while the trainer ran.',
    };
    await createFileOnce(join(directory, 'exit.json'), JSON.stringify(lost));
    return readRecord(directory, 'exit.json');
  }
}

function commandFor(request: JobRequest, directory: string): Pick<LaunchRecord, 'command' | 'directory'> {
  if (request.command !== undefined) return { command: request.command, directory: join(directory, 'code') };
  return { command: [request.python, '-m', 'millrace_trainer', request.input.action, directory], directory };
}
