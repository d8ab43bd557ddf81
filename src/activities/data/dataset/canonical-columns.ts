/** The types that a dataset's columns may have: few, the same on every machine, and readable by every trainer. */
import { MillraceError } from '../../../contracts/errors';
import type { ColumnType } from '../../../contracts/profile';
import { quoteIdentifier } from '../../../ports/table-engine';

/** A column as it comes and as it is kept. */
export interface CanonicalColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** DuckDB type in the dataset's file. */
  readonly duckdbType: string;
  /** SQL of its value in the dataset's form, over the relation as it comes. */
  readonly sql: string;
}

/**
 * The form in which a column is kept: whole numbers as BIGINT (those that do not fit as DOUBLE), all other numbers as DOUBLE with NaN as
 * missing, instants as timestamps in UTC, nested values as JSON text.
 * @throws DATASET_INVALID for bytes.
 */
export function canonicalColumn({ name, type }: { name: string; type: string }): CanonicalColumn {
  const column = quoteIdentifier(name);
  if (/^(BLOB|GEOMETRY)/.test(type))
    throw new MillraceError('DATASET_INVALID', `The column ${JSON.stringify(name)} holds bytes (${type}).`, {
      where: `column ${name}`,
      mend: `Leave it out: dataset.sql: SELECT * EXCLUDE (${column}) FROM …`,
    });
  if (/^U?(TINY|SMALL)?INT(EGER)?$|^BIGINT$/.test(type))
    return { name, type: 'integer', duckdbType: 'BIGINT', sql: `CAST(${column} AS BIGINT)` };
  if (/^(UBIGINT|U?HUGEINT|BIGNUM|FLOAT|DOUBLE|DECIMAL\(.*\))$/.test(type))
    return {
      name,
      type: 'double',
      duckdbType: 'DOUBLE',
      sql: `nullif(CAST(${column} AS DOUBLE), CAST('NaN' AS DOUBLE))`,
    };
  if (type === 'BOOLEAN') return { name, type: 'boolean', duckdbType: type, sql: column };
  if (type === 'DATE') return { name, type: 'date', duckdbType: type, sql: column };
  if (type === 'TIMESTAMP WITH TIME ZONE')
    return { name, type: 'timestamp', duckdbType: 'TIMESTAMP', sql: `${column} AT TIME ZONE 'UTC'` };
  if (type.startsWith('TIMESTAMP'))
    return { name, type: 'timestamp', duckdbType: 'TIMESTAMP', sql: `CAST(${column} AS TIMESTAMP)` };
  const nested = /[[\]]$|^(STRUCT|MAP|UNION)\(|^VARIANT/.test(type);
  return {
    name,
    type: 'string',
    duckdbType: 'VARCHAR',
    sql: `CAST(${nested ? `to_json(${column})` : column} AS VARCHAR)`,
  };
}
