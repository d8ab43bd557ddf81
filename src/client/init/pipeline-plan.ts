/** Everything that goes into a generated pipeline file, decided. Pure. */
import { chooseCandidates, chooseGate, type CandidatePlan, type GatePlan } from './choose-models';
import { chooseFeatures, type FeatureChoice } from './choose-features';
import { roundUp, rulesFor, type ColumnRules } from './choose-rules';
import type { Target } from './choose-target';
import type { ColumnFacts, TableFacts } from './table-facts';

/** A pipeline as it will be written. */
export interface PipelinePlan {
  readonly name: string;
  readonly source: { readonly name: string; readonly uri: string };
  readonly table: TableFacts;
  readonly label: ColumnFacts;
  readonly key: string | undefined;
  readonly target: Target;
  readonly features: FeatureChoice;
  /** What the file asks of rows that repeat: nothing, all columns, or some. */
  readonly dropDuplicates: boolean | readonly string[];
  readonly duplicates: number;
  readonly rules: readonly { readonly column: ColumnFacts; readonly rules: ColumnRules }[];
  readonly minRows: number;
  readonly maxDuplicates: number;
  /** Smallest permitted ratio of the classes. */
  readonly minBalance?: number;
  readonly candidates: readonly CandidatePlan[];
  readonly gate: GatePlan;
}

/** Columns beyond this many get no rules of their own: nobody would read them. */
export const MOST_RULES = 40;

/** Decides what is left to decide. */
export function planPipeline(given: {
  readonly name: string;
  readonly source: { readonly name: string; readonly uri: string };
  readonly table: TableFacts;
  readonly label: ColumnFacts;
  readonly key: string | undefined;
  readonly target: Target;
  readonly strengths: ReadonlyMap<string, number>;
  /** Rows that repeat another in all columns but the key. */
  readonly duplicates: number;
}): PipelinePlan {
  const { table, label, key, target, duplicates } = given;
  const features = chooseFeatures(table, { key, label: label.name, task: target.task }, given.strengths);
  const counts = target.classes.map(({ count }) => count);
  const keyColumn = table.columns.filter(({ name }) => name === key);
  const ruled = [...keyColumn, label, ...features.select].slice(0, MOST_RULES + 2);
  return {
    ...given,
    features,
    dropDuplicates: duplicatesPlan(table, key, features, duplicates),
    rules: ruled.map((column) => ({
      column,
      rules: rulesFor(
        column,
        table.rows,
        column.name === key ? 'key' : column.name === label.name ? 'label' : 'feature',
      ),
    })),
    minRows: halfOf(table.rows - label.missing),
    maxDuplicates: Math.min(1, roundUp((duplicates / table.rows) * 1.5 + 0.005, 0.01)),
    ...(counts.length > 1 && { minBalance: roundDown(Math.min(...counts) / Math.max(...counts) / 2) }),
    candidates: chooseCandidates(target, features.text.length > 0),
    gate: chooseGate(target),
  };
}

/**
 * A text twice, or a row twice where rows cannot be told apart, would stand on both sides of the split. Rows of few categories may well be
 * equal without being the same.
 */
function duplicatesPlan(
  table: TableFacts,
  key: string | undefined,
  { text }: FeatureChoice,
  duplicates: number,
): boolean | string[] {
  const repeated = text.filter(({ distinct, missing }) => distinct < table.rows - missing);
  if (repeated.length > 0) return repeated.map(({ name }) => name);
  if (duplicates === 0) return false;
  const nearlyUnique = table.columns.some(
    ({ name, distinct, missing }) =>
      name !== key && missing === 0 && distinct > 0.5 * (table.rows - duplicates),
  );
  return key === undefined || nearlyUnique;
}

/** Half, to one significant digit: 7043 → 3000. */
function halfOf(rows: number): number {
  const half = Math.max(1, Math.floor(rows / 2));
  const unit = 10 ** Math.floor(Math.log10(half));
  return Math.floor(half / unit) * unit;
}

function roundDown(share: number): number {
  return share >= 0.01 ? Math.floor(share * 100) / 100 : Number(share.toPrecision(1)) / 2;
}
