/** What starts a run, what steers it, and what can be asked of it. */
import { z } from 'zod';
import { datasetVersionSchema, resolvedWaitSchema } from './announcements';
import { artifactRefSchema, digestSchema } from './artifacts';
import { arrivalSchema, causeSchema } from './events';
import { outcomeSchema } from './outcomes';
import { gateRuleSchema } from './pipeline-file/evaluation';
import { prioritySchema } from './pipeline-file/starts';

/** The stages that every run of `trainingPipeline` has, in order; what does not apply is skipped. */
export const STAGES = [
  'resolve',
  'acquire',
  'dataset',
  'validate',
  'features',
  'split',
  'train',
  'compare',
  'holdout',
  'gate',
  'release',
  'report',
] as const;
/** All stages in order: with `wait`, of runs that wait for others, and `publish`, of those that publish a data set. */
export const STAGE_ORDER: readonly Stage[] = ['resolve', 'wait', ...STAGES.slice(1, -1), 'publish', 'report'];
/** A stage of any run. */
export const stageSchema = z.enum([...STAGES, 'wait', 'publish']);
export type Stage = (typeof STAGES)[number] | 'wait' | 'publish';

export { OUTCOMES, outcomeSchema, type Outcome } from './outcomes';

/** Input of the workflow type `trainingPipeline`. Only `pipeline` is needed: `temporal workflow start … --input '{"pipeline":"telco-churn"}'`. */
export const trainingPipelineInputSchema = z.strictObject({
  pipeline: z.string().min(1).max(255),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  /** Environment of millrace.yaml; the worker's own unless given. */
  environment: z.string().optional(),
  /** Run every step again. */
  noCache: z.boolean().optional(),
  /** Run this stage and all that follow again. */
  from: stageSchema.optional(),
  /** End after this stage with outcome `stopped`. */
  until: stageSchema.optional(),
  /** Use about this many rows (a stable sample by row hash). */
  sample: z.number().int().positive().optional(),
  /** Who or what started the run; shown, never trusted. */
  startedBy: z.string().max(255).optional(),
  /** Start of the interval that the run is for, ISO 8601: a late, retried or repeated run keeps it. */
  nominalDate: z.iso.datetime({ offset: true }).optional(),
  /** The event that started the run, for lineage. */
  cause: causeSchema.optional(),
  /** Bytes that came with the event; they lie in the store already. */
  arrivals: z.array(arrivalSchema).max(100).optional(),
  /** `false`: the run ends before the release; no version, no alias, no deployment. */
  promote: z.boolean().optional(),
  /** 1 is the most urgent; the pipeline file's unless given. */
  priority: prioritySchema.optional(),
});
export type TrainingPipelineInput = z.infer<typeof trainingPipelineInputSchema>;

/** What the workflow needs of the resolved pipeline file to decide; the whole of it lies in the store under `spec`. */
export const resolvedRunSchema = z.object({
  pipeline: z.string(),
  environment: z.string(),
  /** The resolved PipelineSpec with its origin (file, folder, git commit): see {@link ResolvedSpec}. */
  spec: artifactRefSchema,
  /** Registered model with the environment's prefix; absent when nothing is registered. */
  model: z.string().optional(),
  queues: z.object({ data: z.string(), training: z.string(), services: z.string() }),
  /** Matrix expanded, in order. */
  candidates: z.array(z.object({ name: z.string(), trainer: z.string() })),
  parallel: z.number().int().positive(),
  jobTimeoutSeconds: z.number().positive(),
  /** `evaluation.gate`: the workflow decides by them. */
  gate: z.array(gateRuleSchema),
  slaSeconds: z.number().positive().optional(),
  /** Pool that each training job takes a lease of, and how many units by candidate, one where it does not say; absent where the file names none. */
  pool: z
    .object({
      name: z.string(),
      units: z.record(z.string(), z.number().int().positive()),
      /** Units of the pool as the environment has it, and when that was read. */
      limit: z.object({ units: z.number().int().positive(), asOf: z.string() }),
    })
    .optional(),
  /** 1 is the most urgent. */
  priority: prioritySchema.optional(),
  /** Runs of this pipeline that may be active at once; a run that awaits approval is not active. */
  maxActiveRuns: z.number().int().positive().optional(),
  /** What must have been announced before the data is acquired. */
  waitFor: z.array(resolvedWaitSchema).optional(),
  /** The Python function that makes the table (`features.py:build`); absent where the sources or SQL are the table. */
  featureCode: z.string().optional(),
  /** Data set that the pipeline publishes; such a pipeline has no candidates. */
  publishes: z.string().optional(),
  deployTarget: z.enum(['local', 'none']),
  approval: z.object({ required: z.boolean(), timeoutSeconds: z.number().positive() }),
  /** Whether the namespace has Millrace's search attributes. */
  searchAttributes: z.boolean(),
});
export type ResolvedRun = z.infer<typeof resolvedRunSchema>;

/** The artifact `spec`: `spec.json` in it. Paths in it are absolute on the store's host. */
export const specOriginSchema = z.object({
  file: z.string(),
  /** Folder of the pipeline file: user code is relative to it. */
  directory: z.string(),
  /** Root that data paths must stay in. */
  projectRoot: z.string(),
  pipelineDigest: digestSchema,
  gitCommit: z.string().optional(),
  sample: z.number().int().positive().optional(),
});
export type SpecOrigin = z.infer<typeof specOriginSchema>;

