/**
 * Attempts that are left to finish though the run that follows them is cancelled (`millrace cancel --keep`): one mark for each workflow that wants it.
 * It counts for the attempt that ran then, and for no later one: that is somebody else's.
 */
import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createFileOnce, listIfPresent, readIfPresent } from '../../local-disk/durable-files';
import type { JobsLayout } from './layout';

const markSchema = z.object({ at: z.iso.datetime() });

/** Marks the attempt; the first mark of a workflow stands. */
export async function markKept(
  layout: JobsLayout,
  jobName: string,
  attempt: number,
  workflowId: string,
): Promise<void> {
  await mkdir(layout.kept(jobName), { recursive: true });
  const mark = { workflowId, at: new Date().toISOString() };
  const path = join(layout.kept(jobName), `${hashOf(workflowId)}@${attempt}`);
  await createFileOnce(path, JSON.stringify(mark));
}

/**
 * Takes the mark of a workflow back when the workflow asks for the job again. An asking from before the mark, whose worker died in the meantime and that is
 * tried again, must not: the cancellation that the mark was made for may come any moment.
 * @param askedAt ISO 8601
 */
export async function unmarkKept(
  layout: JobsLayout,
  jobName: string,
  workflowId: string,
  askedAt: string,
): Promise<void> {
  for (const { file, hash } of await marksOf(layout, jobName)) {
    if (hash !== hashOf(workflowId)) continue;
    const path = join(layout.kept(jobName), file);
    const text = await readIfPresent(path);
    if (text === undefined) continue;
    const { at } = markSchema.parse(JSON.parse(text));
    if (Date.parse(askedAt) > Date.parse(at)) await rm(path, { force: true });
  }
}

/** Whether any workflow, `except` apart, wants the attempt to finish. */
export async function isKept(
  layout: JobsLayout,
  jobName: string,
  attempt: number,
  { except }: { readonly except?: string } = {},
): Promise<boolean> {
  const marks = await marksOf(layout, jobName);
  return marks.some(
    (mark) => mark.attempt === attempt && (except === undefined || mark.hash !== hashOf(except)),
  );
}

async function marksOf(
  layout: JobsLayout,
  jobName: string,
): Promise<{ file: string; hash: string; attempt: number }[]> {
  const files = await listIfPresent(layout.kept(jobName));
  return files.flatMap((file) => {
    const [, hash, attempt] = /^([0-9a-f]{32})@(\d+)$/.exec(file) ?? [];
    return hash === undefined ? [] : [{ file, hash, attempt: Number(attempt) }];
  });
}

function hashOf(workflowId: string): string {
  return createHash('sha256').update(workflowId).digest('hex').slice(0, 32);
}
