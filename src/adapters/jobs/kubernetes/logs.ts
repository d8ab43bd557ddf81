/** The log of a pod. */
import { createFileOnce, replaceFile } from '../../local-disk/durable-files';
import { TRAINER_CONTAINER } from '../../../contracts/pipeline-file';
import { calling, statusOf } from './calls';
import type { Cluster } from './connection';

/** What is kept of a log: its last lines, and of those no more than so many bytes. */
const MOST_LINES = 200_000;
const MOST_BYTES = 64 * 2 ** 20;
/** A node that is gone has no log; the end of an attempt does not wait for it. */
const PATIENCE_MS = 5_000;

/** Writes the log of a pod that has ended to `path`, whole and once. A log that is gone with its pod, or its node, leaves a line that says so. */
export async function savePodLog({ core, namespace }: Cluster, pod: string, path: string): Promise<void> {
  const text = await calling(
    `read the log of ${pod}`,
    () =>
      core.readNamespacedPodLog({
        name: pod,
        namespace,
        container: TRAINER_CONTAINER,
        tailLines: MOST_LINES,
        limitBytes: MOST_BYTES,
      }),
    PATIENCE_MS,
  ).catch((error: unknown) => {
    const words = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return new Error(
      `[millrace] The log of the pod ${pod} could not be read: ${statusOf(error) ?? ''} ${words}\n`,
    );
  });
  // A log that was saved before the pod went is better than the news that it is gone.
  if (typeof text === 'string') await replaceFile(path, text);
  else await createFileOnce(path, text.message);
}
