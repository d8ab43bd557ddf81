/**
 * Announcements: how a run ended, and which data set it has updated. Others start upon them, or wait for them. Pure, so that workflows and activities
 * agree on what counts.
 */
import { z } from 'zod';
import { artifactRefSchema, digestSchema } from './artifacts';
import { digestOf } from './digest';
import { outcomeSchema } from './outcomes';
import type { UpstreamRef, WaitFor } from './pipeline-file/starts';

/** Signal of `trainingPipeline`: an {@link Announcement} that a run which waits has asked for. */
export const ANNOUNCED_SIGNAL = 'announced';

/** A version of a data set: its bytes lie in the store under their digest. */
export const datasetVersionSchema = z.object({
  artifact: artifactRefSchema,
  /** Of the Parquet file. */
  sha256: digestSchema,
  bytes: z.number().int().nonnegative(),
  rows: z.number().int().nonnegative(),
});
export type DatasetVersion = z.infer<typeof datasetVersionSchema>;

/** How a run ended, told once: of the pipeline, or of the data set that the pipeline publishes. */
export const announcementSchema = z.object({
  /** A pure function of the run and of what it announces: {@link announcementIdFor}. */
  id: z.string(),
  /** `dataset`: of a pipeline that publishes one; its outcome says whether there is a new version. */
  kind: z.enum(['pipeline', 'dataset']),
  name: z.string(),
  outcome: outcomeSchema,
  pipeline: z.string(),
  workflowId: z.string(),
  runId: z.string(),
  nominalDate: z.string().optional(),
  version: datasetVersionSchema.optional(),
  /** When the run came to its end, ISO 8601 in UTC with milliseconds, so that text compares as time does. */
  at: z.string(),
});
export type Announcement = z.infer<typeof announcementSchema>;

/** Id of what a run announces: a repeat of it is the same announcement. */
export function announcementIdFor({
  kind,
  name,
  workflowId,
  runId,
}: Pick<Announcement, 'kind' | 'name' | 'workflowId' | 'runId'>): string {
  return digestOf({ kind, name, workflowId, runId }).slice(0, 32);
}

const resolvedWaiting = {
  /** Seconds. */
  within: z.number().nonnegative(),
  failed: z.array(outcomeSchema),
  /** Seconds. */
  timeout: z.number().nonnegative(),
};
/** An entry of `waitFor` as the resolved file has it: durations in seconds. */
export const resolvedWaitSchema = z.union([
  z.object({ pipeline: z.string(), outcomes: z.array(outcomeSchema), ...resolvedWaiting }),
  z.object({ dataset: z.string(), ...resolvedWaiting }),
]);
export type ResolvedWait = z.infer<typeof resolvedWaitSchema>;

/** What announcements of a reference are filed under. */
export function subjectOf(
  reference: UpstreamRef | WaitFor | ResolvedWait,
): Pick<Announcement, 'kind' | 'name'> {
  return 'pipeline' in reference
    ? { kind: 'pipeline', name: reference.pipeline }
    : { kind: 'dataset', name: reference.dataset };
}

/** Outcomes that count for a reference: a data set has a new version only where its run published it. */
export function outcomesOf(reference: UpstreamRef | ResolvedWait): readonly Announcement['outcome'][] {
  return 'pipeline' in reference ? reference.outcomes : ['published'];
}

/** Whether an announcement is what the reference names, with an outcome that counts. */
export function isAnnounced(reference: UpstreamRef | ResolvedWait, announcement: Announcement): boolean {
  const { kind, name } = subjectOf(reference);
  return (
    announcement.kind === kind &&
    announcement.name === name &&
    outcomesOf(reference).includes(announcement.outcome)
  );
}

/** What an announcement means to a run that waits; undefined when it says nothing to it. An outcome that counts goes before one that fails. */
export function answerTo(wait: ResolvedWait, announcement: Announcement): 'come' | 'failed' | undefined {
  if (isAnnounced(wait, announcement)) return 'come';
  const { kind, name } = subjectOf(wait);
  if (announcement.kind !== kind || announcement.name !== name) return undefined;
  return wait.failed.includes(announcement.outcome) ? 'failed' : undefined;
}

/** Outcomes that end a wait, either way. */
export function decisiveOutcomes(wait: ResolvedWait): readonly Announcement['outcome'][] {
  return [...new Set([...outcomesOf(wait), ...wait.failed])];
}

/** For people: `the data set churn.features`, `the pipeline churn-features`. */
export function describeSubject({ kind, name }: Pick<Announcement, 'kind' | 'name'>): string {
  return kind === 'dataset' ? `the data set ${name}` : `the pipeline ${name}`;
}
