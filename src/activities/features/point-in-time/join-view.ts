/** The point-in-time join of one view: for each row of the dataset the latest values that were known at its moment. */
import { MillraceError } from '../../../contracts/errors';
import { didYouMean } from '../../../contracts/file-problems';
import type { PointInTime } from '../../../contracts/pipeline-file';
import { ROW_ID_COLUMN } from '../../../contracts/trainer';
import { quoteIdentifier, quoteLiteral, type TableSession } from '../../../ports/table-engine';
import { RESERVED_PREFIX, sameColumn } from '../column-names';
import { engineWords } from '../engine-words';
import { logicalTypeOf } from '../logical-types';
import { isMoment, knownSince, momentOf } from './moments';
import type { ViewFile } from './view-file';

/** A column with its DuckDB type. */
export interface TypedColumn {
  readonly name: string;
  readonly type: string;
}

/** What a join left: a table of the session with a row id and the joined columns, one row for each row of the dataset. */
export interface JoinedView {
  readonly table: string;
  readonly columns: readonly string[];
  /** Rows of the view that gave way to a later one of the same entity and time with other values. */
  readonly overruled: number;
}

/**
 * Joins view number `index` to the session's table `dataset`.
 *
 * - A value counts at the moment from which it is known, so one recorded at exactly the row's moment is seen, one recorded later never.
 * - `ttl`: a value of exactly that age still counts.
 * - Of several rows for one entity and time the last in the file counts: corrections are appended.
 * - A row without entity, without a moment or without a match gets missing values; no row is lost or doubled.
 *
 * @param taken names that the joined columns may not have
 * @throws FEATURE_INVALID: a column is missing, has another type than its counterpart, or a name is taken; the file cannot be read
 */
export async function joinView(
  session: TableSession,
  index: number,
  spec: PointInTime,
  file: ViewFile,
  dataset: readonly TypedColumn[],
  taken: readonly string[],
): Promise<JoinedView> {
  const where = `features.pointInTime[${index}]: view ${spec.view}`;
  const at = required(dataset, spec.at, 'the dataset', where);
  const entity = required(dataset, spec.entity, 'the dataset', where);
  const source = viewSource(file, { entity: spec.entity, type: entity.type });
  const view = await session.describe(`SELECT * FROM ${source}`).catch((error: unknown) => {
    throw invalid(where, 'The view cannot be read.', 'Give a parquet, CSV or JSON-lines file.', error);
  });
  const timestamp = required(view, spec.timestamp ?? spec.at, 'the view', where);
  const viewEntity = required(view, spec.entity, 'the view', where);
  for (const column of spec.select) required(view, column, 'the view', where);
  const entityType = commonEntityType(entity, viewEntity, where);
  for (const [column, place] of [
    [at, 'the dataset'],
    [timestamp, 'the view'],
  ] as const)
    if (!isMoment(column.type))
      throw invalid(
        where,
        `${column.name} of ${place} is ${column.type}, not a date or a timestamp.`,
        'Name a time column, or cast it in dataset.sql.',
      );
  const columns = spec.select.map((column) => `${spec.prefix}${column}`);
  refuseTaken(columns, taken, where);

  const values = spec.select.map(quoteIdentifier);
  const known = `view_${index}`;
  await session
    .run(
      `CREATE TEMP TABLE ${known}_all AS
       SELECT CAST(${quoteIdentifier(viewEntity.name)} AS ${entityType}) AS entity, ${knownSince(timestamp.name, timestamp.type, at.type)} AS moment,
              ${values.map((value, position) => `${value} AS value_${position}`).join(', ')}, ${lineNumber(file)} AS line
       FROM ${source} WHERE ${quoteIdentifier(viewEntity.name)} IS NOT NULL AND ${quoteIdentifier(timestamp.name)} IS NOT NULL`,
    )
    .catch((error: unknown) => {
      throw invalid(where, 'The view cannot be read.', 'Look at the file.', error);
    });
  const kept = spec.select.map((_, position) => `value_${position}`);
  await session.run(
    `CREATE TEMP TABLE ${known} AS SELECT entity, moment, ${kept.join(', ')} FROM ${known}_all
     QUALIFY row_number() OVER (PARTITION BY entity, moment ORDER BY line DESC) = 1`,
  );
  const { overruled } = await session.row(
    `SELECT count(*) AS overruled FROM ${known}_all AS old JOIN ${known} AS last USING (entity, moment)
     WHERE ${kept.map((value) => `old.${value} IS DISTINCT FROM last.${value}`).join(' OR ')}`,
  );
  // DuckDB's ASOF join matches a missing moment with the last row (measured on 1.5.6), so what it found is checked again.
  const age =
    spec.ttl === undefined ? '' : ` AND base.moment - known.moment <= ${Math.round(spec.ttl * 1e6)}`;
  const seen = `base.entity = known.entity AND base.moment >= known.moment${age}`;
  const table = `joined_${index}`;
  await session.run(
    `CREATE TEMP TABLE ${table} AS
     SELECT base.id AS ${ROW_ID_COLUMN}, ${columns
       .map(
         (column, position) =>
           `CASE WHEN ${seen} THEN known.value_${position} END AS ${quoteIdentifier(column)}`,
       )
       .join(', ')}
     FROM (SELECT ${ROW_ID_COLUMN} AS id, CAST(${quoteIdentifier(entity.name)} AS ${entityType}) AS entity, ${momentOf(at.name, at.type)} AS moment
           FROM dataset) AS base
     ASOF LEFT JOIN ${known} AS known ON base.entity = known.entity AND base.moment >= known.moment`,
  );
  await session.run(`DROP TABLE ${known}_all; DROP TABLE ${known}`);
  return { table, columns, overruled: Number(overruled) };
}

