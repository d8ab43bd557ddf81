import {
  isGrpcServiceError,
  ServiceError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  type Client,
} from '@temporalio/client';
import { MillraceError } from '../../contracts/errors';
import { DEFAULT_PRIORITY } from '../../contracts/pipeline-file';
import { TASK_QUEUES } from '../../contracts/task-queues';
import { WORKFLOW_TYPES } from '../../contracts/workflow-types';
import type { RunStarter } from '../../ports/run-starter';

/** The client would ask for about 20 s by itself; who has an event at hand shall know sooner that Temporal is away. */
const START_MS = 5000;

/** Starts runs of `trainingPipeline`, each id once: an id that a closed run had is refused by Temporal for as long as it keeps that run. */
export function createRunStarter(client: Client): RunStarter {
  return {
    async startOnce({ workflowId, input, summary }) {
      try {
        const handle = await client.withDeadline(Date.now() + START_MS, () =>
          client.workflow.start<(input: unknown) => Promise<unknown>>(WORKFLOW_TYPES.trainingPipeline, {
            workflowId,
            taskQueue: TASK_QUEUES.pipelines,
            workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
            workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
            priority: { priorityKey: input.priority ?? DEFAULT_PRIORITY },
            staticSummary: summary,
            args: [input],
          }),
        );
        return { runId: handle.firstExecutionRunId, started: true };
      } catch (error) {
        if (error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError')
          return { runId: await runIdOf(client, workflowId), started: false };
        throw refusalOf(workflowId, error) ?? unavailable(workflowId, error);
      }
    },
  };
}

async function runIdOf(client: Client, workflowId: string): Promise<string> {
  try {
    const described = await client.withDeadline(Date.now() + START_MS, () =>
      client.workflow.getHandle(workflowId).describe(),
    );
    return described.runId;
  } catch (error) {
    throw unavailable(workflowId, error);
  }
}

/** A start that Temporal will never take: its input is too large, for example. Undefined for everything else. */
function refusalOf(workflowId: string, error: unknown): MillraceError | undefined {
  const said = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(said) || (said.code as number) !== INVALID_ARGUMENT) return undefined;
  return new MillraceError('EVENT_REFUSED', `Temporal refuses to start the run: ${said.details}`, {
    where: workflowId,
    mend: 'send less with the event: parameters are small, data comes by reference',
    cause: error,
  });
}

/** Of gRPC. */
const INVALID_ARGUMENT = 3;

/** The start may have been taken all the same: whoever asks again with the same id finds out. */
function unavailable(workflowId: string, cause: unknown): MillraceError {
  return new MillraceError('TEMPORAL_UNAVAILABLE', 'Temporal did not answer to the start of a run.', {
    where: workflowId,
    mend: 'see `millrace status`; the start is tried again',
    cause,
  });
}
