/**
 * The pipeline file: its schema, published as JSON Schema for editors, and what of it this version cannot do yet.
 * {@link PipelineFile} is the file as written; {@link PipelineSpec} has parameters filled in and defaults applied.
 */
import { z } from 'zod';
import { durationSchema } from '../quantities';
import { datasetSchema, featuresSchema, qualitySchema, sourceSchema, splitSchema } from './data';
import { deploySchema, evaluationSchema, notifySchema, registrySchema } from './evaluation';
import { identifier, slug } from './names';
import { publishSchema } from './publish';
import { scheduleSchema, triggerSchema, waitForSchema } from './starts';
import { candidateSchema, trainingSchema } from './training';

export * from './data';
export * from './evaluation';
export * from './feature-code';
export * from './kubernetes';
export * from './names';
export * from './publish';
export * from './starts';
export * from './training';

/** A parameter of the pipeline: `{{ params.NAME }}` in any string of the file; `run --param NAME=VALUE`. */
export const parameterSchema = z.strictObject({
  type: z.enum(['string', 'integer', 'number', 'boolean', 'date']).describe('A date is written YYYY-MM-DD.'),
  default: z
    .union([z.string(), z.number(), z.boolean()])
    .optional()
    .describe('Taken where a run gives none; without it every run must give one.'),
  description: z.string().optional(),
});
export type Parameter = z.infer<typeof parameterSchema>;

export const pipelineFileSchema = z.strictObject({
  apiVersion: z.literal('millrace/v1').describe('Version of this format.'),
  name: slug.describe('Name of the pipeline: runs, experiments and stored steps go by it.'),
  description: z.string().optional().describe('What the model is for, in one line.'),
  owner: z.string().optional().describe('Who answers for it.'),
  tags: z.array(z.string()).default([]).describe('Words to find it by.'),
  params: z
    .record(identifier, parameterSchema)
    .default({})
    .describe(
      'Parameters of a run: `{{ params.NAME }}` in any text below, `millrace run --param NAME=VALUE`.',
    ),
  schedule: scheduleSchema.optional().describe('Starts at times; takes effect with `millrace apply`.'),
  triggers: z
    .array(triggerSchema)
    .max(20)
    .default([])
    .describe('Starts upon events; they take effect with `millrace apply`.'),
  waitFor: z
    .array(waitForSchema)
    .max(20)
    .default([])
    .describe('What a run waits for before it reads its data.'),
  maxActiveRuns: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('Runs that may be active at once, whatever started them; the others wait in line.'),
  sources: z
    .record(identifier, sourceSchema)
    .refine((sources) => Object.keys(sources).length > 0, 'name at least one source')
    .describe('Name → where the data lies.'),
  dataset: datasetSchema.describe('The one table that is learnt from.'),
  quality: qualitySchema.prefault({}).describe('What must be true of the data.'),
  split: splitSchema.prefault({}).describe('Which rows train, which choose, which judge.'),
  features: featuresSchema.prefault({}).describe('What a model sees of a row.'),
  candidates: z
    .array(candidateSchema)
    .min(1)
    .default([])
    .describe('The models that compete; a pipeline that publishes a data set has none.'),
  publish: publishSchema
    .optional()
    .describe('The data set that the pipeline makes, instead of a model: its table is what `dataset` says.'),
  training: trainingSchema.prefault({}).describe('How they are trained.'),
  evaluation: evaluationSchema
    .prefault({})
    .describe('How they are measured, and what the winner must reach.'),
  registry: registrySchema
    .optional()
    .describe('Where the winner is registered; nothing is registered without it.'),
  deploy: deploySchema.prefault({}).describe('Where the winner goes.'),
  sla: durationSchema.optional().describe('The run alerts once when it takes longer.'),
  notify: notifySchema.prefault({}).describe('Who hears of what: event → channels.'),
});
/** The file as a person writes it. */
export type PipelineFile = z.input<typeof pipelineFileSchema>;
/** The file with defaults applied, durations in seconds, sizes in bytes. */
export type PipelineSpec = z.output<typeof pipelineFileSchema>;

/** Paths of what the file asks for and this version cannot do yet, each with a word on when it comes. Empty when it can all be done. */
export function unsupportedKeys(
  spec: PipelineSpec,
): { path: readonly (string | number)[]; reason: string }[] {
  const found: { path: readonly (string | number)[]; reason: string }[] = [];
  const refuse = (path: readonly (string | number)[], reason: string): void =>
    void found.push({ path, reason });
  if (spec.deploy.target === 'kubernetes')
    refuse(['deploy', 'target'], 'the kubernetes target is not supported yet; use local or none');
  spec.candidates.forEach((candidate, index) => {
    if (candidate.resources.gpu && spec.training.pool === undefined && spec.training.backend === 'local')
      refuse(
        ['candidates', index, 'resources', 'gpu'],
        'GPUs need `training: { backend: kubernetes }`; on the host they count as units of a pool, with `training: { pool: NAME }`',
      );
  });
  return found;
}
