/** Inputs and outputs of the activities about announcements, and of those that publish a data set. */
import { z } from 'zod';
import { announcementSchema, datasetVersionSchema, resolvedWaitSchema } from '../announcements';
import { artifactRefSchema } from '../artifacts';
import { outcomeSchema } from '../outcomes';
import { buildDatasetInputSchema, buildDatasetOutputSchema, stepOutputSchema } from './data';

/** Sources → one typed table without a label, for a pipeline that publishes it. The same artifact as {@link buildDatasetInputSchema} leaves. */
export const buildTableInputSchema = buildDatasetInputSchema;
export type BuildTableInput = z.infer<typeof buildTableInputSchema>;
export const buildTableOutputSchema = buildDatasetOutputSchema.omit({ task: true, classes: true });
export type BuildTableOutput = z.infer<typeof buildTableOutputSchema>;

/** Artifact (step published): `table.parquet`, the table without row ids; its bytes are a blob of the store too. Writes the file that `publish.to` names. */
export const publishDatasetInputSchema = z.object({
  spec: artifactRefSchema,
  fresh: z.boolean().default(false),
  dataset: artifactRefSchema,
});
export type PublishDatasetInput = z.infer<typeof publishDatasetInputSchema>;
export const publishDatasetOutputSchema = stepOutputSchema.extend({
  version: datasetVersionSchema,
  /** File that was written, relative to the data root. */
  to: z.string().optional(),
});
export type PublishDatasetOutput = z.infer<typeof publishDatasetOutputSchema>;

/** Announces how a run ended: takes it down, wakes who waits for it, and starts who is subscribed. Safe to repeat, whatever it got done before. */
export const announceOutcomeInputSchema = z.object({
  pipeline: z.string(),
  workflowId: z.string(),
  runId: z.string(),
  outcome: outcomeSchema,
  nominalDate: z.string().optional(),
  /** Data set that the pipeline publishes; `version` where this run did. */
  dataset: z.object({ name: z.string(), version: datasetVersionSchema.optional() }).optional(),
  at: z.string(),
});
export type AnnounceOutcomeInput = z.infer<typeof announceOutcomeInputSchema>;
export const announceOutcomeOutputSchema = z.object({
  /** Runs that were woken. */
  woken: z.number().int(),
  /** Workflow ids of runs that were started; at most 50. */
  started: z.array(z.string()),
});
export type AnnounceOutcomeOutput = z.infer<typeof announceOutcomeOutputSchema>;

/** Registers a run as waiting, and then looks whether what it waits for has been announced already: whichever comes first, one finds the other. */
export const awaitAnnouncementsInputSchema = z.object({
  workflowId: z.string(),
  waits: z.array(resolvedWaitSchema).max(20),
  /** Start of the run, ISO 8601: `within` counts from it. */
  startedAt: z.string(),
});
export type AwaitAnnouncementsInput = z.infer<typeof awaitAnnouncementsInputSchema>;
export const awaitAnnouncementsOutputSchema = z.object({
  /** The newest announcement that decides each wait; those that nothing decides yet are left out. */
  announcements: z.array(announcementSchema),
});
export type AwaitAnnouncementsOutput = z.infer<typeof awaitAnnouncementsOutputSchema>;

/** Ends the waiting of a run that has heard enough. */
export const endWaitInputSchema = z.object({ workflowId: z.string() });
export type EndWaitInput = z.infer<typeof endWaitInputSchema>;
