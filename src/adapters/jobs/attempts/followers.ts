/** Which workflows follow a job: one line each, appended, so that no two workers can overwrite one another. */
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { readIfPresent } from '../../local-disk/durable-files';
import type { JobsLayout } from './layout';

const lineSchema = z.object({ workflowId: z.string() });

/** Adds a follower unless it is there. */
export async function addFollower(layout: JobsLayout, jobName: string, workflowId: string): Promise<void> {
  if ((await listFollowers(layout, jobName)).includes(workflowId)) return;
  const path = layout.followers(jobName);
  await mkdir(dirname(path), { recursive: true });
  // A line break on both sides: a line that a crash or a full disk cut short takes no other follower with it.
  await appendFile(path, `\n${JSON.stringify({ workflowId, at: new Date().toISOString() })}\n`, {
    flush: true,
  });
}

/** Ids of the workflows that have followed a job, in the order in which they came. A line cut short by a crash is passed over. */
export async function listFollowers(layout: JobsLayout, jobName: string): Promise<string[]> {
  const text = (await readIfPresent(layout.followers(jobName))) ?? '';
  const followers = text.split('\n').flatMap((line) => {
    try {
      return [lineSchema.parse(JSON.parse(line)).workflowId];
    } catch {
      return [];
    }
  });
  return [...new Set(followers)];
}
