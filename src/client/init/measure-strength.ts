/** How well each column alone tells the label: what a run's leakage check would say, asked beforehand. */
import { byOrder, byValue } from '../../activities/features/leakage/strength-queries';
import { quoteIdentifier, type TableSession } from '../../ports/table-engine';
import type { Target } from './choose-target';
import { ROWS_TABLE } from './measure-table';
import type { ColumnFacts } from './table-facts';

/** Rows that suffice to tell an AUC near 1 from one that is not. */
const SAMPLE_ROWS = 50_000;
/** A number with so few values may be a code, whose order says nothing. */
const FEW_VALUES = 100;

/** Column → AUC (binary, multiclass: of the class best told from the rest) or absolute rank correlation (regression). */
export async function measureStrengths(
  session: TableSession,
  columns: readonly ColumnFacts[],
  label: string,
  target: Target,
): Promise<Map<string, number>> {
  const asked = columns.filter(
    ({ name, nested, distinct, type, values }) =>
      name !== label && !nested && distinct > 1 && (type !== 'string' || values.length > 0),
  );
  const features = asked.map(({ name }, index) => `${quoteIdentifier(name)} AS f${index}`);
  await session.run(
    `CREATE OR REPLACE TEMP TABLE sample AS
     SELECT CAST(${labelNumber(label, target)} AS DOUBLE) AS y, rowid % 5 AS fold${features.map((feature) => `, ${feature}`).join('')}
     FROM ${ROWS_TABLE} WHERE ${quoteIdentifier(label)} IS NOT NULL
     USING SAMPLE reservoir(${SAMPLE_ROWS} ROWS) REPEATABLE (1)`,
  );
  const strengths = new Map<string, number>();
  for (const [index, column] of asked.entries()) {
    const queries = queriesFor(column, `f${index}`, target);
    const found = await Promise.all(queries.map((sql) => session.row(sql)));
    const values = found.map(({ strength }) => Number(strength ?? Number.NaN)).filter(Number.isFinite);
    if (values.length > 0) strengths.set(column.name, Math.max(...values));
  }
  return strengths;
}

function labelNumber(label: string, { task, positive }: Target): string {
  const column = quoteIdentifier(label);
  if (task === 'regression') return column;
  if (task === 'multiclass') return `dense_rank() OVER (ORDER BY ${column}) - 1`;
  const value = typeof positive === 'string' ? `'${positive.replaceAll("'", "''")}'` : String(positive);
  return `CASE WHEN ${column} = ${value} THEN 1 ELSE 0 END`;
}

function queriesFor({ type, distinct }: ColumnFacts, column: string, { task }: Target): string[] {
  const number =
    type === 'date' || type === 'timestamp'
      ? `CAST(epoch_us(${column}) AS DOUBLE)`
      : `CAST(${column} AS DOUBLE)`;
  return [
    ...(type === 'string' ? [] : ['-infinity', 'infinity'].map((missing) => byOrder(number, missing, task))),
    ...(type === 'string' || distinct <= FEW_VALUES ? [byValue(column, task)] : []),
  ];
}
