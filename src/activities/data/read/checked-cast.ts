/** Casts of a CSV file's texts that lose nothing. The engine's own reader takes 1.6 for the whole number 2, and a timestamp for its date. */
import { quoteIdentifier, quoteLiteral } from '../../../ports/table-engine';

/** SQL: whether a text is written as the engine writes a value of the type, so that nothing of it is lost; null for null. */
export function isPlain(column: string, type: string): string {
  return type === 'BOOLEAN'
    ? `lower(${column}) IN ('true', 'false')`
    : `${column} = coalesce(CAST(TRY_CAST(${column} AS ${type}) AS VARCHAR), '')`;
}

/**
 * SQL of a column, read as text, in its type, or undefined where the reader's own cast loses nothing. A value that does not have the type fails
 * with the words with which the reader fails.
 * @param given the type was set by a person: other ways to write a value are fine, but not a fraction for a whole number
 * @param all the type was told from all rows
 */
export function checkedCast(name: string, type: string, given: boolean, all: boolean): string | undefined {
  const column = quoteIdentifier(name);
  const fails = failure(name, type);
  if (given)
    return /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|INT\d|LONG|SHORT)$/i.test(type)
      ? `CASE WHEN TRY_CAST(${column} AS ${type}) IS NULL OR TRY_CAST(${column} AS DOUBLE) <> trunc(TRY_CAST(${column} AS DOUBLE))
         THEN ${fails} ELSE CAST(${column} AS ${type}) END`
      : undefined;
  if (all || !/^(BOOLEAN|BIGINT|DATE)$/.test(type)) return undefined;
  return `CASE WHEN ${isPlain(column, type)} THEN TRY_CAST(${column} AS ${type}) ELSE ${fails} END`;
}

function failure(name: string, type: string): string {
  const column = quoteIdentifier(name);
  const text = `Error when converting column "${name}". Could not convert string "`;
  return `CASE WHEN ${column} IS NOT NULL THEN error(${quoteLiteral(text)} || left(${column}, 100) || ${quoteLiteral(`" to '${type}'`)}) END`;
}
