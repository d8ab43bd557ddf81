/** The sections of the pipeline file about evaluation, registry, deployment and notification. */
import { z } from 'zod';
import { durationSchema } from '../quantities';
import { columnName, identifier, slug } from './names';

/** Names of the metric catalogue (`contracts/metrics.ts`); checked against the task once it is known. */
const metricName = z.string().regex(/^[a-z0-9_]+$/);

export const gateRuleSchema = z
  .strictObject({
    metric: metricName,
    min: z.number().optional().describe("The interval's lower bound must reach it."),
    max: z.number().optional().describe("The interval's upper bound must not pass it."),
    versusChampion: z
      .strictObject({ tolerance: z.number().nonnegative().default(0) })
      .optional()
      .describe(
        'Lower bound of the paired difference to the champion, in the direction of better, at least -tolerance.',
      ),
    slice: columnName.optional().describe('The rule holds for each value of this column.'),
    minRows: z
      .number()
      .int()
      .positive()
      .default(30)
      .describe('Slices with fewer rows are reported and not judged.'),
  })
  .refine(
    (rule) => [rule.min, rule.max, rule.versusChampion].filter((bound) => bound !== undefined).length === 1,
    'give one of min, max, versusChampion',
  )
  .refine(
    (rule) => rule.slice === undefined || rule.versusChampion === undefined,
    'slice goes with min or max: the champion is compared on all rows',
  );
export type GateRule = z.infer<typeof gateRuleSchema>;

export const thresholdSchema = z.union([
  z.strictObject({ maximise: z.enum(['f1', 'accuracy', 'youden']) }),
  z.strictObject({ fixed: z.number().min(0).max(1) }),
  z.strictObject({ precisionAtLeast: z.number().min(0).max(1) }),
  z.strictObject({ recallAtLeast: z.number().min(0).max(1) }),
]);
export type ThresholdRule = z.infer<typeof thresholdSchema>;

export const evaluationSchema = z.strictObject({
  select: z
    .strictObject({ metric: metricName, on: z.literal('validation').default('validation') })
    .optional()
    .describe('Metric that chooses the winner on validation; by task unless given: roc_auc, f1_macro, rmse.'),
  threshold: thresholdSchema.optional(),
  gate: z.array(gateRuleSchema).default([]),
  slices: z.array(columnName).default([]),
  confidence: z.number().gt(0.5).lt(1).default(0.95),
  bootstrap: z.number().int().min(100).max(10_000).default(1000),
  business: z
    .record(identifier, z.string().min(1))
    .default({})
    .describe(
      'Name → SQL aggregate over the prediction table (`score`, `predicted`, `label` and the source columns).',
    ),
  minComparableRows: z
    .number()
    .int()
    .positive()
    .default(200)
    .describe('Fewest hold-out rows on which a champion can be compared.'),
});
export type Evaluation = z.infer<typeof evaluationSchema>;

export const registrySchema = z.strictObject({
  model: slug.describe("Name of the registered model; the environment's prefix goes before it."),
});

export const deploySchema = z.strictObject({
  target: z.enum(['local', 'none', 'kubernetes']).default('local'),
  approval: z
    .union([
      z.enum(['auto', 'required']),
      z.strictObject({ mode: z.literal('required'), timeout: durationSchema.prefault('7d') }),
    ])
    .default('auto'),
  smoke: z
    .strictObject({
      rows: z.number().int().min(1).max(1000).default(50),
      tolerance: z.number().nonnegative().default(1e-9),
    })
    .prefault({}),
  port: z
    .number()
    .int()
    .min(1024)
    .max(65_535)
    .optional()
    .describe('Fixed port of a local endpoint; chosen once and kept unless given.'),
});
export type Deploy = z.infer<typeof deploySchema>;

const channels = z.array(z.string().min(1)).min(1);
/** Event → channels. `console` and `file` are built in; the environment may define more. */
export const notifySchema = z.strictObject({
  failed: channels.optional(),
  rejected: channels.optional(),
  deployed: channels.optional(),
  registered: channels.optional(),
  awaitingApproval: channels.optional(),
  cancelled: channels.optional(),
  published: channels.optional(),
  sla: channels.optional(),
});
export type Notify = z.infer<typeof notifySchema>;
