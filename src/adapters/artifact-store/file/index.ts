/** The artifact store on a local disk. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import {
  artifactRefSchema,
  digestSchema,
  STEP_NAMES,
  stepKeyFor,
  stepNameSchema,
  type ArtifactRef,
} from '../../../contracts/artifacts';
import { MillraceError } from '../../../contracts/errors';
import type { ArtifactStore } from '../../../ports/artifact-store';
import { createFileOnce, readIfPresent } from '../../local-disk/durable-files';
import { blobPath, putBlob, receiveBlob } from './blobs';
import { StoreLayout } from './layout';
import { commitOutput, findOutput, forgetOutput, openOutput } from './outputs';
import { Staging } from '../../local-disk/staging';

/** An artifact store with what only a local disk offers. */
export interface FileArtifactStore extends ArtifactStore {
  /** Absolute path of the store. */
  readonly root: string;
  /** Reads every byte of an output. @throws STORE_CORRUPT, naming the first file that differs. */
  verify(ref: ArtifactRef): Promise<void>;
}

const storeFileSchema = z.object({ version: z.literal(1), id: z.string().regex(/^[a-z0-9]{4,32}$/) });

/**
 * Opens the store under `root`, making it when it is new, and sweeps what dead processes left unfinished.
 * Safe for many processes at once. Written bytes are forced to disk before a manifest names them.
 * @throws STORE_CORRUPT when `store.json` is not readable as one of this version.
 */
export async function createFileArtifactStore({
  root: givenRoot,
}: {
  readonly root: string;
}): Promise<FileArtifactStore> {
  const root = resolve(givenRoot);
  await mkdir(root, { recursive: true });
  const layout = new StoreLayout(root);
  const id = await storeId(layout.identity);
  const staging = new Staging(layout.staging);
  await staging.sweep();

  return {
    id,
    hostBound: true,
    root,
    find: (identity) => findOutput(layout, stepNameSchema.parse(identity.step), stepKeyFor(identity)),
    open: (ref) => openOutput(layout, artifactRefSchema.parse(ref), false),
    verify: async (ref) => {
      await openOutput(layout, artifactRefSchema.parse(ref), true);
    },
    openByKey: async (key) => {
      const digest = digestSchema.parse(key);
      const found = await Promise.all(STEP_NAMES.map((step) => findOutput(layout, step, digest)));
      return found.find((output) => output !== undefined);
    },
    commit: (identity, write) =>
      commitOutput(layout, staging, stepNameSchema.parse(identity.step), stepKeyFor(identity), write),
    putBlob: (file) => putBlob(layout, staging, file),
    receiveBlob: (write) => receiveBlob(layout, staging, write),
    blobPath: (sha256) => blobPath(layout, sha256),
    forget: (identity) => forgetOutput(layout, stepNameSchema.parse(identity.step), stepKeyFor(identity)),
  };
}

/** The id is made once: whoever comes second reads what the first one wrote. */
async function storeId(path: string): Promise<string> {
  const fresh = { version: 1, id: randomBytes(6).toString('hex') };
  let text = await readIfPresent(path);
  if (text === undefined) {
    await createFileOnce(path, `${JSON.stringify(fresh)}\n`);
    text = await readIfPresent(path);
  }
  try {
    return storeFileSchema.parse(JSON.parse(text ?? '')).id;
  } catch (error) {
    throw new MillraceError('STORE_CORRUPT', 'The artifact store has no readable identity.', {
      where: path,
      mend: 'Restore the file from a backup, or move the folder away to begin a new store.',
      cause: error,
    });
  }
}
