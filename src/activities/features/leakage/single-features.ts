/**
 * How well each feature alone tells the label, on training rows. By order: the AUC of its ranks (Mann and Whitney 1947, ties at their mean
 * rank) in the better direction, with missing values lowest and highest, since being missing may tell too (a date of cancellation). By
 * value: the AUC of the mean label of the other rows with the same value, in five folds, so that a row's own label does not help and a
 * column of unique texts scores nothing. Of several classes the one best told from the rest. For regression the rank correlation
 * (Spearman 1904) in place of the AUC.
 */
import { ROW_ID_COLUMN, type FeaturePacking, type Task } from '../../../contracts/trainer';
import { quoteIdentifier, quoteLiteral, type TableSession } from '../../../ports/table-engine';
import { bracketed } from '../expressions/syntax-tree';
import { logicalTypeOf } from '../logical-types';
import { createSourceRows, SOURCE_ROWS } from '../packing/derived-features';
import type { FeatureStrength } from './findings';
import { byOrder, byValue } from './strength-queries';

/** Rows that suffice to tell an AUC above 0.99 from one below: its standard error is then under 0.001 even with one positive in a hundred. */
const SAMPLE_ROWS = 100_000;
/** A number with so few values may be a code, whose order says nothing. */
const FEW_VALUES = 100;

/** Measures every feature on the training rows of `file` (`train.parquet`). Strongest first. */
export async function measureFeatures(
  session: TableSession,
  file: string,
  packing: FeaturePacking,
  target: { readonly label: string; readonly task: Task; readonly classes: readonly string[] },
): Promise<{ rows: number; features: FeatureStrength[] }> {
  const source = `read_parquet(${quoteLiteral(file)})`;
  const { total } = await session.row(`SELECT count(*) AS total FROM ${source}`);
  const label = quoteIdentifier(target.label);
  const y =
    target.task === 'multiclass'
      ? `list_position([${target.classes.map(quoteLiteral).join(', ')}], ${label}) - 1`
      : label;
  await createSourceRows(session, source, packing.inputs, [
    ROW_ID_COLUMN,
    `${y} AS __label`,
    `sha256(${ROW_ID_COLUMN}) AS __hash`,
  ]);
  const features = [
    ...packing.select.map((name) => ({ name, sql: quoteIdentifier(name) })),
    ...Object.entries(packing.derive).map(([name, expression]) => ({ name, sql: bracketed(expression) })),
  ];
  const threshold = Math.min(2 ** 32 - 1, Math.floor((SAMPLE_ROWS / Math.max(Number(total), 1)) * 2 ** 32));
  await session.run(
    `CREATE TEMP TABLE sample AS
     SELECT CAST(__label AS DOUBLE) AS y, ascii(substr(__hash, 17, 1)) % 5 AS fold, ${features.map(({ sql }, index) => `${sql} AS f${index}`).join(', ')}
     FROM ${SOURCE_ROWS} WHERE substr(__hash, 1, 8) <= ${quoteLiteral(threshold.toString(16).padStart(8, '0'))}`,
  );
  const { rows } = await session.row('SELECT count(*) AS rows FROM sample');
  const types = await session.describe('SELECT * FROM sample');
  const measured: FeatureStrength[] = [];
  for (const [index, { name }] of features.entries())
    measured.push({
      feature: name,
      ...(await strengthOf(session, `f${index}`, types[index + 2]?.type ?? '', target.task)),
    });
  return {
    rows: Number(rows),
    features: measured.sort(
      (a, b) => (b.strength ?? 0) - (a.strength ?? 0) || (a.feature < b.feature ? -1 : 1),
    ),
  };
}

async function strengthOf(
  session: TableSession,
  column: string,
  type: string,
  task: Task,
): Promise<Omit<FeatureStrength, 'feature'>> {
  const logical = logicalTypeOf(type);
  const number = logical === undefined || logical === 'category' ? undefined : asNumber(column, logical);
  const strengths: { by: 'order' | 'value'; strength: number }[] = [];
  const measure = async (by: 'order' | 'value', sql: string): Promise<void> => {
    const strength = Number((await session.row(sql)).strength ?? Number.NaN);
    if (Number.isFinite(strength)) strengths.push({ by, strength });
  };
  if (number !== undefined)
    for (const missing of ['-infinity', 'infinity']) await measure('order', byOrder(number, missing, task));
  const { few } = await session.row(`SELECT count(DISTINCT ${column}) <= ${FEW_VALUES} AS few FROM sample`);
  if (number === undefined || few === true) await measure('value', byValue(column, task));
  strengths.sort((a, b) => b.strength - a.strength);
  return strengths[0] ?? { by: null, strength: null };
}

function asNumber(column: string, type: string): string {
  if (type === 'date' || type === 'timestamp') return `CAST(epoch_us(${column}) AS DOUBLE)`;
  return `CAST(${column} AS DOUBLE)`;
}
