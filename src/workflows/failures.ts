/** Failures as people read them. */
import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import { isMillraceError } from '../contracts/errors';

/** A failure in the words of the closed list. */
export interface Failure {
  code: string;
  message: string;
  where?: string | undefined;
  mend?: string | undefined;
}

/**
 * The innermost cause that carries a code: a failure from an activity arrives wrapped as ActivityFailure (from a child as ChildWorkflowFailure).
 */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: 'INTERNAL', message: String(error) };
  if (isMillraceError(error)) {
    return { code: error.code, message: error.message, where: error.where, mend: error.mend };
  }
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) {
    return failureOf(error.cause ?? new Error(error.message));
  }
  if (error instanceof ApplicationFailure) return failureOfApplication(error);
  if (error instanceof TimeoutFailure) return failureOfTimeout(error);
  return { code: 'INTERNAL', message: error.message };
}

function failureOfApplication(error: ApplicationFailure): Failure {
  const context = (error.details?.[0] ?? {}) as { where?: string; mend?: string };
  return { code: error.type ?? 'INTERNAL', message: error.message, where: context.where, mend: context.mend };
}

/**
 * Whether an error ends the run. Anything else is a defect in workflow code: it fails the workflow *task*, which Temporal repeats, so that a
 * mended worker lets the run go on.
 */
export function endsTheRun(error: unknown): boolean {
  return error instanceof Error && (isMillraceError(error) || RUN_FAILURES.has(error.name));
}

const RUN_FAILURES = new Set([
  'ActivityFailure',
  'ApplicationFailure',
  'CancelledFailure',
  'ChildWorkflowFailure',
  'TimeoutFailure',
  'TerminatedFailure',
]);

/** A timeout hides the failure of the last try in its cause, when there was one. */
function failureOfTimeout(error: TimeoutFailure): Failure {
  return error.cause
    ? failureOf(error.cause)
    : { code: 'INTERNAL', message: `no worker finished the activity in time: ${error.message}` };
}

/** The failure that ends the workflow: Temporal's `type` is the code. */
export function workflowFailureOf(failure: Failure): ApplicationFailure {
  return ApplicationFailure.create({
    type: failure.code,
    message: failure.message,
    nonRetryable: true,
    details: [{ where: failure.where, mend: failure.mend }],
  });
}
