/** Inputs and outputs of the registry (MLflow) activities. */
import { z } from 'zod';
import { artifactRefSchema } from '../artifacts';
import { outcomeSchema } from '../runs';
import { championSchema } from './evaluation';
import { taskSchema } from '../trainer';

const run = z.object({ workflowId: z.string(), runId: z.string() });
const tracking = z.object({ experimentId: z.string(), runId: z.string() });

/** Finds or creates the experiment and the parent run, with its tags and parameters. */
export const startTrackingInputSchema = z.object({
  spec: artifactRefSchema,
  run,
  pipeline: z.string(),
  startedBy: z.string().optional(),
});
export type StartTrackingInput = z.infer<typeof startTrackingInputSchema>;
export const startTrackingOutputSchema = tracking.extend({ url: z.string() });
export type StartTrackingOutput = z.infer<typeof startTrackingOutputSchema>;

/** Finds or creates the nested run of a candidate. */
export const startCandidateTrackingInputSchema = z.object({
  spec: artifactRefSchema,
  run,
  parent: tracking,
  candidate: z.string(),
});
export type StartCandidateTrackingInput = z.infer<typeof startCandidateTrackingInputSchema>;
export const startCandidateTrackingOutputSchema = tracking;

/** Logs the candidate: model, metrics linked to model and data set, step metrics, parameters; ends its run. */
export const recordCandidateInputSchema = z.object({
  spec: artifactRefSchema,
  run,
  candidate: z.string(),
  tracking,
  split: artifactRefSchema,
  /** Absent for a candidate that failed. */
  trained: artifactRefSchema.optional(),
  evaluation: artifactRefSchema.optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  cancelled: z.boolean().default(false),
});
export type RecordCandidateInput = z.infer<typeof recordCandidateInputSchema>;
export const recordCandidateOutputSchema = z.object({ modelId: z.string().optional() });
export type RecordCandidateOutput = z.infer<typeof recordCandidateOutputSchema>;

/** Looks the champion up and brings its model into the store. Reads the world: never cached. */
export const findChampionInputSchema = z.object({
  spec: artifactRefSchema,
  model: z.string(),
  task: taskSchema,
  classes: z.array(z.string()),
  split: artifactRefSchema,
});
export type FindChampionInput = z.infer<typeof findChampionInputSchema>;
export const findChampionOutputSchema = z.object({ champion: championSchema.nullable() });
export type FindChampionOutput = z.infer<typeof findChampionOutputSchema>;

/** Ends the parent run: hold-out metrics, comparison table, report, outcome tags. */
export const finishTrackingInputSchema = z.object({
  run,
  tracking,
  spec: artifactRefSchema,
  outcome: outcomeSchema,
  winner: z.string().optional(),
  holdout: artifactRefSchema.optional(),
  report: artifactRefSchema.optional(),
  version: z.string().optional(),
});
export type FinishTrackingInput = z.infer<typeof finishTrackingInputSchema>;
