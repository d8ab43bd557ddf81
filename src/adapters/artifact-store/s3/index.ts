/** The artifact store in a bucket, with a cache on this host. */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  artifactRefSchema,
  digestSchema,
  STEP_NAMES,
  stepKeyFor,
  stepNameSchema,
} from '../../../contracts/artifacts';
import { digestOf } from '../../../contracts/digest';
import type { ArtifactStore, StoredBlob } from '../../../ports/artifact-store';
import type { ObjectStorage } from '../../../ports/object-storage';
import { Staging } from '../../local-disk/staging';
import { putBlob, receiveBlob } from '../file/blobs';
import { StoreLayout } from '../file/layout';
import { blobPath, uploadBlob } from './blobs';
import { BucketLayout } from './bucket-layout';
import { commitOutput, findOutput, forgetOutput, openOutput } from './outputs';
import type { Room } from './room';

/** Digits of an id: enough that two stores of one fleet never share one. */
const ID_DIGITS = 16;

/** Where a store lies. */
export interface S3StoreSettings {
  readonly storage: ObjectStorage;
  readonly bucket: string;
  /** Put before every key. */
  readonly prefix: string;
  /** Folder of this host for copies of what is read; may be deleted whenever nothing runs. */
  readonly cache: string;
}

/**
 * Opens the store below a prefix of a bucket; nothing is asked of the bucket yet. Every host may read and write it: its id is made of where it
 * lies, so hosts need not tell each other. Bytes are compared with their SHA-256 whenever they come out of the bucket.
 */
export async function createS3ArtifactStore(settings: S3StoreSettings): Promise<ArtifactStore> {
  const cacheRoot = resolve(settings.cache);
  await mkdir(cacheRoot, { recursive: true });
  const cache = new StoreLayout(cacheRoot);
  const staging = new Staging(cache.staging);
  await staging.sweep();
  const { storage, bucket } = settings;
  const remote = new BucketLayout(bucket, settings.prefix);
  const room: Room = { storage, remote, cache, staging, verified: new Set(), looks: new Map() };
  const taken = async (blob: StoredBlob): Promise<StoredBlob> => {
    await uploadBlob(room, blob);
    return blob;
  };
  return {
    id: digestOf({ endpoint: storage.endpoint, bucket, prefix: remote.prefix }).slice(0, ID_DIGITS),
    hostBound: false,
    find: (identity) => findOutput(room, stepNameSchema.parse(identity.step), stepKeyFor(identity)),
    open: (ref) => openOutput(room, artifactRefSchema.parse(ref)),
    openByKey: async (key) => {
      const digest = digestSchema.parse(key);
      const found = await Promise.all(STEP_NAMES.map((step) => findOutput(room, step, digest)));
      return found.find((output) => output !== undefined);
    },
    commit: (identity, write) =>
      commitOutput(room, stepNameSchema.parse(identity.step), stepKeyFor(identity), write),
    putBlob: async (file) => taken(await putBlob(cache, staging, file)),
    receiveBlob: async (write) => taken(await receiveBlob(cache, staging, write)),
    blobPath: (sha256) => blobPath(room, sha256),
    forget: (identity) => forgetOutput(room, stepNameSchema.parse(identity.step), stepKeyFor(identity)),
  };
}
