/** What a column's values say about it as a feature: measured in one pass over the table. */
import { quoteIdentifier, type TableSession } from '../../../ports/table-engine';
import type { TypedColumn } from '../typed-column';
import { LARGEST_INTEGER, logicalTypeOf, type LogicalType } from '../logical-types';

/** A column that could be a feature. */
export interface ColumnFacts {
  readonly name: string;
  readonly duckdbType: string;
  /** Undefined where no feature can have this type. */
  readonly type: LogicalType | undefined;
  readonly allMissing: boolean;
  /** One value in all rows, none missing. */
  readonly constant: boolean;
  /** Has whole numbers beyond ±2^53, which JSON and MLflow would round. */
  readonly tooLarge: boolean;
  /** A text that is different in every row. */
  readonly identifier: boolean;
}

/** Fewer rows tell nothing about a column. */
const FEWEST_ROWS = 100;
/** The share of rows with a text of their own from which a column is called an identifier. */
const IDENTIFIER_SHARE = 0.95;
/** The estimate may be off by a quarter: what may be an identifier by it is counted exactly. */
const SUSPECT_SHARE = 0.7;

/** Looks at the columns of the session's table `joined`. */
export async function columnFacts(
  session: TableSession,
  columns: readonly TypedColumn[],
): Promise<ColumnFacts[]> {
  if (columns.length === 0) return [];
  const figures = columns.flatMap((column, index) => {
    const name = quoteIdentifier(column.name);
    const type = logicalTypeOf(column.type);
    if (type === undefined) return [];
    const beyond =
      type === 'integer'
        ? `coalesce(max(${name}) > ${LARGEST_INTEGER} OR min(${name}) < -${LARGEST_INTEGER}, false)`
        : 'false';
    return [
      `count(${name}) AS n${index}`,
      `coalesce(min(${name}) = max(${name}), true) AS same${index}`,
      `${beyond} AS beyond${index}`,
      `${type === 'category' ? `approx_count_distinct(${name})` : '0'} AS distinct${index}`,
    ];
  });
  const found = await session.row(
    `SELECT count(*) AS total${figures.map((figure) => `, ${figure}`).join('')} FROM joined`,
  );
  const total = Number(found.total);
  const isSuspect = (index: number): boolean =>
    total >= FEWEST_ROWS && Number(found[`distinct${index}`]) > SUSPECT_SHARE * total;
  const exact = await countDistinct(
    session,
    columns.flatMap(({ name }, index) => (isSuspect(index) ? [name] : [])),
  );
  return columns.map((column, index) => {
    const type = logicalTypeOf(column.type);
    const count = type === undefined ? total : Number(found[`n${index}`]);
    return {
      name: column.name,
      duckdbType: column.type,
      type,
      allMissing: count === 0,
      constant: count === total && type !== undefined && found[`same${index}`] === true,
      tooLarge: found[`beyond${index}`] === true,
      identifier: (exact.get(column.name) ?? 0) > IDENTIFIER_SHARE * total,
    };
  });
}

async function countDistinct(
  session: TableSession,
  names: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (names.length === 0) return new Map();
  const counts = names.map((name, index) => `count(DISTINCT ${quoteIdentifier(name)}) AS n${index}`);
  const found = await session.row(`SELECT ${counts.join(', ')} FROM joined`);
  return new Map(names.map((name, index) => [name, Number(found[`n${index}`])]));
}
