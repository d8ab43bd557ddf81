/**
 * What a Temporal Schedule starts. It finds the interval that has just ended, starts its run under an id that is a pure function of it, and waits for
 * the end, so that the Schedule's overlap policy looks at runs.
 */
import {
  CancellationScope,
  CancelledFailure,
  ChildWorkflowCancellationType,
  isCancellation,
  ParentClosePolicy,
  proxyActivities,
  startChild,
  workflowInfo,
  WorkflowIdReusePolicy,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { ScheduledRunActivities } from '../contracts/activity-interfaces';
import { DEFAULT_PRIORITY } from '../contracts/pipeline-file';
import {
  NO_RUN_ID,
  scheduledRunInputSchema,
  type ClaimScheduledRunOutput,
  type ScheduledRunInput,
  type ScheduledRunResult,
} from '../contracts/scheduled-run';
import { TASK_QUEUES } from '../contracts/task-queues';
import { WORKFLOW_TYPES } from '../contracts/workflow-types';
import { METADATA } from './activity-options';
import { endsTheRun } from './failures';
import { parseInput } from './parse-input';
import type { trainingPipeline } from './training-pipeline';

const claims = proxyActivities<ScheduledRunActivities>({ ...METADATA, taskQueue: TASK_QUEUES.services });

/** Set by the server on what a Schedule starts; the time without jitter. */
const SCHEDULED_AT = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME);

/**
 * See the file's head. A run that fails is its own failure, told once: this workflow completes with `run: 'failed'`.
 * @throws CancelledFailure when it was cancelled itself, after its run has ended.
 */
export async function scheduledRun(rawInput: ScheduledRunInput): Promise<ScheduledRunResult> {
  const input = parseInput(scheduledRunInputSchema, rawInput, 'the input of scheduledRun');
  const info = workflowInfo();
  const scheduled = info.typedSearchAttributes.get(SCHEDULED_AT) ?? info.startTime;
  const { pipeline, environment, schedule, scheduledAt = scheduled.toISOString() } = input;
  // Not left half way: a claim that nobody knows of would be started later by the trigger service.
  const claim = await CancellationScope.nonCancellable(() =>
    claims.claimScheduledRun({
      pipeline,
      schedule,
      scheduledAt,
      ...(environment !== undefined && { environment }),
    }),
  );
  const { workflowId, nominalDate } = claim;
  const run = claim.runId === undefined ? await startRun(claim) : undefined;
  if (!run) return { workflowId, nominalDate, run: 'done-before' };
  return { workflowId, nominalDate, run: await endOf(run) };
}

/** Undefined where there is a workflow of this id already. A terminated parent takes its run with it, as `overlap: terminateOther` promises. */
async function startRun({
  key,
  workflowId,
  nominalDate,
  input,
}: ClaimScheduledRunOutput): Promise<ChildWorkflowHandle<typeof trainingPipeline> | undefined> {
  try {
    const run = await startChild<typeof trainingPipeline>(WORKFLOW_TYPES.trainingPipeline, {
      workflowId,
      taskQueue: TASK_QUEUES.pipelines,
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      parentClosePolicy: ParentClosePolicy.TERMINATE,
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      priority: { priorityKey: input.priority ?? DEFAULT_PRIORITY },
      staticSummary: `${input.pipeline} for ${nominalDate}, started by its schedule`,
      args: [input],
    });
    await confirm(key, run.firstExecutionRunId);
    return run;
  } catch (error) {
    const existed = error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError';
    if (!existed && !isCancellation(error)) throw error;
    await confirm(key, existed ? NO_RUN_ID.existed : NO_RUN_ID.cancelled);
    if (existed) return undefined;
    throw error;
  }
}

/** What cannot be confirmed the trigger service confirms: a run that goes on is not ended for that. */
async function confirm(key: string, runId: string): Promise<void> {
  try {
    await CancellationScope.nonCancellable(() => claims.confirmScheduledRun({ key, runId }));
  } catch (error) {
    if (!endsTheRun(error)) throw error;
  }
}

async function endOf(
  run: ChildWorkflowHandle<typeof trainingPipeline>,
): Promise<Exclude<ScheduledRunResult['run'], 'done-before'>> {
  try {
    await run.result();
    return 'completed';
  } catch (error) {
    if (!endsTheRun(error)) throw error;
    if (CancellationScope.current().consideredCancelled)
      throw new CancelledFailure('the scheduled run was cancelled');
    return isCancellation(error) ? 'cancelled' : 'failed';
  }
}
