/** Starting runs: a new one under an id of its own, or a failed one anew under the id that it has. */
import { randomBytes } from 'node:crypto';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy, type Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { manualRunIdFor } from '../../contracts/ids';
import { MillraceError } from '../../contracts/errors';
import { TASK_QUEUES } from '../../contracts/task-queues';
import { WORKFLOW_TYPES } from '../../contracts/workflow-types';
import { trainingPipelineInputSchema, type TrainingPipelineInput } from '../../contracts/runs';
import { aboutWorkflow } from '../temporal-errors';

/** A run that was started. */
export interface StartedRun {
  readonly workflowId: string;
  readonly runId: string;
}

/** `20261121-120301-ab12`: sorts by time, and two starts within a second differ. */
export function runTokenFor(moment: Date, random: string): string {
  const digits = moment.toISOString().replace(/\D/g, '');
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${random}`;
}

/** Starts a run. @throws RUN_ALREADY_EXISTS for an `id` that was used before. */
export async function startRun(
  client: Client,
  input: TrainingPipelineInput,
  id: string = manualRunIdFor(input.pipeline, runTokenFor(new Date(), randomBytes(2).toString('hex'))),
): Promise<StartedRun> {
  return aboutWorkflow(id, async () => {
    const handle = await client.workflow.start<(input: TrainingPipelineInput) => Promise<unknown>>(
      WORKFLOW_TYPES.trainingPipeline,
      {
        workflowId: id,
        taskQueue: TASK_QUEUES.pipelines,
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
        ...(input.priority !== undefined && { priority: { priorityKey: input.priority } }),
        staticSummary: `${input.pipeline}, started by ${input.startedBy ?? 'hand'}`,
        args: [input],
      },
    );
    return { workflowId: id, runId: handle.firstExecutionRunId };
  });
}

/**
 * Runs a failed run again, as a new execution of the same id with the same input: finished steps are found in the store.
 * @throws RUN_CONFLICT when it did not fail, RUN_NOT_FOUND.
 */
export async function retryRun(client: Client, workflowId: string): Promise<StartedRun> {
  return aboutWorkflow(workflowId, async () => {
    const failed = client.workflow.getHandle(workflowId);
    const { status, type, runId, staticSummary } = await failed.describe().then(async (described) => ({
      status: described.status.name,
      type: described.type,
      runId: described.runId,
      staticSummary: await described.staticSummary(),
    }));
    if (type !== WORKFLOW_TYPES.trainingPipeline)
      throw new MillraceError('RUN_CONFLICT', `${workflowId} is no run of a pipeline but a ${type}.`, {
        where: workflowId,
        mend: 'list the runs with `millrace runs`',
      });
    if (!RETRIABLE.has(status))
      throw new MillraceError('RUN_CONFLICT', `The run ${workflowId} did not fail: it is ${status}.`, {
        where: workflowId,
        mend:
          status === 'RUNNING' ? 'wait for it, or cancel it first' : 'start a new one with `millrace run`',
      });
    const input = await inputOf(client, workflowId, runId);
    const handle = await client.workflow.start<(input: TrainingPipelineInput) => Promise<unknown>>(type, {
      workflowId,
      taskQueue: TASK_QUEUES.pipelines,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      ...(input.priority !== undefined && { priority: { priorityKey: input.priority } }),
      ...(staticSummary !== undefined && { staticSummary }),
      args: [input],
    });
    return { workflowId, runId: handle.firstExecutionRunId };
  });
}

/** What Temporal's policy ALLOW_DUPLICATE_FAILED_ONLY takes for failed. */
const RETRIABLE = new Set(['FAILED', 'CANCELLED', 'CANCELED', 'TERMINATED', 'TIMED_OUT']);

/** The input that a run was started with, from the first event of its history. */
async function inputOf(client: Client, workflowId: string, runId: string): Promise<TrainingPipelineInput> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const payload = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  if (!payload)
    throw new MillraceError('RUN_CONFLICT', `The input of the run ${workflowId} is not in its history.`, {
      where: workflowId,
      mend: 'start a new one with `millrace run`',
    });
  return trainingPipelineInputSchema.parse(defaultPayloadConverter.fromPayload(payload));
}
