/** Which objects of a bucket an object trigger means. */
import { matchesGlob } from 'node:path';
import type { ObjectTrigger } from '../../../../contracts/pipeline-file';
import type { ObjectSource, ObjectState } from '../../../../ports/object-storage';

/**
 * All that the trigger's address names now, in the order of the keys: every object whose key begins so, or that matches where it is a pattern. An
 * address that is itself the key of an object names that one only. What is too small or too old is not among them.
 */
export async function sightsOf(
  objects: ObjectSource,
  { uri, minSize, maxAge }: Pick<ObjectTrigger, 'uri' | 'minSize' | 'maxAge'>,
  nowMs: number,
): Promise<ObjectState[]> {
  const { bucket, key } = addressOf(uri);
  const wildcard = key.search(/[*?[\]{}]/);
  const prefix = wildcard < 0 ? key : key.slice(0, wildcard);
  const found: ObjectState[] = [];
  for await (const object of objects.list(bucket, prefix)) {
    // A key with a slash at its end stands for a folder.
    if (object.key.endsWith('/')) continue;
    // Its own key is the first that begins with a prefix.
    if (object.key === key) return isWanted(object) ? [object] : [];
    if ((wildcard < 0 || matchesGlob(object.key, key)) && isWanted(object)) found.push(object);
  }
  return found;

  function isWanted({ bytes, modifiedAt }: ObjectState): boolean {
    const ageSeconds = (nowMs - Date.parse(modifiedAt)) / 1000;
    return bytes >= minSize && (maxAge === undefined || ageSeconds <= maxAge);
  }
}

/** The schema of triggers has seen to it that the address has this form. */
function addressOf(uri: string): { bucket: string; key: string } {
  const rest = uri.slice('s3://'.length);
  const slash = rest.indexOf('/');
  return { bucket: rest.slice(0, slash), key: rest.slice(slash + 1) };
}
