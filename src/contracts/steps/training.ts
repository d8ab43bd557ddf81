/** Inputs and outputs of the training and scoring activities, and of the child workflow `trainCandidate`. */
import { z } from 'zod';
import { artifactRefSchema } from '../artifacts';
import { candidateStatusSchema, resolvedRunSchema } from '../runs';
import { taskSchema } from '../trainer';
import { jobLeaseSchema } from './pools';
import { stepOutputSchema } from './data';

/** Input of the workflow `trainCandidate`. */
export const trainCandidateInputSchema = z.object({
  /** The run this candidate belongs to. */
  run: z.object({ workflowId: z.string(), runId: z.string(), startedAt: z.string() }),
  resolved: resolvedRunSchema,
  candidate: z.string(),
  task: taskSchema,
  classes: z.array(z.string()),
  features: artifactRefSchema,
  split: artifactRefSchema,
  /** Parent run in MLflow. */
  tracking: z.object({ experimentId: z.string(), runId: z.string() }),
  fresh: z.boolean(),
});
export type TrainCandidateInput = z.infer<typeof trainCandidateInputSchema>;

/** Result of `trainCandidate`: a failure of the candidate is a result, not an error, so that its siblings go on. */
export const trainCandidateResultSchema = candidateStatusSchema.extend({
  evaluation: artifactRefSchema.optional(),
  mlflowRunId: z.string().optional(),
  modelId: z.string().optional(),
});
export type TrainCandidateResult = z.infer<typeof trainCandidateResultSchema>;

/** Launches or adopts the training job and follows it. Artifact (step train): `predictions.parquet`, `model/`, `progress.jsonl`, `result.json`, `log.txt`, `input.json`. */
export const runTrainingJobInputSchema = z.object({
  spec: artifactRefSchema,
  fresh: z.boolean().default(false),
  run: z.object({ workflowId: z.string(), startedAt: z.string() }),
  candidate: z.string(),
  task: taskSchema,
  classes: z.array(z.string()),
  features: artifactRefSchema,
  split: artifactRefSchema,
  /** Reach the job as MLFLOW_RUN_ID and MLFLOW_EXPERIMENT_ID. */
  tracking: z.object({ experimentId: z.string(), runId: z.string() }).optional(),
  /** Lease that the job runs under. */
  lease: jobLeaseSchema.optional(),
});
export type RunTrainingJobInput = z.infer<typeof runTrainingJobInputSchema>;
export const runTrainingJobOutputSchema = stepOutputSchema.extend({
  jobName: z.string(),
  attempts: z.number().int(),
  seconds: z.number(),
});
export type RunTrainingJobOutput = z.infer<typeof runTrainingJobOutputSchema>;

/** Which of the candidates are trained already, so that they need not wait for those that are not. */
export const findTrainedInputSchema = runTrainingJobInputSchema
  .pick({ spec: true, task: true, classes: true, features: true, split: true })
  .extend({ candidates: z.array(z.string()) });
export type FindTrainedInput = z.infer<typeof findTrainedInputSchema>;
export const findTrainedOutputSchema = z.object({
  /** Names; a candidate that is missing here may be trained all the same. */
  trained: z.array(z.string()),
});
export type FindTrainedOutput = z.infer<typeof findTrainedOutputSchema>;

/** Scores the hold-out rows with a trained model. Artifact (step score): `predictions.parquet`. */
export const runScoringJobInputSchema = z.object({
  spec: artifactRefSchema,
  fresh: z.boolean().default(false),
  run: z.object({ workflowId: z.string(), startedAt: z.string() }),
  task: taskSchema,
  classes: z.array(z.string()),
  split: artifactRefSchema,
  /** A train artifact, or the artifact of a champion fetched from MLflow: either has `model/`. */
  model: artifactRefSchema,
});
export type RunScoringJobInput = z.infer<typeof runScoringJobInputSchema>;
export const runScoringJobOutputSchema = stepOutputSchema.extend({ rows: z.number().int() });
export type RunScoringJobOutput = z.infer<typeof runScoringJobOutputSchema>;
