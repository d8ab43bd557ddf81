/** What a finished job left, held against the contract: exactly the rows that were asked for, a number for each. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { MillraceError } from '../../contracts/errors';
import type { ModelResult, Task } from '../../contracts/trainer';
import { modelResultSchema, ROW_ID_COLUMN, scoreColumns } from '../../contracts/trainer';
import { quoteIdentifier, quoteLiteral, type TableEngine } from '../../ports/table-engine';

/** What the job should have left. */
export interface Expectation {
  /** The job's `out/` folder. */
  readonly out: string;
  /** Parquet file with the rows that were to be predicted. */
  readonly rows: string;
  readonly task: Task;
  readonly classCount: number;
  /** Whether `model/` must be there. */
  readonly model: boolean;
}

/** Reads and checks a job's output. @throws TRAINER_NO_RESULT or TRAINER_BAD_RESULT, saying which rows or columns are wrong. */
export async function checkJobResult(engine: TableEngine, expected: Expectation): Promise<ModelResult> {
  const result = await readResult(expected.out);
  if (expected.model && !(await exists(path.join(expected.out, 'model', 'MLmodel')))) {
    throw bad(
      'it left no MLflow model',
      'write the model to out/model (mlflow.*.save_model), or use millrace_trainer.job.finish(estimator=…)',
      expected.out,
    );
  }
  const predictions = path.join(expected.out, 'predictions.parquet');
  if (!(await exists(predictions)))
    throw bad('it left no predictions', 'write out/predictions.parquet', expected.out);
  await checkPredictions(engine, predictions, expected);
  return result;
}

async function checkPredictions(engine: TableEngine, file: string, expected: Expectation): Promise<void> {
  const session = await engine.open({ readable: [file, expected.rows], writable: [] });
  try {
    const predictions = `read_parquet(${quoteLiteral(file)})`;
    const columns = await session.describe(`SELECT * FROM ${predictions}`).catch((error: unknown) => {
      throw bad(`its predictions cannot be read: ${String(error)}`, 'write a parquet file', file);
    });
    const scores = scoreColumns(expected.task, expected.classCount);
    const missing = [ROW_ID_COLUMN, ...scores].filter(
      (name) => !columns.some((column) => column.name === name),
    );
    if (missing.length > 0) {
      throw bad(
        `its predictions lack the column ${missing.join(', ')} (they have ${columns.map(({ name }) => name).join(', ')})`,
        `write the columns ${[ROW_ID_COLUMN, ...scores].join(', ')}`,
        file,
      );
    }
    const id = quoteIdentifier(ROW_ID_COLUMN);
    const notFinite = scores
      .map(
        (name) =>
          `NOT isfinite(TRY_CAST(${quoteIdentifier(name)} AS DOUBLE)) OR TRY_CAST(${quoteIdentifier(name)} AS DOUBLE) IS NULL`,
      )
      .join(' OR ');
    const outside =
      expected.task === 'regression'
        ? 'false'
        : scores
            .map((name) => `TRY_CAST(${quoteIdentifier(name)} AS DOUBLE) NOT BETWEEN 0 AND 1`)
            .join(' OR ');
    const asked = `(SELECT CAST(${id} AS VARCHAR) AS id FROM read_parquet(${quoteLiteral(expected.rows)}))`;
    const given = `(SELECT CAST(${id} AS VARCHAR) AS id FROM ${predictions})`;
    const counts = await session.row(`SELECT
      (SELECT count(*) FROM ${asked}) AS asked,
      (SELECT count(*) FROM ${given}) AS given,
      (SELECT count(*) - count(DISTINCT id) FROM ${given}) AS repeated,
      (SELECT count(*) FROM ${asked} ANTI JOIN ${given} USING (id)) AS absent,
      (SELECT count(*) FROM ${given} ANTI JOIN ${asked} USING (id)) AS foreign_rows,
      (SELECT count(*) FROM ${predictions} WHERE ${notFinite}) AS not_finite,
      (SELECT count(*) FROM ${predictions} WHERE ${outside}) AS outside`);
    const faults = [
      [counts.absent, 'rows have no prediction'],
      [counts.foreign_rows, 'predictions are for rows that were not asked for'],
      [counts.repeated, 'predictions repeat a row id'],
      [counts.not_finite, 'scores are missing, NaN or infinite'],
      [counts.outside, 'scores are outside 0 to 1'],
    ].filter(([count]) => Number(count) > 0);
    if (faults.length > 0) {
      const words = faults
        .map(([count, text]) => `${Number(count).toLocaleString('en')} ${String(text)}`)
        .join(', ');
      throw bad(
        `of ${Number(counts.asked).toLocaleString('en')} rows asked for, ${words}`,
        `give one finite score per row of the validation table, by ${ROW_ID_COLUMN}`,
        file,
      );
    }
  } finally {
    session.close();
  }
}

async function readResult(out: string): Promise<ModelResult> {
  const file = path.join(out, 'result.json');
  const text = await readFile(file, 'utf8').catch(() => {
    throw new MillraceError('TRAINER_NO_RESULT', 'the trainer ended well but left no out/result.json', {
      where: out,
      mend: 'write out/result.json last, or use millrace_trainer.job.finish()',
    });
  });
  try {
    return modelResultSchema.parse(JSON.parse(text));
  } catch (error) {
    throw bad(
      `its result.json breaks the contract: ${error instanceof Error ? error.message.slice(0, 500) : String(error)}`,
      'see trainers/README.md',
      file,
    );
  }
}

function bad(what: string, mend: string, where: string): MillraceError {
  return new MillraceError('TRAINER_BAD_RESULT', `the trainer's result breaks the contract: ${what}`, {
    where,
    mend,
  });
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
