/** The sections of the pipeline file about data: sources, dataset, quality, split, features. */
import { z } from 'zod';
import { durationSchema } from '../quantities';
import { taskSchema } from '../trainer';
import { columnName, identifier } from './names';

export const sourceFormatSchema = z.enum(['csv', 'tsv', 'parquet', 'jsonl']);
export type SourceFormat = z.infer<typeof sourceFormatSchema>;

/** One named source: a file, a glob or a list of them. */
export const sourceSchema = z.strictObject({
  /** Paths are relative to the data root (the project's root unless millrace.yaml says otherwise); `file://` is accepted; anything that leads out of that root is refused. */
  uri: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  /** Told by the file's ending unless given. */
  format: sourceFormatSchema.optional(),
  /** CSV only; sniffed unless given. */
  delimiter: z.string().length(1).optional(),
  header: z.boolean().optional(),
  /** Column → DuckDB type, for what sniffing gets wrong. */
  types: z.record(z.string(), z.string()).optional(),
  /** Texts that mean missing (CSV); the empty text always does. */
  nulls: z.array(z.string()).optional(),
});
export type Source = z.infer<typeof sourceSchema>;

export const datasetSchema = z.strictObject({
  /** Name of the source; may be left out when there is one only, or when `sql` is given. */
  from: identifier.optional(),
  /** A SELECT over the named sources. */
  sql: z.string().min(1).optional(),
  /** Column whose value identifies a row; must be unique. Without it a row is identified by its content. */
  key: columnName.optional(),
  label: columnName,
  /** Value of the label that counts as positive: makes the task binary. */
  positive: z.union([z.string(), z.number(), z.boolean()]).optional(),
  /** Inferred from the label's type unless given. */
  task: taskSchema.optional(),
  /** Keep the first of rows that are equal in all columns but the key; counted in the report. `text` etc. may name the columns that decide. */
  dropDuplicates: z.union([z.boolean(), z.array(columnName).min(1)]).default(false),
});
export type Dataset = z.infer<typeof datasetSchema>;

const severity = z.enum(['warn', 'fail']).default('fail');
const numberRange = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low <= high, 'the lower bound is above the upper one');

export const columnRulesSchema = z.strictObject({
  type: z.enum(['integer', 'double', 'boolean', 'string', 'date', 'timestamp']).optional(),
  /** A column that may be missing altogether. */
  optional: z.boolean().default(false),
  /** Largest permitted share of missing values. */
  nulls: z.strictObject({ max: z.number().min(0).max(1) }).optional(),
  unique: z.boolean().optional(),
  min: z.union([z.number(), z.string()]).optional(),
  max: z.union([z.number(), z.string()]).optional(),
  allowed: z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .min(1)
    .optional(),
  /** Bounds of the column's mean and standard deviation. */
  mean: numberRange.optional(),
  std: numberRange.optional(),
  /** Share of values further than `deviations` standard deviations from the mean. */
  outliers: z
    .strictObject({ deviations: z.number().positive().default(4), max: z.number().min(0).max(1) })
    .optional(),
  /** RE2 pattern that every value must match in full. */
  pattern: z.string().optional(),
  severity,
});
export type ColumnRules = z.infer<typeof columnRulesSchema>;

export const qualitySchema = z.strictObject({
  rows: z
    .strictObject({
      min: z.number().int().nonnegative().optional(),
      max: z.number().int().positive().optional(),
      severity,
    })
    .optional(),
  /** Largest permitted share of rows that repeat another in all columns but the key. */
  duplicates: z.strictObject({ max: z.number().min(0).max(1), severity }).optional(),
  /** Smallest permitted ratio of the smallest class to the largest. */
  balance: z.strictObject({ min: z.number().min(0).max(1), severity }).optional(),
  freshness: z.strictObject({ column: columnName, max: durationSchema, severity }).optional(),
  /** `closed`: a column that `columns` does not name breaks a rule. */
  schema: z.enum(['open', 'closed']).default('open'),
  columns: z.record(columnName, columnRulesSchema).default({}),
  /**
   * Leakage. `maxAuc`: a single feature whose AUC against the label (for regression, absolute rank correlation) is above it fails the run.
   * `maxTwins`: so does a larger share of validation and hold-out rows that stand on another side under another key.
   */
  leakage: z
    .strictObject({
      maxAuc: z.number().min(0.5).max(1).default(0.995),
      maxTwins: z.number().min(0).max(1).default(0.005),
      severity,
    })
    .prefault({}),
});
export type Quality = z.infer<typeof qualitySchema>;

export const splitSchema = z
  .strictObject({
    by: z.enum(['key', 'group', 'time']).optional(),
    /** Rows of one group stay on one side. */
    group: columnName.optional(),
    /** Oldest rows train, newest are held out; rows within `gap` before a boundary are dropped. */
    time: z.strictObject({ column: columnName, gap: durationSchema.default(0) }).optional(),
    validation: z.number().gt(0).lt(1).default(0.15),
    holdout: z.number().gt(0).lt(1).default(0.2),
    seed: z.number().int().default(42),
  })
  .refine((split) => split.validation + split.holdout < 1, 'validation and holdout leave nothing to train on')
  .refine((split) => split.by !== 'group' || split.group !== undefined, 'by: group needs group: COLUMN')
  .refine((split) => split.by !== 'time' || split.time !== undefined, 'by: time needs time: { column: … }')
  .refine((split) => split.group === undefined || split.time === undefined, 'give group or time, not both');
export type Split = z.infer<typeof splitSchema>;

export const pointInTimeSchema = z.strictObject({
  /** A parquet, CSV or JSON-lines file of timed feature rows. */
  view: z.string().min(1),
  /** Column of the dataset and of the view that names the entity. */
  entity: columnName,
  /** Time column of the dataset's rows: the moment of prediction. */
  at: columnName,
  /** Time column of the view; the same name as `at` unless given. */
  timestamp: columnName.optional(),
  /** A feature row older than this at the moment of prediction counts as missing. */
  ttl: durationSchema.optional(),
  select: z.array(columnName).min(1),
  /** Put before the names of the joined columns. */
  prefix: z.string().default(''),
});
export type PointInTime = z.infer<typeof pointInTimeSchema>;

export const featuresSchema = z.strictObject({
  /** Columns that are features; all but key, label, split columns unless given. */
  select: z.array(columnName).min(1).optional(),
  /** Name → DuckDB expression over one row. */
  derive: z.record(identifier, z.string().min(1)).default({}),
  /** Features that are free text (TF-IDF). */
  text: z.array(columnName).default([]),
  pointInTime: z.array(pointInTimeSchema).default([]),
});
export type Features = z.infer<typeof featuresSchema>;
