/** What is measured about leakage (`leakage.json`), and the judgement over it. */
import { z } from 'zod';
import type { Quality } from '../../../contracts/pipeline-file';

const featureStrength = z.object({
  feature: z.string(),
  /** AUC of the feature alone (the best class against the rest), or absolute rank correlation with the label; null where it has none. */
  strength: z.number().nullable(),
  /** By the order of its values, or by the mean label of rows with the same value. */
  by: z.enum(['order', 'value']).nullable(),
});
export type FeatureStrength = z.infer<typeof featureStrength>;

/** Rows that are equal in all columns but the key and stand on different sides. */
const twinFigures = z.object({
  /** Rows of validation and hold-out, of which twins are counted. */
  measured: z.number().int(),
  /** Of those, rows equal to one on another side. */
  equal: z.number().int(),
  /** Of those, rows that a value of a nearly unique column shows to be the same and not alike by chance. */
  same: z.number().int(),
  /** Nearly unique columns. */
  identifying: z.array(z.string()),
  /** Keys of a few of them, the same row in one list. */
  examples: z.array(z.array(z.string())),
});
export type TwinFigures = z.infer<typeof twinFigures>;

/** Values of a column that stand on more than one side. */
const sharedFigures = z.object({
  column: z.string(),
  values: z.number().int(),
  examples: z.array(z.string()),
});
export type SharedFigures = z.infer<typeof sharedFigures>;

/** `leakage.json`: what was measured, judged by nobody yet. */
export const leakageFindingsSchema = z.object({
  /** Training rows on which features were measured: a sample where there are many. */
  rows: z.number().int(),
  /** `auc` or `rank_correlation`. */
  measure: z.enum(['auc', 'rank_correlation']),
  /** Strongest first. */
  features: z.array(featureStrength),
  twins: twinFigures,
  /** The key; empty when there is none. */
  keys: z.array(sharedFigures),
  /** Entities of point-in-time views. */
  entities: z.array(sharedFigures),
});
export type LeakageFindings = z.infer<typeof leakageFindingsSchema>;

/** The judgement: what fails the run (or warns, by `quality.leakage.severity`), and what only deserves a word. */
export interface LeakageVerdict {
  readonly leaks: readonly string[];
  readonly advice: readonly string[];
}

/** Share of measured rows below which twins are kept in the findings and not spoken of. */
const WORTH_A_WORD = 0.001;
/** The same for rows that are merely alike. */
const ALIKE_WORTH_A_WORD = 0.01;

/** Judges findings by the limits of the pipeline file. Pure: limits change without measuring again. */
export function judgeLeakage(
  findings: LeakageFindings,
  { leakage }: Pick<Quality, 'leakage'>,
  byTime: boolean,
): LeakageVerdict {
  const leaks: string[] = [];
  const advice: string[] = [];
  const word = findings.measure === 'auc' ? 'AUC' : 'rank correlation';
  for (const { feature, strength } of findings.features)
    if (strength !== null && strength > leakage.maxAuc)
      leaks.push(
        `Feature ${feature} alone predicts the label: ${word} ${strength.toFixed(4)} is above quality.leakage.maxAuc ${leakage.maxAuc}.`,
      );
  for (const { column, values, examples } of findings.keys)
    if (values > 0)
      leaks.push(
        `${values} keys stand on more than one side of the split (${column}: ${examples.join(', ')}).`,
      );
  const { measured, same, equal, examples } = findings.twins;
  const share = measured === 0 ? 0 : same / measured;
  const shown = examples.map((keys) => keys.join(' = ')).join('; ');
  const sentence = `${same} of ${measured} rows that models are measured on equal one on another side in all columns but the key (${shown})`;
  if (share > leakage.maxTwins)
    leaks.push(`${sentence}: more than quality.leakage.maxTwins ${leakage.maxTwins}.`);
  else if (share > WORTH_A_WORD) advice.push(`${sentence}.`);
  if (equal - same > ALIKE_WORTH_A_WORD * measured)
    advice.push(
      `${equal - same} of ${measured} rows that models are measured on equal one on another side in all columns; no column tells whether they are the same. Consider dataset.dropDuplicates.`,
    );
  // In a split by time the same entity comes again later, and is meant to.
  for (const { column, values, examples: some } of byTime ? [] : findings.entities)
    if (values > 0)
      advice.push(
        `${values} values of ${column} stand on more than one side (${some.join(', ')}). Consider split.group: ${column}.`,
      );
  return { leaks, advice };
}
