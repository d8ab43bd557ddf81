/** The message that a Kafka trigger takes; published as `schemas/training-request.schema.json`. */
import { z } from 'zod';
import { identifier } from './pipeline-file/names';

const path = z
  .string()
  .min(1)
  .max(1000)
  .describe('A file, relative to the data root, which it may not leave.');

const requestedFileSchema = z.strictObject({
  path,
  source: identifier
    .optional()
    .describe('Source that gets the file; may be left out where the pipeline has one source only.'),
  mode: z
    .enum(['append', 'replace'])
    .default('replace')
    .describe('Whether the run reads the file beside what the source names, or instead of it.'),
});
export type RequestedFile = z.output<typeof requestedFileSchema>;

/** A request, or an alert that leads to one: fields of its own may stand beside these, for the filters of the triggers. */
export const trainingRequestSchema = z.looseObject({
  pipeline: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('Starts this pipeline only; otherwise every pipeline whose trigger lets the message through.'),
  data: z
    .array(
      path.transform((named): RequestedFile => ({ path: named, mode: 'replace' })).or(requestedFileSchema),
    )
    .min(1)
    .max(100)
    .optional()
    .describe('Files that the run shall read. Their bytes are taken when the message is.'),
  reason: z.string().max(500).optional().describe('Why, for people.'),
  params: z
    .record(z.string().max(255), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe("Parameters of the run, as in the pipeline file's `params`."),
});
export type TrainingRequest = z.output<typeof trainingRequestSchema>;

/** Header of a message that says which event it is: a repeat under the same key starts nothing, wherever in Kafka it stands. */
export const IDEMPOTENCY_HEADER = 'idempotency-key';
