/**
 * The same row under two keys. Rows that are equal in all columns but the key may be one thing entered twice, or two things that are alike: in
 * the telco data 42 of 7,043 customers equal another, most of them new ones with the same plan. They count as the same where a nearly
 * unique column proves it: one whose value no other row has. Nearly unique is a column with at least half as many values as there are
 * different rows, so that copying rows does not change what is.
 */
import { ROW_ID_COLUMN } from '../../../contracts/trainer';
import { quoteIdentifier, type TableSession } from '../../../ports/table-engine';
import { sameColumn } from '../../sql/column-names';
import type { TypedColumn } from '../typed-column';
import type { SharedFigures, TwinFigures } from './findings';

const NEARLY_UNIQUE = 0.5;
const EXAMPLES = 3;

/** Looks for twins in the session's view `sides` (all columns with `__side`). */
export async function findTwins(
  session: TableSession,
  columns: readonly TypedColumn[],
  key: string | undefined,
): Promise<TwinFigures> {
  const compared = columns
    .map((column) => column.name)
    .filter((name) => name !== ROW_ID_COLUMN && (key === undefined || !sameColumn(name, key)));
  const list = compared.map(quoteIdentifier).join(', ');
  const { measured } = await session.row(`SELECT count(*) AS measured FROM sides WHERE __side <> 'train'`);
  const none = { measured: Number(measured), equal: 0, same: 0, identifying: [], examples: [] };
  // The hash only narrows the search (it is never kept): rows are then compared by their values.
  await session.run(
    `CREATE TEMP TABLE content AS SELECT ${ROW_ID_COLUMN}, __side, hash(${list}) AS content FROM sides`,
  );
  const suspected = `SELECT content FROM content GROUP BY content HAVING count(DISTINCT __side) > 1`;
  await session.run(
    `CREATE TEMP TABLE twins AS
     SELECT row_number() OVER () AS twin, list(${ROW_ID_COLUMN} ORDER BY ${ROW_ID_COLUMN}) AS ids, count(*) FILTER (__side <> 'train') AS measured, ${list}
     FROM sides SEMI JOIN (SELECT ${ROW_ID_COLUMN} FROM content WHERE content IN (${suspected})) AS candidates USING (${ROW_ID_COLUMN})
     GROUP BY ${list} HAVING count(DISTINCT __side) > 1`,
  );
  const { equal } = await session.row('SELECT coalesce(sum(measured), 0) AS equal FROM twins');
  if (Number(equal) === 0) return none;
  await session.run(`CREATE TEMP TABLE contents AS SELECT DISTINCT ${list} FROM sides`);
  const identifying = await nearlyUnique(session, compared);
  await session.run(
    `CREATE TEMP TABLE same AS ${
      identifying.map((column) => provedBy(quoteIdentifier(column))).join(' UNION ') ||
      'SELECT twin FROM twins WHERE false'
    }`,
  );
  const { same } = await session.row(
    'SELECT coalesce(sum(measured), 0) AS same FROM twins SEMI JOIN same USING (twin)',
  );
  const id = key === undefined ? ROW_ID_COLUMN : quoteIdentifier(key);
  const examples = await session.rows(
    `SELECT string_agg(left(CAST(${id} AS VARCHAR), 50), chr(10) ORDER BY ${ROW_ID_COLUMN}) AS ids
     FROM (SELECT unnest(ids[1:4]) AS ${ROW_ID_COLUMN}, twin FROM twins SEMI JOIN same USING (twin)) JOIN sides USING (${ROW_ID_COLUMN})
     GROUP BY twin ORDER BY ids LIMIT ${EXAMPLES}`,
  );
  return {
    ...none,
    equal: Number(equal),
    same: Number(same),
    identifying,
    examples: examples.map((row) => String(row.ids).split('\n')),
  };
}

/** Twins whose value of a column stands in no other content. */
function provedBy(column: string): string {
  return `SELECT twin FROM twins JOIN (SELECT ${column} FROM contents WHERE ${column} IS NOT NULL GROUP BY ${column} HAVING count(*) = 1) AS alone USING (${column})`;
}

async function nearlyUnique(session: TableSession, columns: readonly string[]): Promise<string[]> {
  const counts = columns.map((column, index) => `count(DISTINCT ${quoteIdentifier(column)}) AS n${index}`);
  const found = await session.row(`SELECT count(*) AS total, ${counts.join(', ')} FROM contents`);
  return columns.filter((_, index) => Number(found[`n${index}`]) >= NEARLY_UNIQUE * Number(found.total));
}

/** Values of a column that stand on more than one side of the view `sides`. */
export async function sharedValues(session: TableSession, column: string): Promise<SharedFigures> {
  const name = quoteIdentifier(column);
  await session.run(
    `CREATE OR REPLACE TEMP TABLE shared AS SELECT ${name} AS value FROM sides WHERE ${name} IS NOT NULL GROUP BY ${name} HAVING count(DISTINCT __side) > 1`,
  );
  const { values } = await session.row('SELECT count(*) AS values FROM shared');
  const examples = await session.rows(
    `SELECT left(CAST(value AS VARCHAR), 50) AS value FROM shared ORDER BY shared.value LIMIT ${EXAMPLES}`,
  );
  return { column, values: Number(values), examples: examples.map((row) => String(row.value)) };
}
