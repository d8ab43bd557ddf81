/** Catches: a final error that Temporal retries for a day, and a defect that is given up at once or never. */
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { z } from 'zod';
import { MillraceError } from '../../../src/contracts/errors';
import { asTemporalFailure } from '../../../src/workers/failure-interceptor';

const failureOf = (error: unknown, attempt = 1): ApplicationFailure =>
  asTemporalFailure(error, attempt) as ApplicationFailure;

test('a final error is not retried, and carries place and mend', () => {
  const failure = failureOf(
    new MillraceError('SOURCE_EMPTY', 'no rows', { where: 'a.csv', mend: 'deliver' }),
  );
  expect(failure).toMatchObject({ type: 'SOURCE_EMPTY', nonRetryable: true, message: 'no rows' });
  expect(failure.details?.[0]).toMatchObject({ where: 'a.csv', mend: 'deliver' });
});

test('infrastructure is retried', () => {
  expect(failureOf(new MillraceError('MLFLOW_UNAVAILABLE', 'down')).nonRetryable).toBe(false);
});

test.each([
  [1, false],
  [3, false],
  [4, true],
])('a defect on attempt %i is final: %s', (attempt, final) => {
  expect(failureOf(new TypeError('x is undefined'), attempt)).toMatchObject({
    type: 'INTERNAL',
    nonRetryable: final,
  });
});

test('input that breaks its schema is final at once', () => {
  const { error } = z.object({ a: z.string() }).safeParse({});
  expect(failureOf(error)).toMatchObject({ type: 'INTERNAL', nonRetryable: true });
});

test('a message in bulk does not reach the history', () => {
  expect(
    failureOf(new MillraceError('TRAINER_CRASHED', 'x'.repeat(100_000))).message.length,
  ).toBeLessThanOrEqual(4000);
});

test('cancellation and failures of Temporal pass through', () => {
  const cancelled = new CancelledFailure('cancelled');
  const own = ApplicationFailure.retryable('again');
  expect(asTemporalFailure(cancelled, 1)).toBe(cancelled);
  expect(asTemporalFailure(own, 1)).toBe(own);
});
