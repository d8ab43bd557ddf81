/** The sections of the pipeline file about candidates and their training. */
import { z } from 'zod';
import { durationSchema, sizeSchema } from '../quantities';
import { jobTemplateSchema } from './kubernetes';
import { identifier, slug } from './names';
import { prioritySchema } from './starts';

/** The reference trainers by the names used in a pipeline file. */
export const REFERENCE_TRAINERS = [
  'sklearn/logistic-regression',
  'sklearn/linear-svm',
  'sklearn/random-forest',
  'sklearn/ridge',
  'xgboost',
  'lightgbm',
  'catboost',
] as const;

export const trainerSchema = z.union([
  z.enum(REFERENCE_TRAINERS),
  z.strictObject({
    python: z
      .string()
      .regex(/^[^:]+\.py:[A-Za-z_]\w*$/, 'write FILE.py:FUNCTION')
      .describe(
        '`FILE:FUNCTION`, the file relative to the pipeline file; the function is `fit(frame, labels, params) -> estimator`.',
      ),
    requirements: z
      .string()
      .optional()
      .describe(
        "Requirements file beside the pipeline file; its locked environment is part of the step's key.",
      ),
    include: z
      .array(z.string())
      .default([])
      .describe(
        "Further files or folders of the user's code (relative to the pipeline file); the file's own folder is not taken whole.",
      ),
  }),
  z.strictObject({
    command: z
      .array(z.union([z.string(), z.number(), z.boolean()]).transform(String))
      .min(1)
      .describe(
        'Program and arguments, run without a shell. A number, or a template that is one, becomes its text.',
      ),
    requirements: z.string().optional(),
    include: z.array(z.string()).default([]),
  }),
]);
export type Trainer = z.infer<typeof trainerSchema>;

export const resourcesSchema = z.strictObject({
  cpu: z.number().positive().default(1).describe('Threads a local trainer may use.'),
  memory: sizeSchema.optional(),
  gpu: z.number().int().nonnegative().optional(),
});

export const candidateSchema = z.strictObject({
  name: slug.describe('Name of the candidate, unique in the pipeline.'),
  trainer: trainerSchema.describe('A reference trainer, a Python function of yours, or a command of yours.'),
  params: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('Settings of the trainer, by its own names.'),
  matrix: z
    .record(z.string(), z.array(z.unknown()).min(1))
    .optional()
    .describe(
      'Parameter → values: one candidate for each combination, named `NAME-1`, `NAME-2`, … in the order written, last key fastest.',
    ),
  resources: resourcesSchema.prefault({}),
  kubernetes: jobTemplateSchema
    .optional()
    .describe('Of its Jobs on Kubernetes, on top of `training.kubernetes`: mappings are merged by key.'),
});
export type Candidate = z.infer<typeof candidateSchema>;

export const retriesSchema = z.strictObject({
  attempts: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe('Tries of one training job, the first included.'),
  initial: durationSchema.prefault('10s').describe('Pause before the second attempt; doubles up to `max`.'),
  max: durationSchema.prefault('10m'),
});

export const trainingSchema = z.strictObject({
  backend: z.enum(['local', 'kubernetes']).default('local'),
  pool: identifier
    .optional()
    .describe(
      'Pool of millrace.yaml that every training job takes a lease of: `resources.gpu` units, one where that is not given.',
    ),
  priority: prioritySchema.optional().describe('1 is the most urgent, 3 unless given.'),
  retries: retriesSchema.prefault({}),
  timeout: durationSchema.prefault('2h').describe('Of one attempt.'),
  parallel: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(2)
    .describe('Candidates of this run that train at the same time.'),
  kubernetes: jobTemplateSchema
    .optional()
    .describe("The Jobs of the backend kubernetes, on top of the environment's `kubernetes.template`."),
});
export type Training = z.infer<typeof trainingSchema>;
