/** SQL conditions that hold for the rows that break a rule. A missing value breaks none: `nulls` is for that. */
import type { ColumnProfile } from '../../../contracts/profile';
import { quoteIdentifier, quoteLiteral } from '../../../ports/table-engine';

type Value = string | number | boolean;

/**
 * Rows whose value lies beyond a bound, or undefined where column and bound do not compare. A date may be given as `2024-01-31`, a
 * timestamp as `2024-01-31 10:00:00`; a bound that is neither is found by {@link momentBounds}.
 */
export function boundCondition(
  { name, type }: Pick<ColumnProfile, 'name' | 'type'>,
  side: 'min' | 'max',
  bound: string | number,
): string | undefined {
  const column = quoteIdentifier(name);
  const beyond = side === 'min' ? '<' : '>';
  if (type === 'integer' || type === 'double') {
    const number = typeof bound === 'number' ? bound : Number.parseFloat(bound);
    return String(bound).trim() !== '' && Number.isFinite(Number(bound))
      ? `${column} ${beyond} ${number}`
      : undefined;
  }
  if (typeof bound === 'number') return undefined;
  if (type === 'date' || type === 'timestamp')
    return `${column} ${beyond} TRY_CAST(${quoteLiteral(bound)} AS TIMESTAMP)`;
  return type === 'string' ? `${column} ${beyond} ${quoteLiteral(bound)}` : undefined;
}

/** Rows whose value is none of the allowed ones. Numbers are compared as numbers, everything else by its text. */
export function notAllowed(
  { name, type }: Pick<ColumnProfile, 'name' | 'type'>,
  allowed: readonly Value[],
): string {
  const column = quoteIdentifier(name);
  const numbers = allowed.map(Number);
  if ((type === 'integer' || type === 'double') && numbers.every(Number.isFinite))
    return `${column} NOT IN (${numbers.join(', ')})`;
  return `CAST(${column} AS VARCHAR) NOT IN (${allowed.map((value) => quoteLiteral(String(value))).join(', ')})`;
}

/** Rows whose value, as text, does not match the whole RE2 pattern. */
export function patternMissed({ name }: Pick<ColumnProfile, 'name'>, pattern: string): string {
  return `NOT regexp_full_match(CAST(${quoteIdentifier(name)} AS VARCHAR), ${quoteLiteral(pattern)})`;
}
