/** The sections of the pipeline file about data: sources, dataset, quality, split, features. */
import { z } from 'zod';
import { durationSchema } from '../quantities';
import { taskSchema } from '../trainer';
import { featurePythonSchema } from './feature-code';
import { columnName, identifier } from './names';

export const sourceFormatSchema = z.enum(['csv', 'tsv', 'parquet', 'jsonl']);
export type SourceFormat = z.infer<typeof sourceFormatSchema>;

/** One named source: a file, a glob or a list of them. */
export const sourceSchema = z.strictObject({
  uri: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe(
      "Paths are relative to the data root (the project's root unless millrace.yaml says otherwise); `file://` is accepted; anything that leads out of that root is refused. `s3://BUCKET/KEY` is an object. `*` stands for part of a name in both. `dataset://NAME` is the newest version of a data set that another pipeline publishes.",
    ),
  format: sourceFormatSchema.optional().describe("Told by the file's ending unless given."),
  delimiter: z.string().length(1).optional().describe('CSV only; sniffed unless given.'),
  header: z
    .boolean()
    .optional()
    .describe('Whether the first line names the columns (CSV); it does unless this says otherwise.'),
  types: z
    .record(z.string(), z.string())
    .optional()
    .describe('Column → DuckDB type, for what sniffing gets wrong.'),
  nulls: z
    .array(z.string())
    .optional()
    .describe('Texts that mean missing (CSV); the empty text always does.'),
});
export type Source = z.infer<typeof sourceSchema>;

export const datasetSchema = z.strictObject({
  from: identifier
    .optional()
    .describe('Name of the source; may be left out when there is one only, or when `sql` is given.'),
  sql: z.string().min(1).optional().describe('A SELECT over the named sources.'),
  key: columnName
    .optional()
    .describe(
      'Column whose value identifies a row; must be unique. Without it a row is identified by its content.',
    ),
  label: columnName
    .optional()
    .describe('Column that is predicted; only a pipeline that publishes a data set has none.'),
  positive: z
    .union([z.string(), z.number(), z.boolean()])
    .optional()
    .describe('Value of the label that counts as positive: makes the task binary.'),
  task: taskSchema.optional().describe("Inferred from the label's type unless given."),
  dropDuplicates: z
    .union([z.boolean(), z.array(columnName).min(1)])
    .default(false)
    .describe(
      'Keep the first of rows that are equal in all columns but the key; counted in the report. `text` etc. may name the columns that decide.',
    ),
});
export type Dataset = z.infer<typeof datasetSchema>;

/** The label of a pipeline that trains, which always has one: the file is refused without. */
export function labelOf({ label }: Pick<Dataset, 'label'>): string {
  if (label === undefined) throw new Error('the dataset has no label: this pipeline publishes a data set');
  return label;
}

const severity = z
  .enum(['warn', 'fail'])
  .default('fail')
  .describe('What a broken rule does: `fail` ends the run, `warn` is reported.');
const numberRange = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low <= high, 'the lower bound is above the upper one');

