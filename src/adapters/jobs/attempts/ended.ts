/** What an attempt that is over came to, from the record of its end and what it left in its job directory. */
import { join } from 'node:path';
import type { JobPhase, JobStatus } from '../../../ports/job-backend';
import { readIfPresent } from '../../local-disk/durable-files';
import { verdictOn, type Verdict } from './failure';
import { readRecord, type ExitRecord } from './records';
import type { AttemptPlace } from './runner';
import { lastProgress, logTail } from './tails';

/** The state of an attempt that has ended as `exit` says. */
export async function endedStatus(
  { jobName, attempt, directory }: AttemptPlace,
  exit: ExitRecord,
): Promise<JobStatus> {
  const [rejected, progress, tail, verdict] = await Promise.all([
    readRecord(directory, 'rejected.json'),
    lastProgress(directory),
    logTail(join(directory, 'log.txt')),
    judge(directory, exit),
  ]);
  const refused = verdict.phase === 'succeeded' ? rejected : undefined;
  const failure = refused ?? (verdict.phase === 'failed' ? verdict : undefined);
  const phase: JobPhase = failure === undefined ? verdict.phase : 'failed';
  return {
    ...{ jobName, attempt, directory, phase },
    startedAt: exit.startedAt,
    endedAt: refused?.at ?? exit.endedAt,
    peakMemoryBytes: exit.maxRssBytes,
    ...(progress && { progress }),
    ...(failure && { failure: { code: failure.code, message: failure.message, logTail: tail } }),
  };
}

async function judge(directory: string, exit: ExitRecord): Promise<Verdict> {
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
