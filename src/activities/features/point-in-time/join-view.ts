/** The point-in-time join of one view: for each row of the dataset the latest values that were known at its moment. */
import type { PointInTime } from '../../../contracts/pipeline-file';
import { ROW_ID_COLUMN } from '../../../contracts/trainer';
import { quoteIdentifier, type TableSession } from '../../../ports/table-engine';
import type { TypedColumn } from '../typed-column';
import { fitView, required, type ViewFit } from './check-view';
import { knownSince, momentOf } from './moments';
import { inView, openView, type ViewFiles } from './view-files';

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
 * - A value counts from the moment at which it is known, so one recorded at exactly the row's moment is seen, one recorded later never.
 * - `ttl`: a value of exactly that age still counts.
 * - Of several rows for one entity and time the last in the file counts: corrections are appended.
 * - A row without entity, without a moment or without a match gets missing values; no row is lost or doubled.
 *
 * @param taken names that the joined columns may not have
 * @throws FEATURE_INVALID: a column is missing, has another type than its counterpart, or a name is taken; SOURCE_UNREADABLE, SOURCE_EMPTY
 */
export async function joinView(
  session: TableSession,
  index: number,
  spec: PointInTime,
  files: ViewFiles,
  dataset: readonly TypedColumn[],
  taken: readonly string[],
): Promise<JoinedView> {
  const where = `${files.name}: view ${spec.view}`;
  const relation = await openView(session, files, required(dataset, spec.entity, 'the dataset', where));
  const view = await inView(files, () => session.describe(`SELECT * FROM (${relation})`));
  const fit = fitView(where, spec, dataset, view, taken);
  const known = `view_${index}`;
  const overruled = await inView(files, () => keepLast(session, known, relation, spec, fit));
  const table = `joined_${index}`;
  await session.run(`CREATE TEMP TABLE ${table} AS ${asOf(known, spec, fit)}`);
  await session.run(`DROP TABLE ${known}`);
  return { table, columns: fit.columns, overruled };
}

/** Makes the table `known` (`entity`, `moment`, `value_0`, …) with one row for each entity and moment; says how many differing rows gave way. */
async function keepLast(
  session: TableSession,
  known: string,
  relation: string,
  spec: PointInTime,
  { entity, timestamp, entityType, at }: ViewFit,
): Promise<number> {
  const entityName = quoteIdentifier(entity.name);
  const values = spec.select.map((column, position) => `${quoteIdentifier(column)} AS value_${position}`);
  await session.run(
    `CREATE TEMP TABLE ${known}_all AS
     SELECT CAST(${entityName} AS ${entityType}) AS entity, ${knownSince(timestamp.name, timestamp.type, at.type)} AS moment,
            ${values.join(', ')}, row_number() OVER () AS line
     FROM (${relation}) WHERE ${entityName} IS NOT NULL AND ${quoteIdentifier(timestamp.name)} IS NOT NULL`,
  );
  const kept = spec.select.map((_, position) => `value_${position}`);
  await session.run(
    `CREATE TEMP TABLE ${known} AS SELECT entity, moment, ${kept.join(', ')} FROM ${known}_all
     QUALIFY row_number() OVER (PARTITION BY entity, moment ORDER BY line DESC) = 1`,
  );
  const { overruled } = await session.row(
    `SELECT count(*) AS overruled FROM ${known}_all AS old JOIN ${known} AS last USING (entity, moment)
     WHERE ${kept.map((value) => `old.${value} IS DISTINCT FROM last.${value}`).join(' OR ')}`,
  );
  await session.run(`DROP TABLE ${known}_all`);
  return Number(overruled);
}

function asOf(known: string, spec: PointInTime, { entity, entityType, at, columns }: ViewFit): string {
  // DuckDB's ASOF join matches a missing moment with the last row (measured on 1.5.6), so what it found is checked again.
  const age =
    spec.ttl === undefined ? '' : ` AND base.moment - known.moment <= ${Math.round(spec.ttl * 1e6)}`;
  const seen = `base.entity = known.entity AND base.moment >= known.moment${age}`;
  const joined = columns.map(
    (column, position) => `CASE WHEN ${seen} THEN known.value_${position} END AS ${quoteIdentifier(column)}`,
  );
  return `SELECT base.id AS ${ROW_ID_COLUMN}, ${joined.join(', ')}
    FROM (SELECT ${ROW_ID_COLUMN} AS id, CAST(${quoteIdentifier(entity.name)} AS ${entityType}) AS entity, ${momentOf(at.name, at.type)} AS moment
          FROM dataset) AS base
    ASOF LEFT JOIN ${known} AS known ON base.entity = known.entity AND base.moment >= known.moment`;
}
