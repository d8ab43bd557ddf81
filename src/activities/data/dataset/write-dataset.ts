/** Writes `dataset.parquet` from a relation: identified, de-duplicated, in an order that does not depend on the source's. */
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ROW_ID_COLUMN } from '../../../contracts/trainer';
import { quoteIdentifier, quoteLiteral, type TableSession } from '../../../ports/table-engine';
import { DATASET_FILE } from '../step-files';
import { duplicateKey, missingKey, noRows } from './dataset-errors';
import type { DatasetPlan } from './dataset-plan';
import { contentHash, orderHash } from './row-identity';

/** What was written. */
export interface WrittenDataset {
  readonly file: string;
  readonly rows: number;
  readonly duplicatesDropped: number;
}

/** Snappy, and row groups small enough for a session of little memory. */
const PARQUET = '(FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 61440)';
const ROW_ID = quoteIdentifier(ROW_ID_COLUMN);
/** Columns of the draft: what must be equal in duplicates, and the content apart from the key. */
const SAME = '__same';
const CONTENT = '__content';

/**
 * Reads the relation once. A second pass, over what was written, is for duplicates, exact repeats without a key, and samples only.
 * @throws SOURCE_EMPTY or DATASET_INVALID for no rows, DATASET_INVALID for a key that is missing in a row or names two; errors of the
 * engine as they are.
 */
export async function writeDataset(
  session: TableSession,
  directory: string,
  plan: DatasetPlan,
): Promise<WrittenDataset> {
  const file = join(directory, DATASET_FILE);
  const draft = join(directory, 'draft.parquet');
  await session.run(firstPass(plan, draft));
  const found = await lookAt(session, draft, plan);
  if (found.rows === 0) throw noRows(plan);
  if (plan.key !== undefined && found.missing > 0)
    throw await missingKey(session, draft, plan, found.missing);
  if (plan.key !== undefined && found.clashes > 0) throw await duplicateKey(session, draft, plan.key);
  if (plan.duplicateColumns === undefined && found.repeats === 0 && plan.sample === undefined) {
    await rename(draft, file);
    return { file, rows: found.rows, duplicatesDropped: 0 };
  }
  await session.run(
    `CREATE TEMP TABLE kept AS ${plan.duplicateColumns ? firstOfEach(draft) : numbered(draft)}`,
  );
  const { kept } = await session.row('SELECT count(*) AS kept FROM kept');
  await session.run(secondPass(plan, draft, file));
  await session.run('DROP TABLE kept');
  await rm(draft);
  const distinct = Number(kept);
  return {
    file,
    rows: Math.min(distinct, plan.sample ?? distinct),
    duplicatesDropped: found.rows - distinct,
  };
}

/** Every row with its id, sorted. Rows with the same id end up beside each other. */
function firstPass({ relation, columns, key, duplicateColumns }: DatasetPlan, draft: string): string {
  const canonical = columns.map(({ name, sql }) => `${sql} AS ${quoteIdentifier(name)}`);
  // The key as it comes: large whole numbers would not survive as doubles.
  const keyText = key === undefined ? [] : [`CAST(${quoteIdentifier(key)} AS VARCHAR) AS ${ROW_ID}`];
  const content = contentHash(columns.filter(({ name }) => name !== key));
  const hashes = [
    ...(key === undefined ? [`${content} AS ${ROW_ID}`] : []),
    ...(duplicateColumns
      ? [
          `${contentHash(columns.filter(({ name }) => duplicateColumns.includes(name)))} AS ${SAME}`,
          `${content} AS ${CONTENT}`,
        ]
      : []),
  ];
  const identified = `SELECT ${[...hashes, '*'].join(', ')} FROM (SELECT ${[...keyText, ...canonical].join(', ')} FROM (${relation}))`;
  const names = columns.map(({ name }) => quoteIdentifier(name));
  const kept = [ROW_ID, ...(duplicateColumns ? [SAME, CONTENT] : []), ...names];
  return `COPY (SELECT ${kept.join(', ')} FROM (${identified}) ORDER BY ${orderHash(ROW_ID)}, ${ROW_ID}) TO ${quoteLiteral(draft)} ${PARQUET}`;
}

interface DraftFacts {
  readonly rows: number;
  /** Rows without a key. */
  readonly missing: number;
  /** Rows that have their id from another row. */
  readonly repeats: number;
  /** Rows that have their id from a row of other content. */
  readonly clashes: number;
}

/** One pass over the ids, comparing neighbours: needs no memory, however many rows there are. */
async function lookAt(session: TableSession, draft: string, plan: DatasetPlan): Promise<DraftFacts> {
  const content = plan.duplicateColumns ? CONTENT : 'NULL';
  const found = await session.row(
    `SELECT count(*) AS n, count(*) FILTER (id IS NULL) AS missing, count(*) FILTER (id = id_before) AS repeats,
            count(*) FILTER (id = id_before AND content IS DISTINCT FROM content_before) AS clashes
     FROM (SELECT id, lag(id) OVER () AS id_before, content, lag(content) OVER () AS content_before
           FROM (SELECT ${ROW_ID} AS id, ${content} AS content FROM read_parquet(${quoteLiteral(draft)})))`,
  );
  const repeats = Number(found.repeats);
  return {
    rows: Number(found.n),
    missing: Number(found.missing),
    repeats,
    clashes: plan.duplicateColumns ? Number(found.clashes) : repeats,
  };
}

/** Of rows that are duplicates the one with the smallest id, whatever the order of the source. */
function firstOfEach(draft: string): string {
  return `SELECT arg_min(file_row_number, ${ROW_ID}) AS place, 0 AS ordinal
          FROM read_parquet(${quoteLiteral(draft)}, file_row_number = true) GROUP BY ${SAME}`;
}

/** All rows; exact repeats without a key, which nothing tells apart, get a number. */
function numbered(draft: string): string {
  return `SELECT file_row_number AS place, row_number() OVER (PARTITION BY ${ROW_ID} ORDER BY file_row_number) - 1 AS ordinal
          FROM read_parquet(${quoteLiteral(draft)}, file_row_number = true)`;
}

function secondPass({ columns, sample }: DatasetPlan, draft: string, file: string): string {
  const id = `CASE WHEN ordinal = 0 THEN ${ROW_ID} ELSE ${ROW_ID} || '-' || ordinal END AS ${ROW_ID}`;
  const names = columns.map(({ name }) => quoteIdentifier(name));
  const rows = `SELECT ${[id, ...names].join(', ')}
                FROM read_parquet(${quoteLiteral(draft)}, file_row_number = true) JOIN kept ON place = file_row_number`;
  const limit = sample === undefined ? '' : ` LIMIT ${sample}`;
  return `COPY (SELECT * FROM (${rows}) ORDER BY ${orderHash(ROW_ID)}, ${ROW_ID}${limit}) TO ${quoteLiteral(file)} ${PARQUET}`;
}
