/** Inputs and outputs of the activities about a Python function that makes the table. */
import { z } from 'zod';
import { artifactRefSchema } from '../artifacts';
import { stepOutputSchema } from './data';

/**
 * The sources as the function gets them. Artifact (step tables): `tables/NAME.parquet` of every source in the order of its files, without the label;
 * for a pipeline that trains also `labels.parquet` (key and label), which no function sees.
 * @throws SOURCE_EMPTY, SOURCE_UNREADABLE, DATASET_INVALID
 */
export const writeTablesInputSchema = z.object({
  spec: artifactRefSchema,
  fresh: z.boolean().default(false),
  acquired: artifactRefSchema,
});
export type WriteTablesInput = z.infer<typeof writeTablesInputSchema>;
export const writeTablesOutputSchema = stepOutputSchema;
export type WriteTablesOutput = z.infer<typeof writeTablesOutputSchema>;

/**
 * Launches or adopts the job that runs the function, and follows it. Artifact (step build): `table.parquet`, `log.txt`, `input.json`.
 * @throws FEATURE_CODE_FAILED with the end of Python's traceback; the codes of a trainer for what befalls the job.
 */
export const runFeatureJobInputSchema = z.object({
  spec: artifactRefSchema,
  fresh: z.boolean().default(false),
  run: z.object({ workflowId: z.string(), startedAt: z.string() }),
  tables: artifactRefSchema,
});
export type RunFeatureJobInput = z.infer<typeof runFeatureJobInputSchema>;
export const runFeatureJobOutputSchema = stepOutputSchema.extend({
  jobName: z.string(),
  attempts: z.number().int(),
  seconds: z.number(),
});
export type RunFeatureJobOutput = z.infer<typeof runFeatureJobOutputSchema>;
