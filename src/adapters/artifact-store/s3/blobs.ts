/** Bytes by content: on their way into the bucket, and from there into the cache. */
import { chmod } from 'node:fs/promises';
import { digestSchema } from '../../../contracts/artifacts';
import { isMillraceError, MillraceError } from '../../../contracts/errors';
import type { StoredBlob } from '../../../ports/artifact-store';
import { objectUri } from '../../../ports/object-storage';
import { blobGone, receiveBlob, sizeOf } from '../file/blobs';
import type { Room } from './room';

/** Puts a file into the bucket under its digest, unless bytes of that size are there already; `again` puts them there in any case. */
export async function uploadBlob(
  { storage, remote }: Room,
  { sha256, bytes, path }: StoredBlob,
  again = false,
): Promise<void> {
  const address = remote.blob(sha256);
  if (!again && (await storage.head(address))?.bytes === bytes) return;
  await storage.putFile(address, path, sha256);
}

/**
 * Copies a blob from the bucket into a new file, read-only.
 * @throws STORE_CORRUPT when it is not there or has other bytes.
 */
export async function downloadBlob({ storage, remote }: Room, sha256: string, file: string): Promise<void> {
  const address = remote.blob(sha256);
  try {
    const read = await storage.fetchToFile(address, file);
    if (read.sha256 !== sha256)
      throw new MillraceError('STORE_CORRUPT', 'An object of the store has other bytes than its name says.', {
        where: objectUri(address),
        mend: 'Run with --no-cache, so that the step is done again.',
      });
  } catch (error) {
    if (isMillraceError(error) && error.code === 'SOURCE_NOT_FOUND')
      throw blobGone(sha256, objectUri(address));
    throw error;
  }
  await chmod(file, 0o444);
}

/** Local path of a blob, which is fetched when the cache does not have it. @throws STORE_CORRUPT */
export async function blobPath(room: Room, given: string): Promise<string> {
  const sha256 = digestSchema.parse(given);
  const path = room.cache.blob(sha256);
  if ((await sizeOf(path)) !== undefined) return path;
  return (await receiveBlob(room.cache, room.staging, (file) => downloadBlob(room, sha256, file))).path;
}
