/** Source files by content. */
import { constants, copyFile, chmod, link, mkdir, open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { digestSchema } from '../../../contracts/artifacts';
import { MillraceError } from '../../../contracts/errors';
import { hasCode, syncDirectory } from '../../local-disk/durable-files';
import { digestHandle } from '../../local-disk/file-digest';
import type { StoreLayout } from './layout';
import type { Staging } from '../../local-disk/staging';

/** A blob as {@link putBlob} leaves it. */
export interface Blob {
  readonly sha256: string;
  readonly bytes: number;
  readonly path: string;
}

/**
 * Copies a file into the store under its SHA-256.
 * @throws SOURCE_NOT_FOUND when there is no such file.
 * @throws SOURCE_CHANGED when it was written to while it was read.
 */
export async function putBlob(layout: StoreLayout, staging: Staging, file: string): Promise<Blob> {
  const source = await openSource(file);
  try {
    return await staging.use(async (staged) => {
      const digest = await takeIn(source, file, staged);
      const path = layout.blob(digest.sha256);
      await mkdir(dirname(path), { recursive: true });
      try {
        await link(staged, path);
        await syncDirectory(dirname(path));
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error;
      }
      return { ...digest, path };
    });
  } finally {
    await source.close();
  }
}

/** Path of a blob that is there. @throws STORE_CORRUPT when it is not. */
export async function blobPath(layout: StoreLayout, sha256: string): Promise<string> {
  const path = layout.blob(digestSchema.parse(sha256));
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return path;
  throw new MillraceError(
    'STORE_CORRUPT',
    `The source file with digest ${sha256} is gone from the artifact store.`,
    {
      where: path,
      mend: 'Run with --no-cache, so that the sources are read again.',
    },
  );
}

async function openSource(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (error) {
    throw new MillraceError('SOURCE_NOT_FOUND', 'A source file cannot be opened.', {
      where: file,
      mend: 'Check that the file is there and may be read.',
      cause: error,
    });
  }
}

/** A clone of the file shares its blocks and cannot change under the hash; where the disk has no clones the bytes are copied as they are hashed. */
async function takeIn(
  source: FileHandle,
  file: string,
  staged: string,
): Promise<{ sha256: string; bytes: number }> {
  const before = await fingerprint(source);
  const cloned = await copyFile(file, staged, constants.COPYFILE_FICLONE_FORCE).then(
    () => true,
    () => false,
  );
  const target = await open(staged, cloned ? 'r+' : 'w');
  let digest;
  try {
    let position = 0;
    digest = cloned
      ? await digestHandle(target)
      : await digestHandle(source, async (chunk) => {
          await target.writev([chunk], position);
          position += chunk.length;
        });
    await target.sync();
  } finally {
    await target.close();
  }
  await chmod(staged, 0o444);
  if ((await fingerprint(source)) !== before || (await fingerprint(file)) !== before) {
    throw new MillraceError('SOURCE_CHANGED', 'A source file changed while it was read.', {
      where: file,
      mend: 'Write the file elsewhere and move it into place when it is complete.',
    });
  }
  return digest;
}

async function fingerprint(source: FileHandle | string): Promise<string> {
  const options = { bigint: true } as const;
  const found = await (typeof source === 'string'
    ? stat(source, options).catch(() => undefined)
    : source.stat(options));
  return found === undefined ? 'gone' : [found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ');
}
