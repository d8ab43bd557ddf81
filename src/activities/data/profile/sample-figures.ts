/** The figures that need values side by side: percentiles, most frequent values, histograms. Over a sample that fits in memory. */
import { PERCENTILES, type ColumnProfile, type DatasetColumns } from '../../../contracts/profile';
import { quoteIdentifier, type Cell, type TableSession } from '../../../ports/table-engine';
import { SHOWN_CHARACTERS, type ColumnFigures } from './column-figures';

/** The part of a column's profile that is over the sample. */
export type SampleFigures = Pick<ColumnProfile, 'percentiles' | 'top' | 'histogram'>;

/**
 * Rows of a sample. A dataset lies in the order of a hash, so that its first rows are a sample by chance, and the same one each time; a percentile is off
 * by at most 0.23 percentage points with 95 % confidence (1.96 · √(0.25 / n)).
 */
export const SAMPLE_ROWS = 200_000;
const MOST_BINS = 20;
const MOST_TOP_VALUES = 10;

/** Looks at the first {@link SAMPLE_ROWS} rows of `table`. */
export async function sampleFigures(
  session: TableSession,
  table: string,
  columns: DatasetColumns,
  figures: readonly ColumnFigures[],
): Promise<SampleFigures[]> {
  const values = columns.map(({ name, type }, index) => {
    const column = quoteIdentifier(name);
    return `${type === 'string' ? `left(${column}, ${SHOWN_CHARACTERS + 1})` : column} AS v${index}`;
  });
  if (values.length === 0) return [];
  await session.run(
    `CREATE TEMP TABLE sample AS SELECT ${values.join(', ')} FROM ${table} LIMIT ${SAMPLE_ROWS}`,
  );
  try {
    const bins = columns.map((_, index) => binsOf(figures[index]));
    const aggregates = columns.flatMap((column, index) => aggregatesOf(column, index, bins[index]));
    const found: Record<string, Cell> =
      aggregates.length === 0 ? {} : await session.row(`SELECT ${aggregates.join(', ')} FROM sample`);
    const all: SampleFigures[] = [];
    for (const [index, column] of columns.entries())
      all.push({
        percentiles: percentilesOf(found[`q${index}`], column.type),
        top: await topValues(session, column.type, index),
        histogram: histogramOf(found[`h${index}`], bins[index], column.type),
      });
    return all;
  } finally {
    await session.run('DROP TABLE sample');
  }
}

type ColumnType = ColumnProfile['type'];

/** Bins of equal width; of dates and timestamps in seconds since the epoch. */
interface Bins {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

function binsOf(figures: ColumnFigures | undefined): Bins | undefined {
  if (figures === undefined || figures.min === null || figures.max === null) return undefined;
  const low = positionOf(figures.min, figures.type);
  const high = positionOf(figures.max, figures.type);
  if (low === undefined || high === undefined || !Number.isFinite(high - low)) return undefined;
  // Whole numbers in a narrow range get a bin each.
  if (figures.type === 'integer' && high - low < MOST_BINS)
    return { low: low - 0.5, high: high + 0.5, count: high - low + 1 };
  return { low, high, count: high > low ? MOST_BINS : 1 };
}

function positionOf(value: string | number | boolean, type: ColumnType): number | undefined {
  if (type === 'integer' || type === 'double') return Number(value);
  if (type !== 'date' && type !== 'timestamp') return undefined;
  const milliseconds = Date.parse(type === 'date' ? String(value) : `${String(value)}Z`);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

function aggregatesOf({ type }: { type: ColumnType }, index: number, bins: Bins | undefined): string[] {
  const ranks = `[${PERCENTILES.map((percentile) => percentile / 100).join(', ')}]`;
  const sql: string[] = [];
  if (type === 'integer' || type === 'double') sql.push(`quantile_cont(v${index}, ${ranks}) AS q${index}`);
  if (type === 'date' || type === 'timestamp') sql.push(`quantile_disc(v${index}, ${ranks}) AS q${index}`);
  if (bins !== undefined) {
    const position = type === 'integer' || type === 'double' ? `v${index}` : `epoch(v${index})`;
    const width = (bins.high - bins.low) / bins.count || 1;
    // Missing values are left out: least() and greatest() would put them into a bin.
    sql.push(
      `histogram(CAST(greatest(0, least(${bins.count - 1}, floor((${position} - (${bins.low})) / ${width}))) AS INTEGER)) FILTER (v${index} IS NOT NULL) AS h${index}`,
    );
  }
  return sql;
}

function percentilesOf(found: Cell | undefined, type: ColumnType): SampleFigures['percentiles'] {
  if (found === undefined || found === null) return null;
  const values = JSON.parse(String(found)) as (string | number)[];
  return Object.fromEntries(
    PERCENTILES.map((percentile, index) => {
      const value = values[index] ?? null;
      if (type === 'date') return [percentile, value === null ? null : String(value).slice(0, 10)];
      return [percentile, type === 'timestamp' ? String(value).replace(' ', 'T') : value];
    }),
  );
}

function histogramOf(
  found: Cell | undefined,
  bins: Bins | undefined,
  type: ColumnType,
): SampleFigures['histogram'] {
  if (bins === undefined || found === undefined || found === null) return null;
  const counts = new Array<number>(bins.count).fill(0);
  for (const { key, value } of JSON.parse(String(found)) as { key: number; value: string }[])
    counts[key] = Number(value);
  const width = (bins.high - bins.low) / bins.count;
  const edges = Array.from({ length: bins.count + 1 }, (_, index) =>
    index === bins.count ? bins.high : bins.low + index * width,
  );
  if (type === 'integer' || type === 'double') return { edges, counts };
  const moments = edges.map((seconds) => new Date(seconds * 1000).toISOString());
  return {
    edges: moments.map((moment) => (type === 'date' ? moment.slice(0, 10) : moment.slice(0, 23))),
    counts,
  };
}

async function topValues(
  session: TableSession,
  type: ColumnType,
  index: number,
): Promise<SampleFigures['top']> {
  if (type !== 'string' && type !== 'boolean') return [];
  const short = type === 'string' ? `length(v${index}) <= ${SHOWN_CHARACTERS}` : `v${index} IS NOT NULL`;
  const rows = await session.rows(
    `SELECT CAST(v${index} AS VARCHAR) AS value, count(*) AS n FROM sample WHERE ${short}
     GROUP BY 1 ORDER BY n DESC, value LIMIT ${MOST_TOP_VALUES}`,
  );
  return rows.map(({ value, n }) => ({ value: String(value), count: Number(n) }));
}
