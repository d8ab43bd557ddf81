/** The objects that a source's `s3://` addresses name. */
import { matchesGlob } from 'node:path';
import { mapConcurrently } from '../../../contracts/concurrency';
import { MillraceError } from '../../../contracts/errors';
import type { Source } from '../../../contracts/pipeline-file';
import type { ArtifactStore } from '../../../ports/artifact-store';
import { objectUri, type ObjectReader, type ObjectState } from '../../../ports/object-storage';
import type { AcquiredFile } from '../step-files';
import { takeObject } from './take-object';

/** Objects that are fetched side by side. */
const AT_A_TIME = 8;
const MOST_NEAR_OBJECTS = 5;

/** What fetching objects needs. */
interface Dependencies {
  readonly store: ArtifactStore;
  readonly objects: ObjectReader;
}

/**
 * Every object of a source, each once, in the order of their keys, with its bytes in the store; and what of the source is left: undefined where
 * nothing is. `mayBeNone` where the run has files for it anyway.
 * @throws SOURCE_NOT_FOUND when an address matches no object, naming keys near by; SOURCE_CHANGED when an object changed while it was read;
 * SOURCE_EMPTY for one without a byte; STORE_UNAVAILABLE.
 */
export async function objectFiles(
  dependencies: Dependencies,
  name: string,
  source: Source | undefined,
  { mayBeNone, signal }: { readonly mayBeNone: boolean; readonly signal: AbortSignal | undefined },
): Promise<{ files: AcquiredFile[]; left: Source | undefined }> {
  const uris = source === undefined ? [] : [source.uri].flat();
  const left = uris.filter((uri) => !isObjectUri(uri));
  const named = new Map<string, ObjectState>();
  for (const uri of uris.filter(isObjectUri))
    for (const object of await objectsOf(dependencies.objects, uri, `sources.${name}.uri: ${uri}`, mayBeNone))
      named.set(objectUri(object), object);
  const sorted = [...named].sort(([a], [b]) => (a < b ? -1 : 1));
  const files = await mapConcurrently(sorted, AT_A_TIME, async ([path, object]): Promise<AcquiredFile> => {
    signal?.throwIfAborted();
    const { sha256, bytes } = await takeObject(dependencies, object, signal);
    if (bytes === 0) throw empty(name, path);
    return { path, sha256, bytes };
  });
  return { files, left: source && left.length > 0 ? { ...source, uri: left } : undefined };
}

function isObjectUri(uri: string): boolean {
  return uri.startsWith('s3://');
}

async function objectsOf(
  objects: ObjectReader,
  uri: string,
  where: string,
  mayBeNone: boolean,
): Promise<ObjectState[]> {
  const { bucket, key } = addressOf(uri, where);
  // A key may have brackets in it and still be a key.
  const literal = await objects.head({ bucket, key });
  if (literal) return [literal];
  const wildcard = key.search(/[*?[\]{}]/);
  const found: ObjectState[] = [];
  if (wildcard >= 0)
    for await (const object of objects.list(bucket, key.slice(0, wildcard))) {
      // A key with a slash at its end stands for a folder.
      if (!object.key.endsWith('/') && matchesGlob(object.key, key)) found.push(object);
    }
  if (found.length === 0 && !mayBeNone) throw await notFound(objects, bucket, key, where);
  return found;
}

/** Keys are taken as they are written: `%20` in one is no blank. */
function addressOf(uri: string, where: string): { bucket: string; key: string } {
  const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/.exec(uri) ?? [];
  if (bucket !== undefined && key !== undefined) return { bucket, key };
  throw new MillraceError('SOURCE_NOT_FOUND', 'A source names a bucket, or nothing at all, and no object.', {
    where,
    mend: 'Write s3://BUCKET/KEY, or s3://BUCKET/FOLDER/*.csv.',
  });
}

async function notFound(
  objects: ObjectReader,
  bucket: string,
  key: string,
  where: string,
): Promise<MillraceError> {
  const near: string[] = [];
  const folder = key.slice(0, key.lastIndexOf('/') + 1);
  for await (const object of objects.list(bucket, folder.replace(/[*?[\]{}].*$/, ''))) {
    near.push(objectUri(object));
    if (near.length === MOST_NEAR_OBJECTS) break;
  }
  const there = near.length === 0 ? 'There is none near that key' : `Near by there is ${near.join(', ')}`;
  return new MillraceError('SOURCE_NOT_FOUND', `A source matches no object. ${there}.`, {
    where,
    mend: 'Name the object by its whole key, or several with *: s3://BUCKET/FOLDER/*.csv.',
    details: { near },
  });
}

function empty(name: string, path: string): MillraceError {
  return new MillraceError('SOURCE_EMPTY', `The object ${path} of the source ${name} is empty.`, {
    where: path,
    mend: 'Give an object with a header line and rows, or take this one out of the source.',
  });
}
