/** What an evaluation leaves in the store: `evaluation.json` of a candidate on validation, `holdout.json` of winner and champion. */
import { z } from 'zod';
import { intervalSchema, holdoutSummarySchema } from './steps/evaluation';
import { taskSchema } from './trainer';

/** A curve, down-sampled for drawing; the corners are kept. */
export const curveSchema = z.object({ x: z.array(z.number()), y: z.array(z.number()) });

/** Everything that was measured of one model on one side of the split. */
export const measurementSchema = z.object({
  rows: z.number().int(),
  /** Metric → value and interval. */
  metrics: z.record(z.string(), intervalSchema),
  /** Decision threshold in use; null unless binary. */
  threshold: z.number().nullable(),
  /** `matrix[actual][predicted]` in the order of `classes`; absent for regression. */
  confusion: z.array(z.array(z.number())).optional(),
  roc: curveSchema.optional(),
  precisionRecall: curveSchema.optional(),
  /** Mean predicted score against the share of positives, per filled bin. */
  calibration: z
    .array(z.object({ predicted: z.number(), observed: z.number(), rows: z.number() }))
    .optional(),
  /** For several classes: one row per class. */
  perClass: z
    .array(
      z.object({
        name: z.string(),
        rows: z.number(),
        precision: z.number(),
        recall: z.number(),
        f1: z.number(),
      }),
    )
    .optional(),
  /** For regression: residuals at 0, 5, 25, 50, 75, 95, 100 per cent. */
  residuals: z.array(z.number()).optional(),
  slices: z.record(
    z.string(),
    z.record(z.string(), z.object({ rows: z.number().int(), metrics: z.record(z.string(), intervalSchema) })),
  ),
  business: z.record(z.string(), z.number().nullable()),
});
export type Measurement = z.infer<typeof measurementSchema>;

/** `evaluation.json`. */
export const candidateEvaluationSchema = z.object({
  task: taskSchema,
  classes: z.array(z.string()),
  candidate: z.string(),
  selectBy: z.string(),
  /** Confidence of the intervals. */
  confidence: z.number(),
  validation: measurementSchema,
});
export type CandidateEvaluation = z.infer<typeof candidateEvaluationSchema>;

/** `holdout.json`. */
export const holdoutEvaluationSchema = z.object({
  task: taskSchema,
  classes: z.array(z.string()),
  confidence: z.number(),
  challenger: z.object({ name: z.string() }).extend(measurementSchema.shape),
  /** On the comparable rows. */
  champion: z.object({ version: z.string() }).extend(measurementSchema.shape).optional(),
  notComparable: z.string().optional(),
  /** Without `timesGated`, which is no property of the data. */
  summary: holdoutSummarySchema.omit({ timesGated: true }),
});
export type HoldoutEvaluation = z.infer<typeof holdoutEvaluationSchema>;
