/**
 * The trainer contract: what a training or scoring job finds in its job directory, and what it must leave there.
 * A job is a command with a job directory as its working directory, given in `MILLRACE_JOB_DIR`.
 *
 * In:  `input.json`, `train.parquet` (row id, inputs, label), `validation.parquet` (row id, inputs, no label); for a scoring job `rows.parquet` and `model/`;
 *      for a job that builds a table `tables/NAME.parquet`, one for each source.
 * Out: `out/predictions.parquet` (row id, scores), `out/model/` (an MLflow model), `out/progress.jsonl`, and `out/result.json`, written last; of a job that
 *      builds a table `out/table.parquet` in place of predictions and model.
 * Exit code 0 is success, 64 is bad input (final; `out/error.json` says why), anything else is a failure that is retried by its class.
 */
import { z } from 'zod';

/** Reserved column in every table that Millrace hands to a trainer: a string, unique in its table. */
export const ROW_ID_COLUMN = '__row_id';
/** Exit code with which a trainer refuses its input for good (EX_DATAERR-like; the value of BSD's EX_USAGE). */
export const BAD_INPUT_EXIT_CODE = 64;

/** Table of a source in the directory of a job that builds a table, and in the artifact that it comes from. */
export function tableFileOf(source: string): string {
  return `tables/${source}.parquet`;
}
/** What such a job leaves under `out/`. */
export const BUILT_TABLE_FILE = 'table.parquet';

/** What kind of target the label is. */
export const taskSchema = z.enum(['binary', 'multiclass', 'regression']);
export type Task = z.infer<typeof taskSchema>;

/** Prediction columns by task: `score` is the probability of the positive class, or the predicted value. */
export function scoreColumns(task: Task, classCount: number): string[] {
  return task === 'multiclass'
    ? Array.from({ length: classCount }, (_, index) => `score_${index}`)
    : ['score'];
}

/** One input column as it stands in the parquet files. */
export const inputColumnSchema = z.object({
  name: z.string(),
  /** Logical type: `text` is free text (TF-IDF), `category` a string with few values (one-hot). */
  type: z.enum(['integer', 'double', 'boolean', 'category', 'text', 'date', 'timestamp']),
});
export type InputColumn = z.infer<typeof inputColumnSchema>;

/** How the features come out of the input columns; packed into the model, so that callers send source rows. */
export const featurePackingSchema = z.object({
  /** Source columns that the rows carry, in order: what the model's signature names. */
  inputs: z.array(inputColumnSchema),
  /** Input columns that are features as they are. */
  select: z.array(z.string()),
  /** Feature name → DuckDB expression over one row of inputs. */
  derive: z.record(z.string(), z.string()),
  /** Which of the features (selected or derived) are free text. */
  text: z.array(z.string()),
});
export type FeaturePacking = z.infer<typeof featurePackingSchema>;

/** Who trains: a reference trainer, a Python function of the user, or a command of the user. */
export const trainerSpecSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('reference'), name: z.string() }),
  z.object({ kind: z.literal('python'), file: z.string(), function: z.string() }),
  z.object({ kind: z.literal('command'), command: z.array(z.string()).min(1) }),
]);
export type TrainerSpec = z.infer<typeof trainerSpecSchema>;

/** `input.json` of a training job. User code lies in `code/` of the job directory. */
export const trainInputSchema = z.object({
  contract: z.literal(1),
  action: z.literal('train'),
  pipeline: z.string(),
  candidate: z.string(),
  task: taskSchema,
  /** Label column in `train.parquet`: 0/1 integers for binary (1 is positive), a string of `classes` for multiclass, a double for regression. */
  label: z.string(),
  /** Class names in score order; for binary `[negative, positive]`; empty for regression. */
  classes: z.array(z.string()),
  features: featurePackingSchema,
  trainer: trainerSpecSchema,
  params: z.record(z.string(), z.unknown()),
  seed: z.number().int(),
  /** Upper bound of threads the trainer may use. */
  threads: z.number().int().positive(),
});
export type TrainInput = z.infer<typeof trainInputSchema>;

/** `input.json` of a scoring job: run `model/` over `rows.parquet` (row id and at least the model's inputs). */
export const scoreInputSchema = z.object({
  contract: z.literal(1),
  action: z.literal('score'),
  task: taskSchema,
  classes: z.array(z.string()),
  threads: z.number().int().positive(),
});
export type ScoreInput = z.infer<typeof scoreInputSchema>;

/** `input.json` of a job that builds a table: run a function of `code/` over `tables/`. */
export const buildInputSchema = z.object({
  contract: z.literal(1),
  action: z.literal('build'),
  pipeline: z.string(),
  file: z.string(),
  function: z.string(),
  /** Names of the tables, in the order of the pipeline file. */
  tables: z.array(z.string()).min(1),
  params: z.record(z.string(), z.unknown()),
  threads: z.number().int().positive(),
});
export type BuildInput = z.infer<typeof buildInputSchema>;

/** One line of `out/progress.jsonl`. */
export const progressSchema = z.object({
  step: z.number(),
  /** Share of the work done, 0 to 1. */
  fraction: z.number().min(0).max(1).optional(),
  /** Current training metrics by name; they become step metrics in MLflow. */
  metrics: z.record(z.string(), z.number()).optional(),
  /** Milliseconds since the epoch. */
  at: z.number().optional(),
  message: z.string().optional(),
});
export type Progress = z.infer<typeof progressSchema>;

/** `out/result.json` of a training or scoring job, written last. */
export const modelResultSchema = z.object({
  contract: z.literal(1),
  status: z.literal('succeeded'),
  rows: z.object({ train: z.number().int().optional(), predicted: z.number().int() }),
  /** Whether `out/model/` holds a model. A `command` trainer must leave one as well. */
  model: z.boolean(),
  /** Anything the trainer measured itself; logged under `trainer.` in MLflow and never used for a decision. */
  metrics: z.record(z.string(), z.number()).default({}),
});
export type ModelResult = z.infer<typeof modelResultSchema>;

/** `out/result.json` of a job that built a table. */
export const buildResultSchema = z.object({
  contract: z.literal(1),
  status: z.literal('succeeded'),
  rows: z.object({ built: z.number().int() }),
});
export type BuildResult = z.infer<typeof buildResultSchema>;

/** `out/result.json` of any job. */
export const jobResultSchema = z.union([modelResultSchema, buildResultSchema]);

/** `out/error.json`, left by a trainer that refuses its input. */
export const jobErrorSchema = z.object({ message: z.string(), code: z.string().optional() });
export type JobError = z.infer<typeof jobErrorSchema>;
