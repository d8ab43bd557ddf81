/**
 * Catches: a follower that is lost because it was written behind a line which a crash or a full disk had cut short: the sweep would then kill
 * a job that a run still waits for.
 */
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addFollower, listFollowers } from '../../../src/adapters/jobs/attempts/followers';
import { JobsLayout } from '../../../src/adapters/jobs/attempts/layout';

test('a follower that comes after a line cut short is known', async () => {
  const root = await mkdtemp(join(tmpdir(), 'millrace-followers-'));
  try {
    const layout = new JobsLayout(root);
    await addFollower(layout, 'job', 'first');
    await appendFile(layout.followers('job'), '\n{"workflowId":"sec');
    await addFollower(layout, 'job', 'third');
    await expect(listFollowers(layout, 'job')).resolves.toEqual(['first', 'third']);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
