/** The errors of expressions: which feature, what in it, what to do instead. */
import { MillraceError } from '../../../contracts/errors';
import type { FunctionRefusal } from './function-catalog';

/** The expression that is refused. */
export interface RefusedExpression {
  readonly feature: string;
  readonly expression: string;
}

/** `FEATURE_INVALID` for a derived feature. `reason` is a clause that follows a colon. */
export function invalid(
  refused: RefusedExpression,
  reason: string,
  mend: string,
  cause?: unknown,
): MillraceError {
  return new MillraceError(
    'FEATURE_INVALID',
    `The derived feature ${refused.feature} is refused: ${reason}.`,
    {
      where: `features.derive.${refused.feature}: ${shortened(refused.expression)}`,
      mend,
      cause,
    },
  );
}

/** `LEAKAGE_FOUND` for a derived feature that reaches what a model must not see. */
export function leaks(refused: RefusedExpression, what: string): MillraceError {
  return new MillraceError('LEAKAGE_FOUND', `The derived feature ${refused.feature} reaches ${what}.`, {
    where: `features.derive.${refused.feature}: ${shortened(refused.expression)}`,
    mend: 'Build the feature from columns that are known when the model is asked.',
  });
}

const REASONS: Readonly<Record<FunctionRefusal, readonly [reason: string, mend: string]>> = {
  unknown: ['is no function of DuckDB', 'Use a function that DuckDB has.'],
  aggregate: [
    'aggregates over rows, and a feature sees one row only',
    'Compute it in dataset.sql or in a point-in-time view; within one row there are greatest, least, list_sum([…]).',
  ],
  rows: ['reads a table or turns one row into several', 'Compute it in dataset.sql.'],
  'not-repeatable': [
    'gives another result each time or changes something',
    'Use functions of the columns only.',
  ],
  environment: [
    'reads the clock or the session, so that a served row would differ from the trained one',
    'Use a time column of the row instead.',
  ],
  'time-zone': [
    'depends on the time zone of the machine',
    "Name the zone: to_timestamp(seconds) AT TIME ZONE 'UTC'; without zones make_timestamp(microseconds).",
  ],
};

/** `FEATURE_INVALID` for a function that may not be used. */
export function refusedFunction(
  refused: RefusedExpression,
  name: string,
  refusal: FunctionRefusal,
  suggestion: string,
): MillraceError {
  const [reason, mend] = REASONS[refusal];
  return invalid(refused, `${name} ${reason}${refusal === 'unknown' ? suggestion : ''}`, mend);
}

/** An expression's first 200 characters on one line: it goes into a message. */
function shortened(expression: string): string {
  const line = expression.replaceAll(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
