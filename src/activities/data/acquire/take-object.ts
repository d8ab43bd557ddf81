/** An object's bytes, taken into the store. */
import { isMillraceError } from '../../../contracts/errors';
import type { ArtifactStore } from '../../../ports/artifact-store';
import type { ObjectReader, ObjectState, TakenObject } from '../../../ports/object-storage';

/**
 * Takes the bytes of an object, in just the state that was seen, into the store; those that are there already are not fetched again.
 * @throws SOURCE_CHANGED when the object is in another state by now, SOURCE_NOT_FOUND when it is gone, STORE_UNAVAILABLE.
 */
export async function takeObject(
  { store, objects }: { readonly store: ArtifactStore; readonly objects: ObjectReader },
  object: ObjectState,
  signal?: AbortSignal,
): Promise<TakenObject> {
  const known = await objects.recall(object);
  if (known !== undefined && (await isThere(store, known.sha256))) return known;
  const { sha256, bytes } = await store.receiveBlob(async (file) => {
    await objects.fetchToFile(object, file, signal);
  });
  await objects.remember(object, { sha256, bytes });
  return { sha256, bytes };
}

async function isThere(store: ArtifactStore, sha256: string): Promise<boolean> {
  try {
    await store.blobPath(sha256);
    return true;
  } catch (error) {
    if (isMillraceError(error) && error.code === 'STORE_CORRUPT') return false;
    throw error;
  }
}
