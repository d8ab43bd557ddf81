/** What is known of a dataset: its columns, their profile, and how it stood up to the quality rules. Read by the report. */
import { z } from 'zod';
import { taskSchema } from './trainer';

/** Type of a column of a dataset. */
export const columnTypeSchema = z.enum(['integer', 'double', 'boolean', 'string', 'date', 'timestamp']);
export type ColumnType = z.infer<typeof columnTypeSchema>;

/** `columns.json` of the artifact of step dataset: the columns of `dataset.parquet` in order, without the row id. */
export const datasetColumnsSchema = z.array(
  z.object({
    name: z.string(),
    type: columnTypeSchema,
    /** BIGINT, DOUBLE, BOOLEAN, VARCHAR, DATE or TIMESTAMP (in UTC). */
    duckdbType: z.string(),
  }),
);
export type DatasetColumns = z.infer<typeof datasetColumnsSchema>;

/** A value of the data, small enough to show: numbers as numbers, dates and timestamps in ISO 8601, texts cut at 100 characters. */
const shown = z.union([z.number(), z.string(), z.boolean()]).nullable();

/** The percentiles of a profile. */
export const PERCENTILES = [1, 5, 25, 50, 75, 95, 99] as const;

/** Profile of one column, over its values that are not missing. */
export const columnProfileSchema = z.object({
  name: z.string(),
  type: columnTypeSchema,
  /** Values that are not missing. */
  count: z.number().int(),
  missing: z.number().int(),
  /** Number of distinct values; `exact: false` is HyperLogLog's estimate, within a few per cent. */
  distinct: z.object({ count: z.number().int(), exact: z.boolean() }),
  min: shown,
  max: shown,
  /** Of numbers, and of Booleans as 0 and 1; to 12 significant digits. */
  mean: z.number().nullable(),
  /** Sample standard deviation (n - 1), to 12 significant digits. */
  std: z.number().nullable(),
  /** Infinities and numbers beyond ±1e150: mean and standard deviation leave them out. */
  extreme: z.number().int(),
  /** Of texts, in characters. */
  length: z.object({ min: z.number().int(), max: z.number().int(), mean: z.number() }).nullable(),
  /** Of numbers (interpolated linearly), dates and timestamps: percentile → value. Over the sample. */
  percentiles: z.record(z.string(), shown).nullable(),
  /** Of texts of at most 100 characters and of Booleans: the most frequent values, at most ten, with their rows of the sample. */
  top: z.array(z.object({ value: z.string(), count: z.number().int() })),
  /**
   * Of numbers, dates and timestamps: rows of the sample in bins of equal width from min to max. `edges` has one more than `counts`; a bin holds
   * its lower edge, and the last one its upper edge too.
   */
  histogram: z.object({ edges: z.array(shown), counts: z.array(z.number().int()) }).nullable(),
});
export type ColumnProfile = z.infer<typeof columnProfileSchema>;

/** `profile.json` of the artifact of step profile. */
export const profileSchema = z.object({
  version: z.literal(1),
  rows: z.number().int(),
  /** Rows that percentiles, top values and histograms are over: all, or a fixed number of them drawn by chance. */
  sampledRows: z.number().int(),
  /** Rows that repeat another one in all columns but the key. */
  duplicates: z.number().int(),
  /** Absent where nothing is predicted. */
  label: z
    .object({
      name: z.string(),
      task: taskSchema,
      /** Rows of each class, in the order of the classes; empty for regression. */
      classes: z.array(z.object({ name: z.string(), count: z.number().int() })),
    })
    .optional(),
  /** Without the row id. */
  columns: z.array(columnProfileSchema),
});
export type Profile = z.infer<typeof profileSchema>;

/** Kinds of quality rules. */
export const qualityRuleSchema = z.enum([
  'rows',
  'duplicates',
  'balance',
  'freshness',
  'schema',
  'present',
  'type',
  'nulls',
  'unique',
  'min',
  'max',
  'allowed',
  'mean',
  'std',
  'outliers',
  'pattern',
]);
export type QualityRule = z.infer<typeof qualityRuleSchema>;

/** One rule and what was found. */
export const ruleResultSchema = z.object({
  rule: qualityRuleSchema,
  column: z.string().optional(),
  severity: z.enum(['warn', 'fail']),
  passed: z.boolean(),
  /** What the pipeline file asks for, for people: `at most 5% missing`. */
  expected: z.string(),
  /** What was found, for people: `7.2% missing`. */
  observed: z.string(),
  /** Rows that break the rule; null for rules about the whole column or table. */
  count: z.number().int().nullable(),
  /** Those rows as a share of the rows looked at. */
  share: z.number().nullable(),
  /** At most five of those rows: row id and value. */
  samples: z.array(z.object({ row: z.string(), value: z.string().nullable() })),
});
export type RuleResult = z.infer<typeof ruleResultSchema>;

/** `quality.json` of the artifact of step quality: every rule that was checked, broken or not. */
export const qualityReportSchema = z.object({
  version: z.literal(1),
  rows: z.number().int(),
  rules: z.array(ruleResultSchema),
});
export type QualityReport = z.infer<typeof qualityReportSchema>;
