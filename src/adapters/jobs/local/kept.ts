/** Jobs that are left to finish though the run that follows them is cancelled (`millrace cancel --keep`): one mark for each workflow that wants it. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createFileOnce, hasCode, readIfPresent } from '../../local-disk/durable-files';
import type { JobsLayout } from './layout';

const markSchema = z.object({ at: z.iso.datetime() });

/** Marks the job; the first mark of a workflow stands. */
export async function markKept(layout: JobsLayout, jobName: string, workflowId: string): Promise<void> {
  await mkdir(layout.kept(jobName), { recursive: true });
  const mark = { workflowId, at: new Date().toISOString() };
  await createFileOnce(pathOf(layout, jobName, workflowId), JSON.stringify(mark));
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
  const path = pathOf(layout, jobName, workflowId);
  const text = await readIfPresent(path);
  if (text === undefined) return;
  const { at } = markSchema.parse(JSON.parse(text));
  if (Date.parse(askedAt) > Date.parse(at)) await rm(path, { force: true });
}

/** Whether any workflow wants the job to finish. */
export async function isKept(layout: JobsLayout, jobName: string): Promise<boolean> {
  const marks = await readdir(layout.kept(jobName)).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
  return marks.some((name) => /^[0-9a-f]{32}$/.test(name));
}

function pathOf(layout: JobsLayout, jobName: string, workflowId: string): string {
  const hash = createHash('sha256').update(workflowId).digest('hex').slice(0, 32);
  return join(layout.kept(jobName), hash);
}
