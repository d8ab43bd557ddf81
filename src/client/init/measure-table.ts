/** Measures a file column by column, read exactly as a run would read it. */
import { canonicalColumn, type CanonicalColumn } from '../../activities/data/dataset/canonical-columns';
import { MillraceError } from '../../contracts/errors';
import { quoteIdentifier, type Cell, type TableSession } from '../../ports/table-engine';
import { MOST_LISTED, type AlmostNumbers, type ColumnFacts, type PlainValue } from './table-facts';

/** Table of the session that holds the file's rows, in the form that a dataset has. */
export const ROWS_TABLE = 'file_rows';

/** Tables smaller than this are counted exactly. */
const EXACT_BELOW_ROWS = 500_000;

/** Loads a relation into {@link ROWS_TABLE} and returns its columns. */
export async function loadRows(session: TableSession, relation: string): Promise<CanonicalColumn[]> {
  const columns = (await session.describe(relation)).map(canonicalColumn);
  const list = columns.map(({ name, sql }) => `${sql} AS ${quoteIdentifier(name)}`).join(', ');
  await session.run(`CREATE TEMP TABLE ${ROWS_TABLE} AS SELECT ${list} FROM (${relation})`);
  return columns;
}

/** The facts of every column of {@link ROWS_TABLE}. @throws SOURCE_EMPTY. */
export async function measureColumns(
  session: TableSession,
  columns: readonly CanonicalColumn[],
  where: string,
): Promise<{ rows: number; columns: ColumnFacts[] }> {
  const { rows } = await session.row(`SELECT count(*) AS rows FROM ${ROWS_TABLE}`);
  const total = Number(rows);
  if (total === 0)
    throw new MillraceError('SOURCE_EMPTY', `${where} has no rows.`, {
      where,
      mend: 'Give a file with at least a few hundred rows.',
    });
  const measured: ColumnFacts[] = [];
  for (const column of columns) measured.push(await measureColumn(session, column, total));
  return { rows: total, columns: measured };
}

async function measureColumn(
  session: TableSession,
  { name, type, sql }: CanonicalColumn,
  total: number,
): Promise<ColumnFacts> {
  const column = quoteIdentifier(name);
  const shown = type === 'date' || type === 'timestamp' ? `CAST(${column} AS VARCHAR)` : column;
  const extremes = type === 'string' || type === 'boolean' ? 'NULL' : undefined;
  const found = await session.row(
    `SELECT count(${column}) AS present, approx_count_distinct(${column}) AS about,
            ${extremes ?? `min(${shown})`} AS least, ${extremes ?? `max(${shown})`} AS most,
            ${type === 'string' ? `avg(len(string_split_regex(trim(${column}), '\\s+')))` : '0'} AS words
     FROM ${ROWS_TABLE}`,
  );
  const about = Number(found.about);
  const present = Number(found.present);
  // The estimate may be off by a quarter: it only spares the exact count where that is slow and does not matter.
  const exact = total <= EXACT_BELOW_ROWS || about <= 2 * MOST_LISTED || about > 0.5 * present;
  const distinct = exact ? await countDistinct(session, column) : about;
  return {
    name,
    type,
    nested: sql.includes('to_json('),
    missing: total - present,
    distinct,
    min: bound(found.least, type),
    max: bound(found.most, type),
    values: distinct <= MOST_LISTED ? await listValues(session, column) : [],
    words: Number(found.words ?? 0),
    ...(type === 'string' && (await almostNumbers(session, column))),
  };
}

/** Below this share of numbers a column of texts is one. */
const MOSTLY = 0.5;

/** Numbers may be written with a decimal comma; one text among many of them makes the column a text. */
async function almostNumbers(
  session: TableSession,
  column: string,
): Promise<{ almostNumbers?: AlmostNumbers }> {
  const isNumber = `TRY_CAST(replace(${column}, ',', '.') AS DOUBLE) IS NOT NULL`;
  const { share } = await session.row(
    `SELECT avg(CASE WHEN ${isNumber} THEN 1 ELSE 0 END) AS share FROM ${ROWS_TABLE} WHERE ${column} IS NOT NULL`,
  );
  if (Number(share) < MOSTLY) return {};
  const others = await session.rows(
    `SELECT ${column} AS value FROM ${ROWS_TABLE} WHERE ${column} IS NOT NULL AND TRY_CAST(${column} AS DOUBLE) IS NULL
     GROUP BY ${column} ORDER BY count(*) DESC, ${column} LIMIT 3`,
  );
  return { almostNumbers: { share: Number(share), others: others.map(({ value }) => String(value)) } };
}

/** Whole numbers beyond 2^53 come as text: as a bound they are only good for showing that they are too large. */
function bound(value: Cell | undefined, type: string): number | string | null {
  if (value === undefined || value === null) return null;
  if (type === 'integer' || type === 'double') return Number(value);
  return String(value);
}

async function countDistinct(session: TableSession, column: string): Promise<number> {
  const { distinct } = await session.row(`SELECT count(DISTINCT ${column}) AS distinct FROM ${ROWS_TABLE}`);
  return Number(distinct);
}

async function listValues(
  session: TableSession,
  column: string,
): Promise<{ value: PlainValue; count: number }[]> {
  const rows = await session.rows(
    `SELECT ${column} AS value, count(*) AS count FROM ${ROWS_TABLE} WHERE ${column} IS NOT NULL
     GROUP BY ${column} ORDER BY count(*) DESC, ${column} LIMIT ${MOST_LISTED}`,
  );
  return rows.map(({ value, count }) => ({ value: plain(value), count: Number(count) }));
}

/** Missing values are asked away; what is left is a plain value. */
function plain(value: Cell | undefined): PlainValue {
  return value ?? '';
}

/** Rows that repeat another in all columns but `key`. */
export async function countDuplicates(
  session: TableSession,
  columns: readonly { readonly name: string }[],
  key: string | undefined,
): Promise<number> {
  const compared = columns.filter(({ name }) => name !== key).map(({ name }) => quoteIdentifier(name));
  if (compared.length === 0) return 0;
  const { duplicates } = await session.row(
    `SELECT coalesce(sum(n - 1), 0) AS duplicates FROM (SELECT count(*) AS n FROM ${ROWS_TABLE} GROUP BY ${compared.join(', ')} HAVING count(*) > 1)`,
  );
  return Number(duplicates);
}
