import { MlflowError } from './errors';

/**
 * A text as a literal of MLflow's filter language, which has two kinds of quotes and no way to escape either.
 *
 * @throws MlflowError `INVALID_REQUEST` for a text that has both kinds of quotes, which MLflow cannot be asked for.
 */
export function quoteValue(value: string): string {
  if (!value.includes("'")) return `'${value}'`;
  if (!value.includes('"')) return `"${value}"`;
  throw unsearchable('a value that holds both kinds of quotes');
}

/**
 * The filter for things that carry a tag: `tags.\`key\` = 'value'`, for experiments, runs, registered models and their
 * versions. Logged models have a filter language of their own: see `loggedModelTagEquals`.
 *
 * @throws MlflowError `INVALID_REQUEST` for a key with a backtick, or a value with both kinds of quotes.
 */
export function tagEquals(key: string, value: string): string {
  if (key.includes('`')) throw unsearchable('a tag key that holds a backtick');
  return `tags.\`${key}\` = ${quoteValue(value)}`;
}

/**
 * The filter for logged models that carry a tag. Their search knows single quotes only: it strips them off both ends and
 * takes double quotes for part of the value, so that a filter that works for runs silently finds nothing here.
 *
 * @throws MlflowError `INVALID_REQUEST` for a key with a backtick, or a value with a single quote.
 */
export function loggedModelTagEquals(key: string, value: string): string {
  if (value.includes("'")) throw unsearchable('a tag of a logged model whose value holds a single quote');
  return tagEquals(key, value);
}

function unsearchable(what: string): MlflowError {
  return new MlflowError(`MLflow's filter language cannot express ${what}`, {
    errorCode: 'INVALID_REQUEST',
    retryable: false,
  });
}
