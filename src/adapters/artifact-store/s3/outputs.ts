/** Committed step outputs in a bucket: files first, the manifest last and once. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  contentDigestOf,
  type ArtifactRef,
  type Manifest,
  type StepName,
} from '../../../contracts/artifacts';
import { mapConcurrently } from '../../../contracts/concurrency';
import { isMillraceError } from '../../../contracts/errors';
import type { StoredArtifact } from '../../../ports/artifact-store';
import { objectUri } from '../../../ports/object-storage';
import { containedPath } from '../../local-disk/contained-path';
import { findDamage, sealContents } from '../file/contents';
import {
  corrupt,
  manifestOf,
  moveContents,
  parseManifest,
  stored,
  type WrittenOutput,
} from '../file/outputs';
import { downloadBlob, uploadBlob } from './blobs';
import type { Room } from './room';

/** Files of one output that are on their way at once. */
const AT_ONCE = 8;
/** Rounds in which a damaged manifest is replaced. */
const MENDING_TRIES = 10;

/** The output that is committed under a key, fetched; undefined when there is none, or a damaged one. */
export async function findOutput(
  room: Room,
  step: StepName,
  key: string,
): Promise<StoredArtifact | undefined> {
  const found = await lookUp(room, step, key);
  return found === 'damaged' ? undefined : found;
}

/** The output that a reference names, fetched. @throws STORE_CORRUPT when it is gone or damaged. */
export async function openOutput(room: Room, ref: ArtifactRef): Promise<StoredArtifact> {
  const address = room.remote.manifest(ref.step, ref.key, ref.digest);
  const text = await room.storage.readText(address);
  const manifest = text === undefined ? undefined : parseManifest(text);
  const names = manifest?.step === ref.step && manifest.key === ref.key && manifest.digest === ref.digest;
  if (manifest === undefined || !names)
    throw corrupt(objectUri(address), 'its manifest is gone or names something else');
  return fetched(room, manifest, objectUri(address));
}

/** Writes an output to a staging folder and commits it under its key, or returns what was committed there first. */
export async function commitOutput(
  room: Room,
  step: StepName,
  key: string,
  write: (folder: string) => Promise<WrittenOutput>,
): Promise<StoredArtifact> {
  return room.staging.use(async (folder) => {
    await mkdir(folder);
    const manifest = manifestOf(step, key, await write(folder), await sealContents(folder));
    const first = await lookUp(room, step, key);
    if (first !== undefined && first !== 'damaged') return first;
    await mapConcurrently(Object.entries(manifest.files), AT_ONCE, ([name, file]) =>
      uploadBlob(room, { ...file, path: containedPath(folder, name) }, first === 'damaged'),
    );
    await moveContents(room.cache, room.staging, folder, manifest);
    room.verified.add(manifest.digest);
    return publish(room, manifest);
  });
}

/** Takes the manifest off a key. References to the output stay good; the step runs again. */
export async function forgetOutput({ storage, remote }: Room, step: StepName, key: string): Promise<void> {
  await storage.remove(remote.currentManifest(step, key));
}

async function lookUp(
  room: Room,
  step: StepName,
  key: string,
): Promise<StoredArtifact | 'damaged' | undefined> {
  const address = room.remote.currentManifest(step, key);
  const text = await room.storage.readText(address);
  if (text === undefined) return undefined;
  const manifest = parseManifest(text);
  if (manifest?.step !== step || manifest.key !== key) return 'damaged';
  try {
    return await fetched(room, manifest, objectUri(address));
  } catch (error) {
    if (isMillraceError(error) && error.code === 'STORE_CORRUPT') return 'damaged';
    throw error;
  }
}

/**
 * The output with its files in the cache, fetched whole or not at all when one is missing there or has other bytes: each process reads what it finds
 * once. @throws STORE_CORRUPT
 */
async function fetched(room: Room, manifest: Manifest, where: string): Promise<StoredArtifact> {
  const { cache, staging, verified } = room;
  if (contentDigestOf(manifest.files) !== manifest.digest) throw corrupt(where, 'its manifest was changed');
  const target = cache.contents(manifest.digest);
  const isKnown = verified.has(manifest.digest);
  if ((await findDamage(target, manifest.files, !isKnown)) === undefined) {
    verified.add(manifest.digest);
    return stored(cache, manifest);
  }
  await staging.use(async (folder) => {
    await mkdir(folder);
    // It ends only when nothing is under way any more: the folder that it fills is removed afterwards.
    await mapConcurrently(Object.entries(manifest.files), AT_ONCE, async ([name, { sha256 }]) => {
      const file = containedPath(folder, name);
      await mkdir(dirname(file), { recursive: true });
      await downloadBlob(room, sha256, file);
    });
    await moveContents(cache, staging, folder, manifest);
  });
  return stored(cache, manifest);
}

/**
 * Makes a manifest the valid one of its key, unless a valid one is there: the server takes only one of several writers. One that is damaged gives
 * way. Should two mend the same key at once, each returns an output that stays good, whichever of them the key names in the end.
 */
async function publish(room: Room, manifest: Manifest): Promise<StoredArtifact> {
  const { storage, remote } = room;
  const { step, key, digest } = manifest;
  const text = `${JSON.stringify(manifest, null, 1)}\n`;
  const own = remote.manifest(step, key, digest);
  const current = remote.currentManifest(step, key);
  for (let tries = 0; tries < MENDING_TRIES; tries++) {
    if (tries > 0 || !(await isManifestOf(room, manifest))) await storage.putText(own, text);
    await storage.createOnce(current, text);
    const first = await lookUp(room, step, key);
    if (first !== undefined && first !== 'damaged') return first;
    if (first === 'damaged') await storage.remove(current);
  }
  throw corrupt(objectUri(current), 'its files are damaged again as soon as they are written');
}

/** Whether the kept manifest of this output is there already: its key was forgotten and the same bytes came again. */
async function isManifestOf({ storage, remote }: Room, { step, key, digest }: Manifest): Promise<boolean> {
  const text = await storage.readText(remote.manifest(step, key, digest));
  const found = text === undefined ? undefined : parseManifest(text);
  return found?.key === key && found.digest === digest && contentDigestOf(found.files) === digest;
}
