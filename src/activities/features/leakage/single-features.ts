/**
 * How well each feature alone tells the label, on training rows. By order: the AUC of its ranks (Mann and Whitney 1947, ties at their mean
 * rank) in the better direction, with missing values lowest and highest, since being missing may tell too (a date of cancellation). By
 * value: the AUC of the mean label of the other rows with the same value, in five folds, so that a row's own label does not help and a
 * column of unique texts scores nothing. Of several classes the one best told from the rest. For regression the rank correlation
 * (Spearman 1904) in place of the AUC.
 */
import { ROW_ID_COLUMN, type FeaturePacking, type Task } from '../../../contracts/trainer';
import { quoteIdentifier, quoteLiteral, type TableSession } from '../../../ports/table-engine';
import { bracketed } from '../../sql/syntax-tree';
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
  const types = await session.describe('SELECT * FROM sample');
  const facts = await session.row(
    `SELECT count(*) AS rows${features
      .map((_, index) => `, count(f${index}) AS n${index}, count(DISTINCT f${index}) AS d${index}`)
      .join('')} FROM sample`,
  );
  const measured: FeatureStrength[] = [];
  for (const [index, { name }] of features.entries()) {
    const column: SampledColumn = {
      name: `f${index}`,
      type: types[index + 2]?.type ?? '',
      missing: Number(facts[`n${index}`]) < Number(facts.rows),
      values: Number(facts[`d${index}`]),
    };
    measured.push({ feature: name, ...(await strengthOf(session, column, target.task)) });
  }
  return {
    rows: Number(facts.rows),
    features: measured.sort(
      (a, b) => (b.strength ?? 0) - (a.strength ?? 0) || (a.feature < b.feature ? -1 : 1),
    ),
  };
}

/** A feature as a column of the session's table `sample`. */
interface SampledColumn {
  readonly name: string;
  readonly type: string;
  readonly missing: boolean;
  /** How many different ones, the missing one not counted. */
  readonly values: number;
}

async function strengthOf(
  session: TableSession,
  column: SampledColumn,
  task: Task,
): Promise<Omit<FeatureStrength, 'feature'>> {
  const logical = logicalTypeOf(column.type);
  const number = logical === undefined || logical === 'category' ? undefined : asNumber(column.name, logical);
  const queries: (readonly ['order' | 'value', string])[] = [];
  if (number !== undefined)
    for (const missing of column.missing ? ['-infinity', 'infinity'] : ['-infinity'])
      queries.push(['order', byOrder(number, missing, task)]);
  if (number === undefined || column.values <= FEW_VALUES)
    queries.push(['value', byValue(column.name, task)]);
  let best: Omit<FeatureStrength, 'feature'> = { by: null, strength: null };
  for (const [by, sql] of queries) {
    const strength = Number((await session.row(sql)).strength ?? Number.NaN);
    if (Number.isFinite(strength) && strength > (best.strength ?? -1)) best = { by, strength };
  }
  return best;
}

function asNumber(column: string, type: string): string {
  if (type === 'date' || type === 'timestamp') return `CAST(epoch_us(${column}) AS DOUBLE)`;
  return `CAST(${column} AS DOUBLE)`;
}