export const columnRulesSchema = z.strictObject({
  type: z.enum(['integer', 'double', 'boolean', 'string', 'date', 'timestamp']).optional(),
  optional: z.boolean().default(false).describe('A column that may be missing altogether.'),
  nulls: z
    .strictObject({ max: z.number().min(0).max(1) })
    .optional()
    .describe('Largest permitted share of missing values.'),
  unique: z.boolean().optional().describe('No value may stand twice.'),
  min: z.union([z.number(), z.string()]).optional(),
  max: z.union([z.number(), z.string()]).optional(),
  allowed: z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .min(1)
    .optional(),
  mean: numberRange.optional().describe("Bounds of the column's mean and standard deviation."),
  std: numberRange.optional(),
  outliers: z
    .strictObject({ deviations: z.number().positive().default(4), max: z.number().min(0).max(1) })
    .optional()
    .describe('Share of values further than `deviations` standard deviations from the mean.'),
  pattern: z.string().optional().describe('RE2 pattern that every value must match in full.'),
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
  duplicates: z
    .strictObject({ max: z.number().min(0).max(1), severity })
    .optional()
    .describe('Largest permitted share of rows that repeat another in all columns but the key.'),
  balance: z
    .strictObject({ min: z.number().min(0).max(1), severity })
    .optional()
    .describe('Smallest permitted ratio of the smallest class to the largest.'),
  freshness: z.strictObject({ column: columnName, max: durationSchema, severity }).optional(),
  schema: z
    .enum(['open', 'closed'])
    .default('open')
    .describe('`closed`: a column that `columns` does not name breaks a rule.'),
  columns: z.record(columnName, columnRulesSchema).default({}).describe('Column → what must be true of it.'),
  leakage: z
    .strictObject({
      maxAuc: z.number().min(0.5).max(1).default(0.995),
      maxTwins: z.number().min(0).max(1).default(0.005),
      severity,
    })
    .prefault({})
    .describe(
      'Leakage. `maxAuc`: a single feature whose AUC against the label (for regression, absolute rank correlation) is above it fails the run. `maxTwins`: so does a larger share of validation and hold-out rows that stand on another side under another key.',
    ),
});
export type Quality = z.infer<typeof qualitySchema>;

export const splitSchema = z
  .strictObject({
    by: z
      .enum(['key', 'group', 'time'])
      .optional()
      .describe('What decides the side of a row; told by `group` and `time` unless given.'),
    group: columnName.optional().describe('Rows of one group stay on one side.'),
    time: z
      .strictObject({ column: columnName, gap: durationSchema.default(0) })
      .optional()
      .describe('Oldest rows train, newest are held out; rows within `gap` before a boundary are dropped.'),
    validation: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.15)
      .describe('Share of rows that choose the winner and its threshold.'),
    holdout: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.2)
      .describe('Share of rows that only the winner and the champion meet, for the gate.'),
    seed: z.number().int().default(42).describe('Of the split and of the training.'),
  })
  .refine((split) => split.validation + split.holdout < 1, 'validation and holdout leave nothing to train on')
  .refine((split) => split.by !== 'group' || split.group !== undefined, 'by: group needs group: COLUMN')
  .refine((split) => split.by !== 'time' || split.time !== undefined, 'by: time needs time: { column: … }')
  .refine((split) => split.group === undefined || split.time === undefined, 'give group or time, not both');
export type Split = z.infer<typeof splitSchema>;

export const pointInTimeSchema = z.strictObject({
  view: z.string().min(1).describe('A parquet, CSV or JSON-lines file of timed feature rows.'),
  entity: columnName.describe('Column of the dataset and of the view that names the entity.'),
  at: columnName.describe("Time column of the dataset's rows: the moment of prediction."),
  timestamp: columnName.optional().describe('Time column of the view; the same name as `at` unless given.'),
  ttl: durationSchema
    .optional()
    .describe('A feature row older than this at the moment of prediction counts as missing.'),
  select: z.array(columnName).min(1),
  prefix: z.string().default('').describe('Put before the names of the joined columns.'),
});
export type PointInTime = z.infer<typeof pointInTimeSchema>;

export const featuresSchema = z.strictObject({
  python: featurePythonSchema
    .optional()
    .describe(
      'A function of yours that makes the table from the sources, in place of `dataset.sql`: `features.py:build`.',
    ),
  select: z
    .array(columnName)
    .min(1)
    .optional()
    .describe('Columns that are features; all but key, label, split columns unless given.'),
  derive: z
    .record(identifier, z.string().min(1))
    .default({})
    .describe('Name → DuckDB expression over one row.'),
  text: z.array(columnName).default([]).describe('Features that are free text (TF-IDF).'),
  pointInTime: z
    .array(pointInTimeSchema)
    .default([])
    .describe('Timed feature rows, joined as they were known at the moment of prediction.'),
});
export type Features = z.infer<typeof featuresSchema>;
