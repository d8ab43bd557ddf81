/** What a Temporal Schedule starts: the workflow `scheduledRun`, which starts the run of the interval that has just ended, and waits for it. */
import { z } from 'zod';
import { trainingPipelineInputSchema } from './runs';

/** The part of the pipeline file's schedule by which intervals are told. */
export const scheduleTimesSchema = z.strictObject({
  cron: z.array(z.string().min(1).max(200)).min(1).max(50),
  timezone: z.string().min(1).max(100),
});

/** Input of the workflow type `scheduledRun`; it stands in the Schedule's action, so it is the same for each start. */
export const scheduledRunInputSchema = z.strictObject({
  pipeline: z.string().min(1).max(255),
  /** Environment of millrace.yaml that the schedule was applied for. */
  environment: z.string().optional(),
  schedule: scheduleTimesSchema,
  /** For a start by hand: when the schedule would have started it. A Schedule tells it by `TemporalScheduledStartTime`. */
  scheduledAt: z.iso.datetime({ offset: true }).optional(),
});
export type ScheduledRunInput = z.infer<typeof scheduledRunInputSchema>;

/** Result of `scheduledRun`. That the run failed is told by the run itself, once. */
export interface ScheduledRunResult {
  readonly workflowId: string;
  readonly nominalDate: string;
  /** `done-before`: the interval had its run already; otherwise how its run ended. */
  readonly run: 'done-before' | 'completed' | 'failed' | 'cancelled';
}

/** Tells the interval of a start and takes down the claim of its run, in the ledger, which outlives Temporal's retention. */
export const claimScheduledRunInputSchema = z.object({
  pipeline: z.string(),
  environment: z.string().optional(),
  schedule: scheduleTimesSchema,
  scheduledAt: z.iso.datetime({ offset: true }),
});
export type ClaimScheduledRunInput = z.infer<typeof claimScheduledRunInputSchema>;
/** The claim, and the run that it has already, if it has one. */
export const claimScheduledRunOutputSchema = z.object({
  key: z.string(),
  workflowId: z.string(),
  /** Start of the interval, with the offset of the schedule's time zone. */
  nominalDate: z.string(),
  /** Input of the run: that of the first claim. */
  input: trainingPipelineInputSchema,
  /** Set when the interval has had its run. */
  runId: z.string().optional(),
});
export type ClaimScheduledRunOutput = z.infer<typeof claimScheduledRunOutputSchema>;

/** Notes that Temporal has taken the start, or that there is none to come. */
export const confirmScheduledRunInputSchema = z.object({ key: z.string(), runId: z.string() });
export type ConfirmScheduledRunInput = z.infer<typeof confirmScheduledRunInputSchema>;

/** Noted in place of a run id where none is known: the interval counts as served, and nothing makes up for it. */
export const NO_RUN_ID = {
  /** The start was cancelled before it took place. */
  cancelled: 'cancelled before its start',
  /** A workflow of the run's id was there already. */
  existed: 'there before its start',
} as const;
