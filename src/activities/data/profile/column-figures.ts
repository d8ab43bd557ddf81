/** The figures of all columns that need every row: one pass over the dataset. */
import type { ColumnProfile, DatasetColumns } from '../../../contracts/profile';
import { quoteIdentifier, type Cell, type TableSession } from '../../../ports/table-engine';

/** The part of a column's profile that is over all rows. */
export type ColumnFigures = Pick<
  ColumnProfile,
  'name' | 'type' | 'count' | 'missing' | 'distinct' | 'min' | 'max' | 'mean' | 'std' | 'extreme' | 'length'
>;

/** Texts are shown up to here. */
export const SHOWN_CHARACTERS = 100;
/** Squares of larger numbers overflow, and the engine fails instead of saying so. */
const LARGEST_SQUARED = '1e150';

/** Looks at the table `table`. @param exact count distinct values one by one, which needs memory for all of them. */
export async function columnFigures(
  session: TableSession,
  table: string,
  columns: DatasetColumns,
  exact: boolean,
): Promise<{ rows: number; figures: ColumnFigures[] }> {
  const inner = columns.flatMap((column, index) => [
    `${quoteIdentifier(column.name)} AS v${index}`,
    ...(momentOf(column, index) ?? []),
  ]);
  const outer = columns.flatMap((column, index) => aggregatesOf(column, index, exact));
  const found = await session.row(
    `SELECT count(*) AS n${outer.map((sql) => `, ${sql}`).join('')} FROM (SELECT ${inner.join(', ')} FROM ${table})`,
  );
  const rows = Number(found.n);
  return { rows, figures: columns.map((column, index) => figuresOf(column, index, found, rows, exact)) };
}

type Column = DatasetColumns[number];

/** The value whose mean and deviation are taken, as a column of its own, so that it is computed once. */
function momentOf({ name, type }: Column, index: number): string[] | undefined {
  const column = quoteIdentifier(name);
  if (type === 'double')
    return [`CASE WHEN abs(${column}) <= ${LARGEST_SQUARED} THEN ${column} END AS f${index}`];
  if (type === 'integer') return [`CAST(${column} AS DOUBLE) AS f${index}`];
  return type === 'boolean' ? [`CAST(${column} AS DOUBLE) AS f${index}`] : undefined;
}

function aggregatesOf({ type }: Column, index: number, exact: boolean): string[] {
  const distinct = exact ? `count(DISTINCT v${index})` : `approx_count_distinct(v${index})`;
  const common = [`count(v${index}) AS n${index}`, `${distinct} AS d${index}`];
  switch (type) {
    case 'integer':
    case 'double':
    case 'boolean':
      return [
        ...common,
        `min(v${index}) AS min${index}`,
        `max(v${index}) AS max${index}`,
        `count(f${index}) AS moments${index}`,
        `avg(f${index}) AS mean${index}`,
        `stddev_samp(f${index}) AS std${index}`,
      ];
    case 'string':
      return [
        ...common,
        `left(min(v${index}), ${SHOWN_CHARACTERS}) AS min${index}`,
        `left(max(v${index}), ${SHOWN_CHARACTERS}) AS max${index}`,
        `min(length(v${index})) AS shortest${index}`,
        `max(length(v${index})) AS longest${index}`,
        `avg(length(v${index})) AS length${index}`,
      ];
    default:
      return [...common, `min(v${index}) AS min${index}`, `max(v${index}) AS max${index}`];
  }
}

function figuresOf(
  { name, type }: Column,
  index: number,
  found: Readonly<Record<string, Cell>>,
  rows: number,
  exact: boolean,
): ColumnFigures {
  const count = Number(found[`n${index}`]);
  const moments = found[`moments${index}`];
  return {
    name,
    type,
    count,
    missing: rows - count,
    // The estimate may pass what is possible.
    distinct: { count: Math.min(count, Number(found[`d${index}`])), exact: exact || count === 0 },
    min: found[`min${index}`] ?? null,
    max: found[`max${index}`] ?? null,
    mean: rounded(found[`mean${index}`]),
    std: rounded(found[`std${index}`]),
    extreme: moments === undefined ? 0 : count - Number(moments),
    length:
      type === 'string' && count > 0
        ? {
            min: Number(found[`shortest${index}`]),
            max: Number(found[`longest${index}`]),
            mean: rounded(found[`length${index}`]) ?? 0,
          }
        : null,
  };
}

/** Twelve significant digits: beyond them the order in which threads add up shows, and equal data must give an equal profile. */
function rounded(value: Cell | undefined): number | null {
  const number = Number(value ?? Number.NaN);
  return Number.isFinite(number) ? Number(number.toPrecision(12)) : null;
}
