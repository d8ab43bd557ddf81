/** Errors leave activities in Temporal's form: `type` is the code, and what cannot be mended by trying again is not retried. */
import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  ActivityInterceptors,
  Next,
} from '@temporalio/worker';
import { ZodError } from 'zod';
import { isMillraceError, type MillraceError } from '../contracts/errors';

/** A defect may be a passing fault in disguise: it is tried again this often, not for a day. */
const DEFECT_ATTEMPTS = 4;

/** Turns what an activity throws into an ApplicationFailure. Cancellation and failures that are Temporal's already pass through. */
export function failureInterceptor(context: Context): ActivityInterceptors {
  const inbound: ActivityInboundCallsInterceptor = {
    async execute(
      input: ActivityExecuteInput,
      next: Next<ActivityInboundCallsInterceptor, 'execute'>,
    ): Promise<unknown> {
      try {
        return await next(input);
      } catch (error) {
        throw asTemporalFailure(error, context.info.attempt);
      }
    },
  };
  return { inbound };
}

/** Pure part of {@link failureInterceptor}; `attempt` counts from 1. */
export function asTemporalFailure(error: unknown, attempt: number): unknown {
  if (isMillraceError(error)) return fromMillraceError(error);
  if (!(error instanceof Error) || PASSED_THROUGH.has(error.name)) return error;
  const invalidInput = error instanceof ZodError;
  return ApplicationFailure.create({
    type: 'INTERNAL',
    message: `${error.name}: ${error.message}`.slice(0, MAX_MESSAGE),
    nonRetryable: invalidInput || attempt >= DEFECT_ATTEMPTS,
    cause: error,
  });
}

const PASSED_THROUGH = new Set([
  'ApplicationFailure',
  'CancelledFailure',
  'CompleteAsyncError',
  'AbortError',
]);

/** Histories are no place for logs. */
const MAX_MESSAGE = 4000;

function fromMillraceError(error: MillraceError): ApplicationFailure {
  return ApplicationFailure.create({
    type: error.code,
    message: error.message.slice(0, MAX_MESSAGE),
    nonRetryable: !error.retryable,
    details: [{ where: error.where, mend: error.mend, details: error.details }],
  });
}
