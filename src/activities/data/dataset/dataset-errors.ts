/** What can be wrong with the rows of a dataset, with some of them to look at. */
import { MillraceError } from '../../../contracts/errors';
import { ROW_ID_COLUMN } from '../../../contracts/trainer';
import { quoteIdentifier, quoteLiteral, type Cell, type TableSession } from '../../../ports/table-engine';
import { cut } from '../read/read-errors';
import type { DatasetPlan } from './dataset-plan';
import { FEATURE_CODE } from './open-relation';

const ROW_ID = quoteIdentifier(ROW_ID_COLUMN);
/** What of the data goes into a message, and so into Temporal's history. */
const SAMPLE_ROWS = 3;
const SAMPLE_COLUMNS = 6;
const SAMPLE_CHARACTERS = 40;

/** Error for a relation without a row. */
export function noRows({ origin }: DatasetPlan): MillraceError {
  if (origin === 'dataset.sql')
    return new MillraceError('DATASET_INVALID', 'The SQL of the dataset gives no rows.', {
      where: origin,
      mend: 'Check its joins and its WHERE.',
    });
  if (origin === FEATURE_CODE)
    return new MillraceError(
      'DATASET_INVALID',
      'The function of features.python made a table without rows.',
      {
        where: origin,
        mend: 'Check what it filters and joins.',
      },
    );
  return new MillraceError('SOURCE_EMPTY', `The source ${origin} has a header and no rows.`, {
    where: `sources.${origin}`,
    mend: 'Give a file with rows.',
  });
}

/** Error for rows of `draft` whose key is missing. */
export async function missingKey(
  session: TableSession,
  draft: string,
  { key, columns }: DatasetPlan,
  count: number,
): Promise<MillraceError> {
  const names = columns.slice(0, SAMPLE_COLUMNS).map(({ name }) => quoteIdentifier(name));
  const rows = await session.rows(
    `SELECT ${names.join(', ')} FROM read_parquet(${quoteLiteral(draft)}) WHERE ${ROW_ID} IS NULL LIMIT ${SAMPLE_ROWS}`,
  );
  return new MillraceError(
    'DATASET_INVALID',
    `The key ${key} is missing in ${count} ${count === 1 ? 'row' : 'rows'}, for example ${rows.map(shown).join(' and ')}.`,
    {
      where: 'dataset.key',
      mend: `Mend those rows, leave them out with dataset.sql: SELECT * FROM … WHERE ${key} IS NOT NULL, or name another key.`,
      details: { count, rows: rows.map(shown) },
    },
  );
}

/** Error for a key that several rows of `draft` have. */
export async function duplicateKey(
  session: TableSession,
  draft: string,
  key: string,
): Promise<MillraceError> {
  const repeated = `SELECT ${ROW_ID} AS id, count(*) AS n FROM read_parquet(${quoteLiteral(draft)}) GROUP BY 1 HAVING count(*) > 1`;
  const { values } = await session.row(`SELECT count(*) AS values FROM (${repeated})`);
  const rows = await session.rows(
    `SELECT left(id, ${SAMPLE_CHARACTERS}) AS id, n FROM (${repeated}) ORDER BY n DESC, id LIMIT 5`,
  );
  const examples = rows.map(({ id, n }) => `${id} (${n} rows)`);
  return new MillraceError(
    'DATASET_INVALID',
    `The key ${key} does not identify a row: ${values} of its values stand in several rows, for example ${examples.join(', ')}.`,
    {
      where: 'dataset.key',
      mend: 'Name another key or none. Where whole rows are repeated, dropDuplicates: true keeps one of each.',
      details: { values, examples },
    },
  );
}

/**
 * Error for keys that have different labels in `source`; undefined when each has one.
 * @param labels SQL of the different pairs of `__key` and `__label`
 */
export async function differentLabels(
  session: TableSession,
  labels: string,
  source: string,
  key: string,
  label: string,
): Promise<MillraceError | undefined> {
  const shown = `left(coalesce(CAST(__label AS VARCHAR), 'a gap'), ${SAMPLE_CHARACTERS})`;
  const several = `SELECT __key AS id, list(${shown} ORDER BY __label NULLS LAST) AS labels FROM (${labels}) GROUP BY 1 HAVING count(*) > 1`;
  const { values } = await session.row(`SELECT count(*) AS values FROM (${several})`);
  if (Number(values) === 0) return undefined;
  const rows = await session.rows(
    `SELECT left(id, ${SAMPLE_CHARACTERS}) AS id, array_to_string(labels[:3], ', ') AS labels FROM (${several}) ORDER BY id LIMIT 5`,
  );
  const examples = rows.map(({ id, labels }) => `${id} (${labels})`);
  return new MillraceError(
    'DATASET_INVALID',
    `The source ${source} has rows with different labels ${label} for ${values} of its keys ${key}, for example for ${examples.join(', ')}.`,
    {
      where: `sources.${source}`,
      mend: 'Mend the source, so that all rows of a key have one label; or let dataset.from name a source that has one row a key.',
      details: { values, examples },
    },
  );
}

/** Error for rows of the dataset `file` without a label. */
export async function missingLabel(
  session: TableSession,
  file: string,
  label: string,
  count: number,
  total: number,
): Promise<MillraceError> {
  const rows = await session.rows(
    `SELECT left(${ROW_ID}, ${SAMPLE_CHARACTERS}) AS id FROM read_parquet(${quoteLiteral(file)}) WHERE ${quoteIdentifier(label)} IS NULL LIMIT 5`,
  );
  const ids = rows.map(({ id }) => id);
  return new MillraceError(
    'DATASET_INVALID',
    `The label ${label} is missing in ${count} of ${total} rows, for example in ${ids.join(', ')}.`,
    {
      where: 'dataset.label',
      mend: `Leave them out with dataset.sql: SELECT * FROM … WHERE ${quoteIdentifier(label)} IS NOT NULL`,
      details: { count, rows: ids },
    },
  );
}

function shown(row: Readonly<Record<string, Cell>>): string {
  return Object.entries(row)
    .map(([name, value]) => `${name}=${value === null ? '' : cut(String(value), SAMPLE_CHARACTERS)}`)
    .join(', ');
}
