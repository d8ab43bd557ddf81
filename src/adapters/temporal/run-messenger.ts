import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy, type Client } from '@temporalio/client';
import { MillraceError } from '../../contracts/errors';
import { modelReleaseIdFor } from '../../contracts/ids';
import { RELEASE_MESSAGES, type ModelReleaseInput, type ReleaseRequest } from '../../contracts/release';
import { TASK_QUEUES } from '../../contracts/task-queues';
import { WORKFLOW_TYPES } from '../../contracts/workflow-types';
import type { RunMessenger } from '../../ports/run-messenger';

/** How the owner of a model is started: one per model, for ever; an owner that was terminated is replaced by a new one. */
export function ownerStartFor(input: ModelReleaseInput) {
  return {
    workflowId: modelReleaseIdFor(input.model),
    taskQueue: TASK_QUEUES.pipelines,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: `Owner of the registered model ${input.model}`,
    args: [input] as [ModelReleaseInput],
  };
}

/** Reaches the owners of models through Temporal. */
export function createRunMessenger(client: Client): RunMessenger {
  return {
    async submitRelease(request) {
      try {
        const start = ownerStartFor({ model: request.model, queues: request.queues });
        await client.workflow.signalWithStart<(input: ModelReleaseInput) => Promise<void>, [ReleaseRequest]>(
          WORKFLOW_TYPES.modelRelease,
          { ...start, signal: RELEASE_MESSAGES.submit, signalArgs: [request] },
        );
      } catch (error) {
        throw new MillraceError(
          'TEMPORAL_UNAVAILABLE',
          `the owner of the model ${request.model} could not be reached: ${error instanceof Error ? error.message : String(error)}`,
          { where: modelReleaseIdFor(request.model), cause: error },
        );
      }
    },
  };
}
