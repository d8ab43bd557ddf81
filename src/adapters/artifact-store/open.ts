/** The artifact store that an environment names. */
import { resolve } from 'node:path';
import type { Environment } from '../../contracts/project-file';
import type { ArtifactStore } from '../../ports/artifact-store';
import { openS3 } from '../object-storage/s3';
import { createFileArtifactStore } from './file';
import { createS3ArtifactStore } from './s3';

/**
 * Opens it; paths are relative to the project's root.
 * @throws STORE_CORRUPT when a file store has no readable identity; PROJECT_FILE_INVALID when a secret is not there.
 */
export async function openArtifactStore({
  projectRoot,
  environment: { store },
}: {
  readonly projectRoot: string;
  readonly environment: Pick<Environment, 'store'>;
}): Promise<ArtifactStore> {
  if ('path' in store) return createFileArtifactStore({ root: resolve(projectRoot, store.path) });
  const { bucket, prefix, cache, ...connection } = store.s3;
  const storage = await openS3(connection, { projectRoot });
  return createS3ArtifactStore({ storage, bucket, prefix, cache: resolve(projectRoot, cache) });
}
