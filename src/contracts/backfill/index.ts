/** What a backfill is started with, how it stands, and which partitions it has to run. */
import { z } from 'zod';
import { trainingPipelineInputSchema } from '../runs';
import { partitionRangeSchema } from './partitions';

export * from './listed';
export * from './partitions';

/**
 * Which partitions run. `missing`: those that no run has served or serves just now, whoever started it; `failed`: those whose
 * newest run failed; `all`: every one, again.
 */
export const BACKFILL_MODES = ['missing', 'failed', 'all'] as const;
export type BackfillMode = (typeof BACKFILL_MODES)[number];

/** Runs of a backfill that may be open at once; Temporal advises at most 500 unfinished actions. */
export const MOST_PARALLEL = 200;
/** How many are, unless somebody says otherwise. */
export const DEFAULT_PARALLEL = 4;
/** Failed partitions that are kept by name, as far as they fit into `FAILURES_BYTES`. */
export const FAILURES_LISTED = 50;

/** The partitions of one pipeline, and which of them run. */
export const backfillSelectionSchema = z.strictObject({
  pipeline: z.string().min(1).max(255),
  range: partitionRangeSchema,
  mode: z.enum(BACKFILL_MODES).default('missing'),
});
export type BackfillSelection = z.infer<typeof backfillSelectionSchema>;

/** A partition whose run failed, and why. */
export const backfillFailureSchema = z.object({
  nominalDate: z.string(),
  workflowId: z.string(),
  code: z.string(),
  message: z.string(),
});
export type BackfillFailure = z.infer<typeof backfillFailureSchema>;

/** What is counted, also across executions of the workflow. */
export const backfillCountsSchema = z.object({
  /** Partitions of the range; unknown until the first look at them. */
  total: z.number().int().nonnegative().optional(),
  /** Runs that ended, and neither failed nor were cancelled. */
  done: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  cancelled: z.number().int().nonnegative(),
  /** Partitions that the mode left out, or that another backfill runs. */
  skipped: z.number().int().nonnegative(),
  /** Runs by outcome. */
  outcomes: z.record(z.string(), z.number().int()),
  /** The first ones; `failed` says how many there are. */
  failures: z.array(backfillFailureSchema),
});
export type BackfillCounts = z.infer<typeof backfillCountsSchema>;

/** Input of the workflow type `backfill`. */
export const backfillInputSchema = backfillSelectionSchema.extend({
  parallel: z.number().int().min(1).max(MOST_PARALLEL).default(DEFAULT_PARALLEL),
  params: trainingPipelineInputSchema.shape.params,
  /** What the runs' parameter `date` gets: the day, or the whole nominal date; absent where the pipeline declares none. */
  dateParam: z.enum(['date', 'nominalDate']).optional(),
  /** Without it no run of the backfill registers, moves an alias or deploys. */
  promote: z.boolean().default(false),
  environment: z.string().optional(),
  startedBy: z.string().max(255).optional(),
  /** Events of its history after which the workflow continues as new, once the runs that are open have ended. */
  eventsPerExecution: z.number().int().min(100).max(10_000).default(4000),
  /** What an earlier execution of it has done. */
  carried: z.object({ after: z.string().optional(), counts: backfillCountsSchema }).optional(),
});
export type BackfillInput = z.input<typeof backfillInputSchema>;

/** Answer of the query `status`, and the workflow's result. */
export interface BackfillStatus extends Omit<BackfillCounts, 'total'> {
  readonly pipeline: string;
  readonly workflowId: string;
  readonly mode: BackfillMode;
  readonly promote: boolean;
  readonly state: 'running' | 'cancelling' | 'ended';
  /** Null until the first look at them. */
  readonly total: number | null;
  readonly parallel: number;
  /** Runs that are open. */
  readonly open: number;
  /** The first of them. */
  readonly running: readonly { readonly nominalDate: string; readonly workflowId: string }[];
  /** Nominal date of the partition that is started next; null when none is known. */
  readonly next: string | null;
}

/** Argument of the update `setParallel`. */
export const parallelChangeSchema = z.strictObject({ parallel: z.number().int().min(1).max(MOST_PARALLEL) });
export type ParallelChange = z.infer<typeof parallelChangeSchema>;

/** Queries and updates of the workflow `backfill`. It is cancelled as every workflow is. */
export const BACKFILL_MESSAGES = { status: 'status', setParallel: 'setParallel' } as const;

/** A run for a nominal date, as the ledger knows it. */
export interface NominalRun {
  readonly nominalDate: string;
  readonly workflowId: string;
  /** See `RunRecord.outcome`. */
  readonly outcome: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** What a mode makes of one partition, given all runs that the ledger knows for it. */
export function shallRun(mode: BackfillMode, runs: readonly NominalRun[]): boolean {
  if (mode === 'all') return true;
  if (mode === 'missing') return !runs.some(({ outcome }) => serves(outcome));
  return newestOf(runs)?.outcome === 'failed';
}

/** Whether the ledger has seen a run of this outcome begin, or wait for approval, and not end. */
export function wasOpen(outcome: string): boolean {
  return outcome === 'running' || outcome === 'awaiting-approval';
}

/** Whether a run of this outcome serves its partition, or is at it. */
export function serves(outcome: string): boolean {
  return outcome !== 'failed' && outcome !== 'cancelled';
}

/** The run that says how a partition stands: the newest. */
export function newestOf(runs: readonly NominalRun[]): NominalRun | undefined {
  return runs.reduce<NominalRun | undefined>(
    (newest, run) => (newest === undefined || run.startedAt >= newest.startedAt ? run : newest),
    undefined,
  );
}
