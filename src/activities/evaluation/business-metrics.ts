/** Business metrics: SQL aggregates over the prediction table. */
import { MillraceError } from '../../contracts/errors';
import type { Task } from '../../contracts/trainer';
import { scoreColumns } from '../../contracts/trainer';
import { quoteIdentifier, quoteLiteral } from '../../ports/table-engine';
import type { JoinedRows } from './joined-rows';
import { scoreName } from './joined-rows';

/**
 * Computes each expression over the table with `score`, `predicted`, `label` and the source columns. For binary models `predicted` and
 * `label` are booleans; otherwise `predicted` is the class name or the value. An expression must be one aggregate that gives one number.
 * @throws EVALUATION_FAILED naming the metric and the engine's words.
 */
export async function businessMetrics(
  joined: JoinedRows,
  expressions: Readonly<Record<string, string>>,
  model: {
    readonly name: string;
    readonly task: Task;
    readonly classes: readonly string[];
    readonly threshold: number;
  },
): Promise<Record<string, number | null>> {
  const names = Object.keys(expressions);
  if (names.length === 0) return {};
  await joined.session.run(
    `CREATE OR REPLACE TEMP VIEW predictions AS ${predictionTable(model, await sourceColumns(joined))}`,
  );
  const values: Record<string, number | null> = {};
  for (const name of names) values[name] = await oneNumber(joined, name, expressions[name] ?? '');
  return values;
}

async function oneNumber({ session }: JoinedRows, name: string, expression: string): Promise<number | null> {
  const refuse = (why: string, cause?: unknown): MillraceError =>
    new MillraceError('EVALUATION_FAILED', `the business metric ${name} ${why}`, {
      where: `evaluation.business.${name}`,
      mend: 'write one SQL aggregate over score, predicted, label and the source columns, such as sum(CASE WHEN predicted AND label THEN 120 ELSE 0 END)',
      cause,
    });
  if (expression.includes(';')) throw refuse('must be one expression, without a semicolon');
  const rows = await session
    .rows(`SELECT CAST((${expression}) AS DOUBLE) AS value FROM predictions`)
    .catch((error: unknown) => {
      throw refuse(`cannot be computed: ${error instanceof Error ? error.message : String(error)}`, error);
    });
  if (rows.length !== 1) throw refuse(`gives ${rows.length} rows; it must be an aggregate, which gives one`);
  const value = rows[0]?.value;
  return value === null || value === undefined ? null : Number(value);
}

async function sourceColumns({ session }: JoinedRows): Promise<string[]> {
  const taken = new Set(['score', 'predicted', 'label']);
  const columns = await session.describe('SELECT * FROM joined');
  return columns
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('__') && !taken.has(name.toLowerCase()));
}

function predictionTable(
  model: {
    readonly name: string;
    readonly task: Task;
    readonly classes: readonly string[];
    readonly threshold: number;
  },
  columns: readonly string[],
): string {
  const scores = scoreColumns(model.task, model.classes.length).map((score) => scoreName(model.name, score));
  const first = scores[0] ?? 'NULL';
  const source = columns.map(quoteIdentifier);
  const of = (score: string, predicted: string, label: string): string =>
    `SELECT ${[`${score} AS score`, `${predicted} AS predicted`, `${label} AS label`, ...source].join(', ')} FROM joined`;
  switch (model.task) {
    case 'binary':
      return of(first, `(${first} >= ${model.threshold})`, '(__label = 1)');
    case 'regression':
      return of(first, first, '__label');
    case 'multiclass': {
      const names = `[${model.classes.map(quoteLiteral).join(', ')}]`;
      const list = `[${scores.join(', ')}]`;
      return of(
        `list_max(${list})`,
        `list_extract(${names}, list_position(${list}, list_max(${list})))`,
        `list_extract(${names}, CAST(__label AS INTEGER) + 1)`,
      );
    }
  }
}
