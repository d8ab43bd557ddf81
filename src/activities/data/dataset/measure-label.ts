/** Looks at the label of a written dataset. */
import { MillraceError } from '../../../contracts/errors';
import { labelOf, type Dataset } from '../../../contracts/pipeline-file';
import { quoteIdentifier, quoteLiteral, type TableSession } from '../../../ports/table-engine';
import type { CanonicalColumn } from './canonical-columns';
import { missingLabel } from './dataset-errors';
import { MAX_CLASSES, targetOf, type Target } from './label';

/** Task and classes of the label. @throws DATASET_INVALID for labels that are missing, not finite, or no target. */
export async function measureTarget(
  session: TableSession,
  file: string,
  dataset: Dataset,
  column: CanonicalColumn,
): Promise<Target> {
  const name = labelOf(dataset);
  const label = quoteIdentifier(name);
  const table = `read_parquet(${quoteLiteral(file)})`;
  const found = await session.row(
    `SELECT count(*) AS n, count(${label}) AS labelled,
            ${column.type === 'double' ? `count(*) FILTER (isinf(${label}))` : '0'} AS infinite FROM ${table}`,
  );
  const total = Number(found.n);
  const missing = total - Number(found.labelled);
  if (missing > 0) throw await missingLabel(session, file, name, missing, total);
  if (Number(found.infinite) > 0)
    throw new MillraceError('DATASET_INVALID', `The label ${name} is infinite in ${found.infinite} rows.`, {
      where: 'dataset.label',
      mend: `Leave them out with dataset.sql: SELECT * FROM … WHERE isfinite(${label})`,
    });
  const { values } = await session.row(
    `SELECT count(*) AS values FROM (SELECT DISTINCT ${label} FROM ${table} LIMIT ${MAX_CLASSES + 2})`,
  );
  // A quantity has as many values as rows: of those, that they are many is all that is needed.
  const few = Number(values) <= MAX_CLASSES + 1;
  const rows = await session.rows(
    few
      ? `SELECT CAST(${label} AS VARCHAR) AS text, count(*) AS n FROM ${table} GROUP BY ${label} ORDER BY ${label}`
      : `SELECT CAST(${label} AS VARCHAR) AS text, 0 AS n FROM (SELECT DISTINCT ${label} FROM ${table} LIMIT ${MAX_CLASSES + 1})`,
  );
  const positive =
    dataset.positive === undefined
      ? undefined
      : (
          await session.row(`SELECT CAST(TRY_CAST($1 AS ${column.duckdbType}) AS VARCHAR) AS positive`, [
            dataset.positive,
          ])
        ).positive;
  return targetOf(dataset, {
    name,
    type: column.type,
    values: rows.map(({ text, n }) => ({ text: String(text), count: Number(n) })),
    ...(positive !== undefined && { positive }),
  });
}
