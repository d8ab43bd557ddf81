/** Where one attempt stands, from what lies in its job directory and what runs on this host. */
import { join } from 'node:path';
import type { JobPhase, JobStatus } from '../../../ports/job-backend';
import { createFileOnce, readIfPresent } from '../../local-disk/durable-files';
import { currentSystem, isAlive } from '../../local-host/process-identity';
import { verdictOn, type Verdict } from './failure';
import { killProcessesOf } from './job-processes';
import { readRecord, type ExitRecord, type ProcessRecord } from './records';
import { isSupervised } from './supervisor';
import { lastProgress, logTail } from './tails';

/** Looks at attempts. */
export class AttemptReader {
  constructor(private readonly trainersPath: string) {}

  /** State of the attempt in `directory`. An attempt whose supervisor is gone is closed as lost, after what is left of it was killed. */
  async read(jobName: string, attempt: number, directory: string): Promise<JobStatus> {
    const base = { jobName, attempt, directory };
    const exit = await readRecord(directory, 'exit.json');
    if (exit !== undefined) return this.ended(base, exit);
    const supervisor = await readRecord(directory, 'process.json');
    if (supervisor === undefined) {
      const cancel = await readRecord(directory, 'cancel.json');
      return cancel === undefined
        ? { ...base, phase: 'pending' }
        : { ...base, phase: 'cancelled', endedAt: cancel.at };
    }
    const gone = !(await isAlive(supervisor)) ? await this.closeIfLost(directory, supervisor) : undefined;
    if (gone !== undefined) return this.ended(base, gone);
    const progress = await lastProgress(directory);
    return { ...base, phase: 'running', startedAt: supervisor.startedAt, ...(progress && { progress }) };
  }

  private async ended(
    base: Pick<JobStatus, 'jobName' | 'attempt' | 'directory'>,
    exit: ExitRecord,
  ): Promise<JobStatus> {
    const { directory } = base;
    const [rejected, progress, tail, verdict] = await Promise.all([
      readRecord(directory, 'rejected.json'),
      lastProgress(directory),
      logTail(join(directory, 'log.txt')),
      this.judge(directory, exit),
    ]);
    const refused = verdict.phase === 'succeeded' ? rejected : undefined;
    const failure = refused ?? (verdict.phase === 'failed' ? verdict : undefined);
    const phase: JobPhase = failure === undefined ? verdict.phase : 'failed';
    return {
      ...base,
      phase,
      startedAt: exit.startedAt,
      endedAt: refused?.at ?? exit.endedAt,
      peakMemoryBytes: exit.maxRssBytes,
      ...(progress && { progress }),
      ...(failure && { failure: { code: failure.code, message: failure.message, logTail: tail } }),
    };
  }

  private async judge(directory: string, exit: ExitRecord): Promise<Verdict> {
    const launch = await readRecord(directory, 'launch.json');
    return verdictOn({
      exit,
      resultText: await readIfPresent(join(directory, 'out', 'result.json')),
      errorText: await readIfPresent(join(directory, 'out', 'error.json')),
      logTail: await logTail(join(directory, 'log.txt')),
      timeoutSeconds: launch?.timeoutSeconds,
      memoryBytes: launch?.memoryBytes ?? undefined,
    });
  }

  /** The supervisor is not to be seen: it has just ended well, or lives elsewhere (the lock tells), or is lost. */
  private async closeIfLost(directory: string, supervisor: ProcessRecord): Promise<ExitRecord | undefined> {
    const python = (await readRecord(directory, 'launch.json'))?.python ?? 'python3';
    if (await isSupervised(directory, python, this.trainersPath)) return undefined;
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
