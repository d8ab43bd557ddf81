/** The label in numbers, as evaluation and trainers take it. */
import { MillraceError } from '../../../contracts/errors';
import type { Task } from '../../../contracts/trainer';
import { quoteIdentifier, quoteLiteral, type TableSession } from '../../../ports/table-engine';

/**
 * SQL for the encoded label of a row: 0 or 1 for binary (the place in `[negative, positive]`), the place in `classes` for multiclass, a double for
 * regression. NULL where the label is missing or none of the classes.
 */
export function encodedLabel(label: string, task: Task, classes: readonly string[]): string {
  const name = quoteIdentifier(label);
  if (task === 'regression')
    return `CASE WHEN isfinite(CAST(${name} AS DOUBLE)) THEN CAST(${name} AS DOUBLE) END`;
  return `CAST(list_position([${classes.map(quoteLiteral).join(', ')}], CAST(${name} AS VARCHAR)) - 1 AS INTEGER)`;
}

/** SQL for the label in `train.parquet`, from the encoded one: 0 or 1, the class's name, or a double. */
export function trainingLabel(task: Task, classes: readonly string[]): string {
  return task === 'multiclass'
    ? `list_extract([${classes.map(quoteLiteral).join(', ')}], __label + 1)`
    : '__label';
}

/** Refuses rows of the session's table `assigned` whose label could not be encoded. @throws DATASET_INVALID naming some of their labels. */
export async function refuseUnknownLabels(session: TableSession, label: string, task: Task): Promise<void> {
  const { unknown } = await session.row('SELECT count(*) AS unknown FROM assigned WHERE __label IS NULL');
  if (Number(unknown) === 0) return;
  const examples = await session.rows(
    `SELECT DISTINCT left(CAST(${quoteIdentifier(label)} AS VARCHAR), 50) AS example FROM joined
     WHERE __row_id IN (SELECT __row_id FROM assigned WHERE __label IS NULL) ORDER BY ALL LIMIT 5`,
  );
  throw new MillraceError(
    'DATASET_INVALID',
    `${Number(unknown)} rows have a label that is ${task === 'regression' ? 'no finite number' : 'missing or none of the classes'}.`,
    {
      where: `dataset.label: ${label}`,
      mend: 'Leave them out in dataset.sql, or mend their label.',
      details: { examples: examples.map((row) => row.example ?? null) },
    },
  );
}
