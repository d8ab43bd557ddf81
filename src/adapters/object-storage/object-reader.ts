/** Sources in buckets, with a memory of what each object held: a run whose data has not changed fetches none of it. */
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { digestSchema } from '../../contracts/artifacts';
import { digestOf } from '../../contracts/digest';
import { s3ConnectionSchema, type Environment, type S3Connection } from '../../contracts/project-file';
import {
  objectStateKey,
  type ObjectReader,
  type ObjectState,
  type ObjectStorage,
} from '../../ports/object-storage';
import { readIfPresent, replaceFile } from '../local-disk/durable-files';
import { STATE_FOLDER } from '../project/stack-record';
import { openS3 } from './s3';

const noteSchema = z.object({ state: z.string(), sha256: digestSchema, bytes: z.number().int() });

/**
 * What `s3://` sources and object triggers of an environment are read with: its section `s3`, else the server of its store, else AWS. Opened when
 * it is first used, so that a project without such sources needs no key pair. What was read is remembered below the project's root.
 */
export function createObjectReader({
  projectRoot,
  environment,
}: {
  readonly projectRoot: string;
  readonly environment: Pick<Environment, 'store' | 's3'>;
}): ObjectReader {
  const connection = connectionOf(environment);
  const notes = resolve(projectRoot, STATE_FOLDER, 'objects');
  let opened: Promise<ObjectStorage> | undefined;
  const storage = (): Promise<ObjectStorage> =>
    (opened ??= openS3(connection, { projectRoot }).catch((error: unknown) => {
      opened = undefined;
      throw error;
    }));
  const noteOf = ({ bucket, key }: ObjectState): string => {
    const name = digestOf({ endpoint: connection.endpoint ?? connection.region, bucket, key });
    return join(notes, name.slice(0, 2), `${name}.json`);
  };
  return {
    async *list(bucket, prefix) {
      yield* (await storage()).list(bucket, prefix);
    },
    head: async (address) => (await storage()).head(address),
    fetchToFile: async (address, file, signal) => (await storage()).fetchToFile(address, file, signal),
    async recall(object) {
      try {
        const note = noteSchema.parse(JSON.parse((await readIfPresent(noteOf(object))) ?? ''));
        return note.state === objectStateKey(object) ? { sha256: note.sha256, bytes: note.bytes } : undefined;
      } catch {
        return undefined;
      }
    },
    async remember(object, { sha256, bytes }) {
      const path = noteOf(object);
      await mkdir(dirname(path), { recursive: true });
      await replaceFile(path, JSON.stringify({ state: objectStateKey(object), sha256, bytes }));
    },
  };
}

function connectionOf({ s3, store }: Pick<Environment, 'store' | 's3'>): S3Connection {
  if (s3 !== undefined) return s3;
  return 's3' in store ? store.s3 : s3ConnectionSchema.parse({});
}
