/** The rule on a column's type. */
import type { ColumnProfile, ColumnType } from '../../../contracts/profile';
import { quoteIdentifier } from '../../../ports/table-engine';
import { rowCount, whole, type RuleCheck } from './rule-check';

/**
 * Whether a column has the type that is wanted. Whole numbers pass as double, dates as timestamp, and doubles that are all whole as integer
 * (so come integers with missing values out of pandas). Of text the rows are counted that do not read as the type.
 */
export function typeRule(
  { name, type, count }: ColumnProfile,
  wanted: ColumnType,
): Pick<RuleCheck, 'expected' | 'counted' | 'find'> {
  const expected = `the type ${wanted}`;
  // What is missing altogether has no type of its own.
  if (count === 0) return { expected, find: whole(true, 'no values') };
  if (
    type === wanted ||
    (type === 'integer' && wanted === 'double') ||
    (type === 'date' && wanted === 'timestamp')
  )
    return { expected, find: whole(true, type) };
  const column = quoteIdentifier(name);
  if (type === 'double' && wanted === 'integer')
    return {
      expected,
      counted: `${column} <> trunc(${column}) OR isinf(${column})`,
      find: (found) => ({
        passed: found === 0,
        observed: found === 0 ? 'double, all values whole' : `double, ${rowCount(found)} not whole`,
        count: found,
        share: found / count,
      }),
    };
  if (type !== 'string' || wanted === 'string') return { expected, find: whole(false, type) };
  return {
    expected,
    counted: `${column} IS NOT NULL AND NOT (${readsAs(column, wanted)})`,
    find: (found) => ({
      passed: false,
      observed:
        found === 0
          ? `string, though every value reads as ${wanted}: say so under types of the source`
          : `string, ${rowCount(found)} that do not read as ${wanted}`,
      count: found,
      share: found / count,
    }),
  };
}

/** SQL: whether a text reads as the type. */
function readsAs(column: string, type: Exclude<ColumnType, 'string'>): string {
  switch (type) {
    case 'integer':
      // A cast would round 1.5.
      return `regexp_full_match(trim(${column}), '[+-]?[0-9]+')`;
    case 'double':
      return `TRY_CAST(${column} AS DOUBLE) IS NOT NULL`;
    case 'boolean':
      return `lower(${column}) IN ('true', 'false')`;
    case 'date':
      return `TRY_CAST(${column} AS DATE) IS NOT NULL`;
    case 'timestamp':
      return `TRY_CAST(${column} AS TIMESTAMP) IS NOT NULL`;
  }
}
