/** Types of the data → types of a model's inputs, and the SQL that brings a value into its input's form. */
import type { InputColumn } from '../../contracts/trainer';
import { quoteIdentifier } from '../../ports/table-engine';

/** Type of an input column. */
export type LogicalType = InputColumn['type'];

/** The input type for a DuckDB type, or undefined where no feature can have it (lists, structs, times of day, intervals, bytes). */
export function logicalTypeOf(duckdbType: string): LogicalType | undefined {
  if (/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(duckdbType)) return 'integer';
  if (/^(FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))$/.test(duckdbType)) return 'double';
  if (duckdbType === 'BOOLEAN') return 'boolean';
  if (/^(VARCHAR|UUID|JSON|ENUM\([^[\]]*\))$/.test(duckdbType)) return 'category';
  if (duckdbType === 'DATE') return 'date';
  return /^TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?$/.test(duckdbType) ? 'timestamp' : undefined;
}

/** What the trainers hold exactly: JSON and MLflow carry whole numbers as doubles. */
export const LARGEST_INTEGER = 2 ** 53;

/**
 * SQL for a column in its input's form, as the trainers read it (`columns.py` of the packed model): NaN is missing, and so is a moment that
 * nanoseconds cannot hold, such as 9999-12-31. An instant with time zone becomes its moment in UTC.
 */
function canonicalValue(column: string, type: LogicalType): string {
  const name = quoteIdentifier(column);
  switch (type) {
    case 'integer':
      return `CAST(${name} AS BIGINT)`;
    case 'double':
      return `nullif(CAST(${name} AS DOUBLE), CAST('NaN' AS DOUBLE))`;
    case 'boolean':
      return name;
    case 'category':
    case 'text':
      return `CAST(${name} AS VARCHAR)`;
    case 'date':
      return within(name);
    case 'timestamp':
      return within(`CAST(${name} AS TIMESTAMP)`);
  }
}

function within(moment: string): string {
  return `CASE WHEN ${moment} >= DATE '1678-01-01' AND ${moment} < DATE '2262-01-01' THEN ${moment} END`;
}

/** The column of a SELECT list that carries an input in its form, under its own name. */
export function canonicalColumn(column: string, type: LogicalType): string {
  return `${canonicalValue(column, type)} AS ${quoteIdentifier(column)}`;
}