/** The scan of a view. A CSV's entity is read as the dataset has it, so that `007` stays `007`. */
function viewSource(file: ViewFile, column: { entity: string; type: string }): string {
  const path = quoteLiteral(file.path);
  if (file.format === 'parquet') return `read_parquet(${path}, file_row_number = true)`;
  if (file.format === 'jsonl') return `read_json(${path}, format = 'newline_delimited')`;
  const types = `types = {${quoteLiteral(column.entity)}: ${quoteLiteral(column.type)}}`;
  const delimiter = file.format === 'tsv' ? `, delim = '\\t'` : '';
  return `read_csv(${path}, header = true, sample_size = -1, ${types}${delimiter})`;
}

/** The place of a row in the file. */
function lineNumber(file: ViewFile): string {
  return file.format === 'parquet' ? 'file_row_number' : 'row_number() OVER ()';
}

function required(columns: readonly TypedColumn[], name: string, place: string, where: string): TypedColumn {
  const found = columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  const names = columns.map((column) => column.name).filter((known) => !known.startsWith(RESERVED_PREFIX));
  throw invalid(where, `There is no column ${name} in ${place}${didYouMean(name, names)}.`, 'Mend the name.');
}

function commonEntityType(entity: TypedColumn, other: TypedColumn, where: string): string {
  const type = logicalTypeOf(entity.type);
  if (type === logicalTypeOf(other.type) && type === 'integer') return 'HUGEINT';
  if (type === logicalTypeOf(other.type) && type === 'category') return 'VARCHAR';
  throw invalid(
    where,
    `The entity ${entity.name} is ${entity.type} in the dataset and ${other.type} in the view.`,
    'Make both whole numbers or both texts, in dataset.sql or in the view.',
  );
}

function refuseTaken(columns: readonly string[], taken: readonly string[], where: string): void {
  for (const [position, column] of columns.entries()) {
    const other = [...taken, ...columns.slice(0, position)].find((name) => sameColumn(name, column));
    if (other !== undefined || column.startsWith(RESERVED_PREFIX))
      throw invalid(
        where,
        other === undefined
          ? `The joined column ${column} has a name that is reserved.`
          : `The joined column ${column} has the name of another column.`,
        'Give the view a prefix of its own.',
      );
  }
}

function invalid(where: string, message: string, mend: string, cause?: unknown): MillraceError {
  const words = cause === undefined ? '' : ` ${engineWords(cause)}.`;
  return new MillraceError('FEATURE_INVALID', `${message}${words}`, { where, mend, cause });
}
