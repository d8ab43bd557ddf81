/** Inputs and outputs of the evaluation activities. */
import { z } from 'zod';
import { artifactRefSchema } from '../artifacts';
import { taskSchema } from '../trainer';
import { stepOutputSchema } from './data';

const common = {
  spec: artifactRefSchema,
  fresh: z.boolean().default(false),
  task: taskSchema,
  classes: z.array(z.string()),
  split: artifactRefSchema,
};

/** Joins a candidate's validation predictions with the labels. Artifact (step evaluate): `evaluation.json`. */
export const evaluateCandidateInputSchema = z.object({
  ...common,
  candidate: z.string(),
  trained: artifactRefSchema,
});
export type EvaluateCandidateInput = z.infer<typeof evaluateCandidateInputSchema>;
export const evaluateCandidateOutputSchema = stepOutputSchema.extend({
  /** All metrics of the task on validation, by name. */
  metrics: z.record(z.string(), z.number().nullable()),
  /** Decision threshold chosen on validation; null unless binary. */
  threshold: z.number().nullable(),
  /** The selecting metric's name. */
  selectBy: z.string(),
});
export type EvaluateCandidateOutput = z.infer<typeof evaluateCandidateOutputSchema>;

/** What is known of the champion before the hold-out. */
export const championSchema = z.object({
  version: z.string(),
  /** MLflow's logged model id, when there is one. */
  modelId: z.string().optional(),
  /** Key of its train step; equal to the winner's, with the same threshold, means `unchanged`. */
  stepKey: z.string().optional(),
  /** Its model as an artifact with `model/`, when it can be had. */
  model: artifactRefSchema.optional(),
  /** Its own split artifact, whose train and validation rows are left out of the comparison. */
  split: artifactRefSchema.optional(),
  threshold: z.number().nullable(),
  /** Empty when it can be compared; otherwise why not, in a sentence. */
  notComparable: z.string().optional(),
});
export type Champion = z.infer<typeof championSchema>;

/** Winner and champion on the hold-out. Artifact (step evaluate): `holdout.json` with curves, calibration, confusion, slices, business metrics. */
export const evaluateHoldoutInputSchema = z.object({
  ...common,
  challenger: z.object({ name: z.string(), scores: artifactRefSchema, threshold: z.number().nullable() }),
  champion: z
    .object({
      version: z.string(),
      scores: artifactRefSchema,
      threshold: z.number().nullable(),
      split: artifactRefSchema.optional(),
    })
    .optional(),
  /** Counted in the ledger: how often this hold-out has gated. */
  run: z.object({ workflowId: z.string(), runId: z.string() }),
});
export type EvaluateHoldoutInput = z.infer<typeof evaluateHoldoutInputSchema>;

export const intervalSchema = z.object({
  value: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
});
export type Interval = z.infer<typeof intervalSchema>;

/** What the gate decides on: small enough for the history (only metrics that a rule or the selection names). */
export const holdoutSummarySchema = z.object({
  rows: z.number().int(),
  challenger: z.record(z.string(), intervalSchema),
  champion: z.record(z.string(), intervalSchema).optional(),
  /** Paired difference challenger − champion on the comparable rows. */
  difference: z.record(z.string(), intervalSchema).optional(),
  comparableRows: z.number().int().optional(),
  /** `column` → `value` → metric → interval and rows; only slices that a rule names, at most 50 values a column. */
  slices: z.record(
    z.string(),
    z.record(z.string(), z.object({ rows: z.number().int(), metrics: z.record(z.string(), intervalSchema) })),
  ),
  business: z.record(z.string(), z.number().nullable()),
  /** How often, this run included, this hold-out has gated. */
  timesGated: z.number().int(),
});
export type HoldoutSummary = z.infer<typeof holdoutSummarySchema>;
export const evaluateHoldoutOutputSchema = stepOutputSchema.extend({
  summary: holdoutSummarySchema,
  notComparable: z.string().optional(),
});
export type EvaluateHoldoutOutput = z.infer<typeof evaluateHoldoutOutputSchema>;
