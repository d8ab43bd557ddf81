/** Inputs and outputs of the data activities. Everything in bulk travels as an {@link ArtifactRef}. */
import { z } from 'zod';
import { artifactRefSchema } from '../artifacts';
import { arrivalSchema } from '../events';
import { resolvedRunSchema, trainingPipelineInputSchema } from '../runs';
import { taskSchema } from '../trainer';

/** Said by every cached activity: where its output is, and whether it was there already. */
export const stepOutputSchema = z.object({ artifact: artifactRefSchema, cached: z.boolean() });

/** `fresh` makes a cached activity run its step again (`--no-cache`, `--from`). */
const common = { spec: artifactRefSchema, fresh: z.boolean().default(false) };

export const resolvePipelineInputSchema = z.object({
  input: trainingPipelineInputSchema,
  workflowId: z.string(),
});
export type ResolvePipelineInput = z.infer<typeof resolvePipelineInputSchema>;
export const resolvePipelineOutputSchema = resolvedRunSchema;

/** Takes the bytes of all sources into the store. Artifact: `sources.json` (name → list of {path, sha256, bytes}). Reads the world: never cached. */
export const acquireDataInputSchema = z.object({
  ...common,
  /** What came with the event that started the run. */
  arrivals: z.array(arrivalSchema).default([]),
});
export type AcquireDataInput = z.input<typeof acquireDataInputSchema>;
export const acquireDataOutputSchema = stepOutputSchema.extend({
  files: z.number().int(),
  bytes: z.number().int(),
});
export type AcquireDataOutput = z.infer<typeof acquireDataOutputSchema>;

/**
 * Sources → one typed table. Artifact: `dataset.parquet` (row id, label as in the data, all columns; in a stable order) and
 * `columns.json` (name, type, DuckDB type).
 */
export const buildDatasetInputSchema = z.object({
  ...common,
  acquired: artifactRefSchema,
  /** What the function of `features.python` made, and from what: the table is read there, not from the sources. */
  made: z.object({ tables: artifactRefSchema, table: artifactRefSchema }).optional(),
});
export type BuildDatasetInput = z.infer<typeof buildDatasetInputSchema>;
export const buildDatasetOutputSchema = stepOutputSchema.extend({
  rows: z.number().int(),
  columns: z.number().int(),
  duplicatesDropped: z.number().int(),
  task: taskSchema,
  /** For binary `[negative, positive]`; at most 100 classes. */
  classes: z.array(z.string()),
});
export type BuildDatasetOutput = z.infer<typeof buildDatasetOutputSchema>;

/** Artifacts: `profile.json` (step profile) and `quality.json` (every rule with its figures). @throws QUALITY_FAILED naming each broken rule. */
export const validateDataInputSchema = z.object({ ...common, dataset: artifactRefSchema });
export type ValidateDataInput = z.infer<typeof validateDataInputSchema>;
export const validateDataOutputSchema = z.object({
  profile: artifactRefSchema,
  quality: artifactRefSchema,
  cached: z.boolean(),
  checked: z.number().int(),
  /** Broken rules of severity warn, as sentences, at most 20. */
  warnings: z.array(z.string()),
});
export type ValidateDataOutput = z.infer<typeof validateDataOutputSchema>;

/** Point-in-time joins, and the features' declaration. Artifact: `joined.parquet` (all dataset columns and joined ones) and `packing.json` ({@link FeaturePacking}). @throws FEATURE_INVALID. */
export const prepareFeaturesInputSchema = z.object({
  ...common,
  dataset: artifactRefSchema,
  task: taskSchema,
});
export type PrepareFeaturesInput = z.infer<typeof prepareFeaturesInputSchema>;
export const prepareFeaturesOutputSchema = stepOutputSchema.extend({
  features: z.number().int(),
  inputs: z.number().int(),
  joined: z.number().int(),
  /** Columns that were left out of the features and why, duplicates in views; at most 20 sentences. */
  warnings: z.array(z.string()),
});
export type PrepareFeaturesOutput = z.infer<typeof prepareFeaturesOutputSchema>;

/**
 * Artifact: `rows.parquet` (row id, `__side` of train|validation|holdout, `__label` encoded, `__cluster` for group or time splits, all columns),
 * `train.parquet` (row id, inputs, label), `validation.parquet` (row id, inputs), `holdout.parquet` (row id, all columns but the label),
 * `split.json` (how the sides were told apart). Rows are sorted by row id.
 * In all but rows.parquet the columns have the types that the trainer's inputs have.
 * Label encoding: 0/1 integer for binary, class index for multiclass in rows.parquet (class name in train.parquet), double for regression.
 * @throws LEAKAGE_FOUND, SPLIT_TOO_SMALL.
 */
export const splitDataInputSchema = z.object({
  ...common,
  features: artifactRefSchema,
  task: taskSchema,
  classes: z.array(z.string()),
});
export type SplitDataInput = z.infer<typeof splitDataInputSchema>;
export const splitDataOutputSchema = stepOutputSchema.extend({
  train: z.number().int(),
  validation: z.number().int(),
  holdout: z.number().int(),
  /** Rows inside a time gap. */
  dropped: z.number().int(),
  /** Step leakage: `leakage.json` with every measured figure. */
  leakage: artifactRefSchema,
  warnings: z.array(z.string()),
});
export type SplitDataOutput = z.infer<typeof splitDataOutputSchema>;
