/** Claiming an attempt: its job directory is filled aside and appears whole, or not at all, and only for the first who tries. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobRequest } from '../../../ports/job-backend';
import { hasCode, syncDirectory } from '../../local-disk/durable-files';
import type { Staging } from '../../local-disk/staging';
import type { JobsLayout } from './layout';
import { placeFiles } from './place-files';

/** Claims attempt `attempt` for whoever comes first; for all others it does nothing. */
export async function claimAttempt(
  layout: JobsLayout,
  staging: Staging,
  request: JobRequest,
  attempt: number,
): Promise<void> {
  await staging.use(async (folder) => {
    await mkdir(join(folder, 'out'), { recursive: true });
    await mkdir(join(folder, 'code'));
    await placeFiles(folder, request.files);
    await writeFile(join(folder, 'input.json'), `${JSON.stringify(request.input, null, 2)}\n`);
    await mkdir(layout.attempts(request.jobName), { recursive: true });
    await mkdir(layout.running, { recursive: true });
    // The marker comes first: there is no moment in which an attempt could run and the sweep not see it.
    await writeFile(layout.marker(request.jobName, attempt), '');
    try {
      await rename(folder, layout.attempt(request.jobName, attempt));
      await syncDirectory(layout.attempts(request.jobName));
    } catch (error) {
      if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
    }
  });
}
