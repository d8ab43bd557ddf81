/** What Temporal's client throws, in the words of the closed list. */
import {
  isGrpcServiceError,
  QueryNotRegisteredError,
  ServiceError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import {
  ApplicationFailure,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/common';
import { isErrorCode, MillraceError } from '../contracts/errors';

/** gRPC status codes that say that nobody answered: DEADLINE_EXCEEDED, UNAVAILABLE. */
const UNANSWERED = new Set<number>([4, 14]);
/** INVALID_ARGUMENT: an id that is too long, for example. */
const REFUSED = new Set<number>([3]);
/** FAILED_PRECONDITION: no worker polls the task queue, so that a query or an update cannot be answered. */
const NO_WORKER = new Set<number>([9]);

/** Runs calls of the client that concern the workflow `workflowId`. @throws RUN_NOT_FOUND, RUN_ALREADY_EXISTS, RUN_CONFLICT, TEMPORAL_UNAVAILABLE, and what an update was refused with. */
export async function aboutWorkflow<Result>(
  workflowId: string,
  calls: () => Promise<Result>,
): Promise<Result> {
  try {
    return await calls();
  } catch (error) {
    // Some calls of the client wrap what gRPC says.
    const wrapped = error instanceof ServiceError && isGrpcServiceError(error.cause) ? error.cause : error;
    throw inOurWords(workflowId, wrapped);
  }
}

function inOurWords(workflowId: string, error: unknown): unknown {
  if (error instanceof WorkflowNotFoundError)
    return new MillraceError('RUN_NOT_FOUND', `There is no run ${workflowId}, or it is over.`, {
      where: workflowId,
      mend: 'list them with `millrace runs`',
      cause: error,
    });
  if (error instanceof WorkflowExecutionAlreadyStartedError)
    return new MillraceError('RUN_ALREADY_EXISTS', `There is a run ${workflowId} already.`, {
      where: workflowId,
      mend: `look at it with \`millrace show ${workflowId}\`, or choose another --id`,
      cause: error,
    });
  if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
    const { type, message, details } = error.cause;
    const context = (details?.[0] ?? {}) as { where?: string; mend?: string };
    return new MillraceError(type != null && isErrorCode(type) ? type : 'RUN_CONFLICT', message, {
      where: context.where ?? workflowId,
      ...(context.mend !== undefined && { mend: context.mend }),
      cause: error,
    });
  }
  if (error instanceof QueryNotRegisteredError || !isGrpcServiceError(error)) return error;
  if (NO_WORKER.has(error.code))
    return new MillraceError('SETUP_FAILED', 'No worker answers for the runs: none polls the task queue.', {
      where: workflowId,
      mend: 'start the workers with `millrace up`',
      cause: error,
    });
  if (REFUSED.has(error.code))
    return new MillraceError('USAGE', `Temporal refused the request: ${error.details}.`, {
      where: workflowId.slice(0, 100),
      mend: 'mend what it names',
      cause: error,
    });
  if (UNANSWERED.has(error.code))
    return new MillraceError('TEMPORAL_UNAVAILABLE', `Temporal did not answer in time: ${error.details}`, {
      where: workflowId,
      mend: 'see whether a worker runs with `millrace status`, then try again',
      cause: error,
    });
  return error;
}
