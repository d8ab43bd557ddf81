import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MlflowError } from '../errors';
import { joinArtifactPath } from './paths';

/**
 * The files below a local folder, as paths with `/` relative to it, sorted, so that every upload goes in the same order.
 *
 * @throws MlflowError `UNSAFE_ARTIFACT_PATH` for a symbolic link, a socket or a device: what a link leads to may lie outside.
 */
export async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  const visit = async (relative: string): Promise<void> => {
    const entries = await readdir(join(folder, relative), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = joinArtifactPath(relative, entry.name);
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile()) files.push(path);
      else {
        throw new MlflowError(
          `${path} is neither a file nor a folder (a symbolic link?) and is not uploaded`,
          {
            errorCode: 'UNSAFE_ARTIFACT_PATH',
            retryable: false,
          },
        );
      }
    }
  };
  await visit('');
  return files;
}
