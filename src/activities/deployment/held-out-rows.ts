/** Real held-out rows as a caller would send them, with the scores they were evaluated with. */
import path from 'node:path';
import { MillraceError } from '../../contracts/errors';
import { ROW_ID_COLUMN, scoreColumns, type InputColumn, type TrainInput } from '../../contracts/trainer';
import {
  quoteIdentifier,
  quoteLiteral,
  type Cell,
  type TableEngine,
  type TableSession,
} from '../../ports/table-engine';
import type { EvaluatedRow } from './compare-predictions';

/** What a smoke test sends, and what must come back. */
export interface HeldOutRows {
  /** Body of a request: MLflow's `dataframe_split`. */
  readonly body: { readonly dataframe_split: { columns: string[]; data: Cell[][] } };
  readonly evaluated: readonly EvaluatedRow[];
}

/**
 * At most `count` rows of `holdout.parquet`, chosen by a hash of the row id: the same ones each time, from everywhere in the table. Only
 * rows that were scored; infinities cannot be said in JSON, so rows with one are left out.
 * @throws STORE_CORRUPT when no row was scored.
 */
export async function heldOutRows(
  engine: TableEngine,
  folders: { readonly split: string; readonly scores: string },
  question: Pick<TrainInput, 'task' | 'classes' | 'features'>,
  count: number,
): Promise<HeldOutRows> {
  const rows = path.join(folders.split, 'holdout.parquet');
  const scores = path.join(folders.scores, 'predictions.parquet');
  const session = await engine.open({ readable: [rows, scores], writable: [] });
  try {
    return await read(session, rows, scores, question, count);
  } finally {
    session.close();
  }
}

async function read(
  session: TableSession,
  rows: string,
  scores: string,
  { task, classes, features }: Pick<TrainInput, 'task' | 'classes' | 'features'>,
  count: number,
): Promise<HeldOutRows> {
  const columns = scoreColumns(task, classes.length);
  const id = quoteIdentifier(ROW_ID_COLUMN);
  const finite = features.inputs
    .filter(({ type }) => type === 'double')
    .map(({ name }) => ` AND NOT coalesce(isinf(CAST(r.${quoteIdentifier(name)} AS DOUBLE)), false)`);
  const found = await session.rows(
    `SELECT r.${id} AS id_, ${columns.map((name, index) => `s.${quoteIdentifier(name)} AS s${index}_`).join(', ')}${features.inputs
      .map(({ name }, index) => `, r.${quoteIdentifier(name)} AS i${index}_`)
      .join('')}
     FROM read_parquet(${quoteLiteral(rows)}) r JOIN read_parquet(${quoteLiteral(scores)}) s ON r.${id} = s.${id}
     WHERE true${finite.join('')} ORDER BY md5(CAST(r.${id} AS VARCHAR)), r.${id} LIMIT ${count}`,
  );
  if (found.length === 0)
    throw new MillraceError('STORE_CORRUPT', 'no held-out row has a score to compare with', {
      where: scores,
      mend: 'run the pipeline again with `--from holdout`',
    });
  return {
    body: {
      dataframe_split: {
        columns: features.inputs.map(({ name }) => name),
        data: found.map((row) =>
          features.inputs.map((column, index) => asSent(row[`i${index}_`] ?? null, column)),
        ),
      },
    },
    evaluated: found.map((row) => ({
      rowId: String(row.id_),
      scores: columns.map((_, index) => Number(row[`s${index}_`])),
    })),
  };
}

/** A cell as JSON says it: decimals and large integers come as text and are numbers to the model; NaN is missing. */
function asSent(cell: Cell, { type }: InputColumn): Cell {
  if (typeof cell !== 'string' || (type !== 'double' && type !== 'integer')) return cell;
  const number = Number(cell);
  return Number.isFinite(number) ? number : null;
}
