/** Bytes by content: on their way into the bucket, and from there into the cache. */
import { chmod, rm } from 'node:fs/promises';
import { digestSchema } from '../../../contracts/artifacts';
import { isMillraceError, MillraceError } from '../../../contracts/errors';
import type { StoredBlob } from '../../../ports/artifact-store';
import { objectUri } from '../../../ports/object-storage';
import { digestFile } from '../../local-disk/file-digest';
import { blobGone, receiveBlob, sizeOf } from '../file/blobs';
import type { Room } from './room';

/**
 * Puts a file into the bucket under its digest, unless it is there already; `again` puts it there in any case. What is there must say itself that it
 * was put there as these bytes: so what somebody else wrote in its place, of whatever size, is replaced.
 */
export async function uploadBlob(
  { storage, remote }: Room,
  { sha256, bytes, path }: StoredBlob,
  again = false,
): Promise<void> {
  const address = remote.blob(sha256);
  const there = again ? undefined : await storage.head(address);
  if (there?.bytes === bytes && there.sha256 === sha256) return;
  await storage.putFile(address, path, sha256);
}

/**
 * Copies a blob from the bucket into a new file, read-only. Wrong bytes are fetched once more before the bucket is blamed.
 * @throws STORE_CORRUPT when it is not there or has other bytes.
 */
export async function downloadBlob({ storage, remote }: Room, sha256: string, file: string): Promise<void> {
  const address = remote.blob(sha256);
  const isFetched = async (): Promise<boolean> => {
    if ((await storage.fetchToFile(address, file)).sha256 === sha256) return true;
    await rm(file, { force: true });
    return false;
  };
  try {
    if (!(await isFetched()) && !(await isFetched()))
      throw new MillraceError(
        'STORE_CORRUPT',
        'An object in the bucket itself has other bytes than its name says.',
        {
          where: objectUri(address),
          mend: 'Find out who wrote it. Run with --no-cache: the step is done again, and its bytes are put there anew.',
        },
      );
  } catch (error) {
    if (isMillraceError(error) && error.code === 'SOURCE_NOT_FOUND')
      throw blobGone(sha256, objectUri(address));
    throw error;
  }
  await chmod(file, 0o444);
}

/**
 * Local path of a blob, which is fetched when the cache does not have it, or has other bytes under its name: read once by each process to know. Who asks
 * while another one looks or fetches waits for that.
 * @throws STORE_CORRUPT
 */
export async function blobPath(room: Room, given: string): Promise<string> {
  const sha256 = digestSchema.parse(given);
  const underWay = room.looks.get(sha256);
  if (underWay) return underWay;
  const look = lookUp(room, sha256).finally(() => room.looks.delete(sha256));
  room.looks.set(sha256, look);
  return look;
}

async function lookUp(room: Room, sha256: string): Promise<string> {
  const path = room.cache.blob(sha256);
  const isThere = (await sizeOf(path)) !== undefined;
  if (isThere) {
    if (room.verified.has(sha256)) return path;
    if ((await digestFile(path)).sha256 === sha256) {
      room.verified.add(sha256);
      return path;
    }
  }
  // What is damaged is replaced and never removed: another process may have replaced it since it was read here.
  const fetch = (file: string): Promise<void> => downloadBlob(room, sha256, file);
  const received = await receiveBlob(room.cache, room.staging, fetch, isThere);
  room.verified.add(sha256);
  return received.path;
}