/** One stage as `show` prints it. */
export const stageStatusSchema = z.object({
  stage: stageSchema,
  state: z.enum(['pending', 'running', 'done', 'cached', 'failed', 'cancelled', 'skipped']),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  /** One line for people: `7,043 rows, 3 warnings`. */
  note: z.string().optional(),
  artifact: artifactRefSchema.optional(),
  /** The job that the stage has run, whose log is kept. */
  job: z.string().optional(),
});
export type StageStatus = z.infer<typeof stageStatusSchema>;

/** What a run, or one of its candidates, waits for. */
export const waitingSchema = z.object({
  /** In words: `2 units of the pool gpu`, `to be resumed`. */
  for: z.string(),
  /** ISO 8601. */
  since: z.string(),
  /** Pool whose owner knows the place in the line. */
  pool: z.string().optional(),
});
export type Waiting = z.infer<typeof waitingSchema>;

/** How one candidate of a run stands; times in ISO 8601. */
export const candidateStatusSchema = z.object({
  name: z.string(),
  trainer: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'cached', 'failed', 'cancelled']),
  /** Child workflow, whose pending activity carries progress. */
  workflowId: z.string().optional(),
  attempts: z.number().int().optional(),
  /** The selecting metric on validation. */
  metric: z.object({ name: z.string(), value: z.number().nullable() }).optional(),
  threshold: z.number().nullable().optional(),
  artifact: artifactRefSchema.optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  /** What it waits for before it trains. */
  waiting: waitingSchema.optional(),
});
export type CandidateStatus = z.infer<typeof candidateStatusSchema>;

/** Answer of the query `status`, and the result of the workflow (as far as it has come). */
export const runStatusSchema = z.object({
  pipeline: z.string(),
  workflowId: z.string(),
  runId: z.string(),
  /** Start of the interval that the run is for, where it is for one. */
  nominalDate: z.string().optional(),
  /** The event that started it; absent where a person did. */
  cause: causeSchema.optional(),
  state: z.enum(['running', 'awaiting-approval', 'done', 'failed', 'cancelled']),
  outcome: outcomeSchema.optional(),
  /** What the run as a whole waits for; absent while it gets on. */
  waiting: waitingSchema.optional(),
  /** Somebody asked it to pause: it does at the end of the stage that runs. */
  held: z.object({ by: z.string(), why: z.string().optional(), since: z.string() }).optional(),
  /** Set by `setPriority`; the pipeline file's, or the default, unless given. */
  priority: prioritySchema.optional(),
  /** Why it ended so: the gate's reasons, the error, who rejected. */
  reasons: z.array(z.string()).default([]),
  stages: z.array(stageStatusSchema),
  candidates: z.array(candidateStatusSchema),
  winner: z.string().optional(),
  model: z
    .object({ name: z.string(), version: z.string().optional(), endpoint: z.string().optional() })
    .optional(),
  champion: z
    .object({ version: z.string(), comparable: z.boolean(), note: z.string().optional() })
    .optional(),
  mlflow: z.object({ experimentId: z.string(), runId: z.string(), url: z.string() }).optional(),
  report: z.string().optional(),
  /** The data set that the run has published. */
  published: z.object({ dataset: z.string(), version: datasetVersionSchema }).optional(),
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      where: z.string().optional(),
      mend: z.string().optional(),
    })
    .optional(),
});
export type RunStatus = z.infer<typeof runStatusSchema>;

/** Argument of the updates `approve` and `reject`. */
export const decisionSchema = z.strictObject({
  by: z.string().min(1).max(255),
  why: z.string().max(2000).optional(),
});
export type Decision = z.infer<typeof decisionSchema>;

/** Argument of the signal `hold`. */
export const holdSchema = decisionSchema;
/** Argument of the signal `resume`; may be left out. */
export const resumeSchema = decisionSchema.partial();
export type Resumption = z.infer<typeof resumeSchema>;
/** Argument of the signal `setPriority`. */
export const priorityChangeSchema = z.strictObject({
  priority: prioritySchema,
  by: z.string().max(255).optional(),
});
export type PriorityChange = z.infer<typeof priorityChangeSchema>;
/** Argument of the signal `candidateWaits`, which a candidate sends to its run. */
export const candidateWaitsSchema = z.object({ candidate: z.string(), waiting: waitingSchema.nullable() });
export type CandidateWaits = z.infer<typeof candidateWaitsSchema>;

/** Names of signals, queries and updates of `trainingPipeline`. */
export const RUN_MESSAGES = {
  status: 'status',
  approve: 'approve',
  reject: 'reject',
  releaseUpdate: 'releaseUpdate',
  /** Signal: pause at the end of the stage that runs. */
  hold: 'hold',
  /** Signal: go on. */
  resume: 'resume',
  /** Signal: whoever waits moves in the line, and what follows goes by the new one. */
  setPriority: 'setPriority',
  /** Update: jobs that run are left to finish whatever becomes of the run. */
  keepJobs: 'keepJobs',
  /** Signal of a candidate to its run. */
  candidateWaits: 'candidateWaits',
} as const;

/** Heartbeat details of the activity that follows a job: read by `show` and `run` from the child's pending activity. */
export const jobHeartbeatSchema = z.object({
  jobName: z.string(),
  attempt: z.number().int(),
  phase: z.string(),
  fraction: z.number().optional(),
  step: z.number().optional(),
  metrics: z.record(z.string(), z.number()).optional(),
  message: z.string().optional(),
});
export type JobHeartbeat = z.infer<typeof jobHeartbeatSchema>;
