/** Following a job to its end: heartbeats, retries of the job itself, and what a cancellation means. */
import { Context } from '@temporalio/activity';
import { MillraceError } from '../../contracts/errors';
import type { JobHeartbeat } from '../../contracts/runs';
import type { JobBackend, JobRequest, JobStatus } from '../../ports/job-backend';
import type { RunDirectory } from '../../ports/run-directory';

/** How often a quiet job is looked at; progress comes sooner. */
const LOOK_MS = 1000;

/**
 * A job as the activities ask for it. Failures count from the moment that the activity was scheduled, which its own retries keep: a run that is
 * reset keeps the time of its start, so that time would make yesterday's failures, whose cause is mended, count as this execution's.
 */
export type FollowedJob = Omit<JobRequest, 'since'>;

/** What following needs. */
export interface Following {
  readonly backend: JobBackend;
  readonly runs: RunDirectory;
}

/**
 * Launches or adopts the job and returns its succeeded attempt. A worker that stops, or a lapsed heartbeat, leaves the job alone: the next
 * try adopts it. A cancelled run ends it, unless another open run follows it too.
 * @throws the job's error code once its attempts are used up or the failure is final.
 */
export async function followJob({ backend, runs }: Following, job: FollowedJob): Promise<JobStatus> {
  const context = Context.current();
  const request: JobRequest = { ...job, since: new Date(context.info.scheduledTimestampMs).toISOString() };
  const signal = context.cancellationSignal;
  try {
    for (;;) {
      let status = await backend.launchOrAdopt(request, (workflowId) => runs.isOpen(workflowId));
      // Whether a failure is final only this answer tells; one that is seen while waiting is asked about in the next round.
      if (status.phase === 'failed' && status.retryAt === undefined) throw failureOf(request, status);
      while (status.phase === 'pending' || status.phase === 'running') {
        context.heartbeat(heartbeatOf(status));
        status = await backend.waitForChange(status, LOOK_MS, signal);
        signal.throwIfAborted();
      }
      context.heartbeat(heartbeatOf(status));
      if (status.phase === 'succeeded') return status;
      await pauseUntil(status.retryAt, () => context.heartbeat(heartbeatOf(status)), signal);
    }
  } catch (error) {
    if (signal.aborted && context.cancellationDetails?.cancelRequested)
      await endUnlessShared(backend, runs, request);
    throw error;
  }
}

/** Ends the job when no other open run follows it, and nobody asked to keep it. */
async function endUnlessShared(backend: JobBackend, runs: RunDirectory, request: JobRequest): Promise<void> {
  const running = await backend.listRunning();
  const job = running.find(({ jobName }) => jobName === request.jobName);
  if (job?.kept) return;
  const followers = job?.followers ?? [];
  const others = followers.filter((follower) => follower !== request.follower.workflowId);
  for (const follower of others) if (await runs.isOpen(follower)) return;
  await backend.cancel(request.jobName, `the run ${request.follower.workflowId} was cancelled`);
}

function failureOf(request: JobRequest, status: JobStatus): MillraceError {
  const code = status.failure?.code ?? 'TRAINER_CRASHED';
  const message = status.failure?.message ?? 'the job failed';
  const tail = status.failure?.logTail.trim();
  return new MillraceError(
    code,
    `${message} (job ${request.jobName}, attempt ${status.attempt} of at most ${request.maxAttempts})`,
    {
      where: status.directory,
      mend: 'read the whole log with `millrace logs RUN CANDIDATE`; after the mend, `millrace retry RUN`',
      details: { logTail: tail?.slice(-1500) },
      // The job's own retries are over: Temporal must not add to them.
      retryable: false,
    },
  );
}

function heartbeatOf({ jobName, attempt, phase, progress, place }: JobStatus): JobHeartbeat {
  return {
    jobName,
    attempt,
    phase,
    ...(place && { message: place.node === undefined ? place.words : `on ${place.node}` }),
    ...(progress && {
      step: progress.step,
      ...(progress.fraction !== undefined && { fraction: progress.fraction }),
      ...(progress.metrics && { metrics: progress.metrics }),
      ...(progress.message !== undefined && { message: progress.message }),
    }),
  };
}

/** Waits for the moment of the next attempt, with a heartbeat each second. */
async function pauseUntil(moment: string | undefined, beat: () => void, signal: AbortSignal): Promise<void> {
  const end = moment === undefined ? 0 : Date.parse(moment);
  for (let rest = end - Date.now(); rest > 0; rest = end - Date.now()) {
    beat();
    await Context.current().sleep(Math.min(rest, LOOK_MS));
    signal.throwIfAborted();
  }
}
