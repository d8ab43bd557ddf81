/** Input from outside meets its schema here, so that a mistake fails the run at once and in words. */
import { ApplicationFailure } from '@temporalio/workflow';
import { z } from 'zod';

/** Parses `value`. @throws ApplicationFailure of type PIPELINE_PARAMETER_INVALID, not retryable, naming each path. */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw ApplicationFailure.nonRetryable(
    `${what} is not valid: ${z.prettifyError(parsed.error)}`,
    'PIPELINE_PARAMETER_INVALID',
    { mend: `start it with an object such as {"pipeline":"NAME"}` },
  );
}
