/** Predictions joined with labels by row id: the only place where the two meet. */
import type { Task } from '../../contracts/trainer';
import { ROW_ID_COLUMN, scoreColumns } from '../../contracts/trainer';
import { MillraceError } from '../../contracts/errors';
import type { Predictions } from '../../evaluation';
import { quoteIdentifier, quoteLiteral, type TableEngine, type TableSession } from '../../ports/table-engine';

/** Which rows, and which predictions. */
export interface JoinRequest {
  /** `rows.parquet` of the split. */
  readonly rows: string;
  readonly side: 'validation' | 'holdout';
  /** Predictions by name of the model; each table covers at least the rows asked for. */
  readonly predictions: Readonly<Record<string, string>>;
  readonly task: Task;
  readonly classes: readonly string[];
  /** `rows.parquet` of a split whose training and validation rows are left out. */
  readonly without?: string;
}

/** An open session with the joined rows in the order of their ids, as the table `joined`. Close it when done. */
export interface JoinedRows {
  readonly session: TableSession;
  readonly count: number;
  /** Group or time block of each row, where the split is by one. */
  readonly clusters: Int32Array | undefined;
  /** The predictions of one of the models; a binary threshold is given when they are measured. */
  predictionsOf(model: string, threshold: number): Promise<Predictions>;
  /** Values of a column as text, one a row; a missing one is `(missing)`. */
  sliceValues(column: string): Promise<string[]>;
}

/** Joins in DuckDB; nothing but the columns asked for reaches this process. @throws EVALUATION_FAILED when a prediction is missing. */
export async function joinRows(engine: TableEngine, request: JoinRequest): Promise<JoinedRows> {
  const files = [
    request.rows,
    ...Object.values(request.predictions),
    ...(request.without === undefined ? [] : [request.without]),
  ];
  const session = await engine.open({ readable: files, writable: [] });
  try {
    return await join(session, request);
  } catch (error) {
    session.close();
    throw error;
  }
}

async function join(
  session: TableSession,
  { rows, side, predictions, task, classes, without }: JoinRequest,
): Promise<JoinedRows> {
  const id = quoteIdentifier(ROW_ID_COLUMN);
  const scores = scoreColumns(task, classes.length);
  const models = Object.keys(predictions);
  const columns = models.flatMap((model, index) =>
    scores.map((score) => `m${index}.${quoteIdentifier(score)} AS ${scoreName(model, score)}`),
  );
  const joins = models.map(
    (model, index) =>
      `LEFT JOIN read_parquet(${quoteLiteral(predictions[model] ?? '')}) m${index} ON CAST(m${index}.${id} AS VARCHAR) = rows.${id}`,
  );
  const exclusion =
    without === undefined
      ? ''
      : `AND rows.${id} NOT IN (SELECT ${id} FROM read_parquet(${quoteLiteral(without)}) WHERE __side IN ('train', 'validation'))`;
  await session.run(`CREATE TEMP TABLE joined AS
    SELECT rows.*, ${columns.join(', ')} FROM read_parquet(${quoteLiteral(rows)}) rows ${joins.join(' ')}
    WHERE rows.__side = ${quoteLiteral(side)} ${exclusion} ORDER BY rows.${id}`);
  await refuseMissing(session, models, scores[0] ?? 'score');
  const described = await session.describe('SELECT * FROM joined');
  const clustered = described.some(({ name }) => name === '__cluster');
  const { count } = await session.row('SELECT count(*) AS count FROM joined');
  return {
    session,
    count: Number(count),
    clusters: clustered ? Int32Array.from(await column(session, '__cluster')) : undefined,
    predictionsOf: (model, threshold) =>
      readPredictions(session, {
        task,
        classes,
        scores: scores.map((score) => scoreName(model, score)),
        threshold,
      }),
    sliceValues: (name) =>
      sliceValues(
        session,
        name,
        described.map((each) => each.name),
      ),
  };
}

async function refuseMissing(session: TableSession, models: readonly string[], score: string): Promise<void> {
  for (const model of models) {
    const { missing } = await session.row(
      `SELECT count(*) AS missing FROM joined WHERE ${scoreName(model, score)} IS NULL`,
    );
    if (Number(missing) > 0) {
      throw new MillraceError('EVALUATION_FAILED', `${Number(missing)} rows have no prediction of ${model}`, {
        mend: 'run again with `--no-cache`; if it comes again, the trainer leaves rows out',
      });
    }
  }
}

async function readPredictions(
  session: TableSession,
  {
    task,
    classes,
    scores,
    threshold,
  }: { task: Task; classes: readonly string[]; scores: readonly string[]; threshold: number },
): Promise<Predictions> {
  const labels = await column(session, '__label');
  const first = await column(session, scores[0] ?? '', true);
  switch (task) {
    case 'binary':
      return { task, scores: first, labels: Uint8Array.from(labels), threshold };
    case 'regression':
      return { task, predictions: first, labels };
    case 'multiclass': {
      const all = new Float64Array(labels.length * classes.length);
      for (const [index, name] of scores.entries()) {
        const values = await column(session, name, true);
        values.forEach((value, row) => (all[row * classes.length + index] = value));
      }
      return { task, scores: all, labels: Int32Array.from(labels), classes };
    }
  }
}

/** A numeric column in the order of the row ids. `quoted` names are given ready for SQL. */
async function column(session: TableSession, name: string, quoted = false): Promise<Float64Array> {
  const expression = quoted ? name : quoteIdentifier(name);
  const [values = new Float64Array()] = await session.numericColumns(
    `SELECT CAST(${expression} AS DOUBLE) FROM joined ORDER BY ${quoteIdentifier(ROW_ID_COLUMN)}`,
  );
  return values;
}

async function sliceValues(
  session: TableSession,
  name: string,
  columns: readonly string[],
): Promise<string[]> {
  if (!columns.includes(name)) {
    throw new MillraceError('EVALUATION_FAILED', `the data has no column ${name} to slice by`, {
      where: 'evaluation',
      mend: `name one of ${columns.filter((each) => !each.startsWith('__')).join(', ')}`.slice(0, 1000),
    });
  }
  const rows = await session.rows(
    `SELECT coalesce(CAST(${quoteIdentifier(name)} AS VARCHAR), '(missing)') AS value FROM joined ORDER BY ${quoteIdentifier(ROW_ID_COLUMN)}`,
  );
  return rows.map(({ value }) => String(value));
}

/** Column of a model's scores in `joined`; reserved, so that no source column can have it. */
export function scoreName(model: string, score: string): string {
  return quoteIdentifier(`__${model}_${score}`);
}
