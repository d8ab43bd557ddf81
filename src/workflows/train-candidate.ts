/** One candidate: train (or find it trained), measure on validation, record in MLflow. */
import { CancellationScope, CancelledFailure, isCancellation } from '@temporalio/workflow';
import type { TrainCandidateInput, TrainCandidateResult } from '../contracts/steps';
import { activitiesFor } from './activity-proxies';
import { endsTheRun, failureOf } from './failures';
import { Leases } from './leases';
import { underLease } from './under-lease';

/**
 * Child workflow of `trainingPipeline`, one per candidate. A candidate that fails is a result, not a failure, so that its siblings go on.
 * Cancelling it ends the job, unless another run follows the same one.
 */
export async function trainCandidate(input: TrainCandidateInput): Promise<TrainCandidateResult> {
  const { resolved, run, candidate, task, classes, features, split, fresh } = input;
  const leases = new Leases();
  const { data, jobs, services } = activitiesFor(resolved.queues);
  const startedAt = new Date().toISOString();
  const trainer = resolved.candidates.find(({ name }) => name === candidate)?.trainer ?? 'unknown';
  const { spec } = resolved;

  const tracking = await services.startCandidateTracking({ spec, run, parent: input.tracking, candidate });
  const result = { name: candidate, trainer, startedAt, mlflowRunId: tracking.runId };
  try {
    const trained = await underLease(leases, input, (lease) =>
      jobs.runTrainingJob({
        spec,
        fresh,
        run,
        candidate,
        task,
        classes,
        features,
        split,
        tracking,
        ...(lease && { lease }),
      }),
    );
    const evaluation = await data.evaluateCandidate({
      spec,
      fresh,
      task,
      classes,
      split,
      candidate,
      trained: trained.artifact,
    });
    const { modelId } = await services.recordCandidate({
      spec,
      run,
      candidate,
      tracking,
      split,
      trained: trained.artifact,
      evaluation: evaluation.artifact,
      cancelled: false,
    });
    return {
      ...result,
      state: trained.cached ? 'cached' : 'done',
      attempts: trained.attempts,
      artifact: trained.artifact,
      evaluation: evaluation.artifact,
      metric: { name: evaluation.selectBy, value: evaluation.metrics[evaluation.selectBy] ?? null },
      threshold: evaluation.threshold,
      ...(modelId !== undefined && { modelId }),
      endedAt: new Date().toISOString(),
    };
  } catch (error) {
    if (!endsTheRun(error)) throw error;
    // A follower whose worker is gone ends in a timeout, not in a cancellation: the scope knows better.
    const cancelled = isCancellation(error) || CancellationScope.current().consideredCancelled;
    const { code, message } = failureOf(error);
    await CancellationScope.nonCancellable(() =>
      services.recordCandidate({
        spec,
        run,
        candidate,
        tracking,
        split,
        error: { code, message },
        cancelled,
      }),
    ).catch((refusal: unknown) => {
      // What befell the candidate is what a person must hear, not that MLflow would not note it.
      if (!endsTheRun(refusal)) throw refusal;
    });
    if (cancelled) throw isCancellation(error) ? error : new CancelledFailure('the run was cancelled');
    return { ...result, state: 'failed', error: { code, message }, endedAt: new Date().toISOString() };
  }
}
