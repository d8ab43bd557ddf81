/** Source files by content. */
import {
  constants,
  copyFile,
  chmod,
  link,
  mkdir,
  open,
  rename,
  stat,
  type FileHandle,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import { digestSchema } from '../../../contracts/artifacts';
import { MillraceError } from '../../../contracts/errors';
import type { StoredBlob } from '../../../ports/artifact-store';
import { hasCode, isNotThere, syncDirectory, syncFile } from '../../local-disk/durable-files';
import { digestFile, digestHandle } from '../../local-disk/file-digest';
import type { StoreLayout } from './layout';
import { fingerprintOf, recall, remember } from './source-index';
import type { Staging } from '../../local-disk/staging';

/**
 * Copies a file into the store under its SHA-256; one that has not changed since it was taken in is not read again.
 * @throws SOURCE_NOT_FOUND when there is no such file; SOURCE_UNREADABLE when it may not be read, or, retryable, cannot be at this moment.
 * @throws SOURCE_CHANGED when it was written to, or replaced, while it was read.
 */
export async function putBlob(layout: StoreLayout, staging: Staging, file: string): Promise<StoredBlob> {
  const source = await openSource(file);
  try {
    const readAtMs = Date.now();
    const found = await source.stat({ bigint: true });
    const before = fingerprintOf(found) ?? '';
    const entry = layout.sourceIndexEntry(found.dev, found.ino);
    const known = await recall(entry, before);
    if (known !== undefined && (await sizeOf(layout.blob(known.sha256))) === known.bytes) {
      return { ...known, path: layout.blob(known.sha256) };
    }
    const blob = await staging.use(async (staged) => {
      const digest = await takeIn(source, file, staged);
      const after = fingerprintOf(await source.stat({ bigint: true }));
      const there = fingerprintOf(await stat(file, { bigint: true }).catch(() => undefined));
      if (after !== before || there !== before) throw changed(file);
      return publish(layout, staged, digest);
    });
    await remember(entry, found, readAtMs, { sha256: blob.sha256, bytes: blob.bytes });
    return blob;
  } finally {
    await source.close();
  }
}

/** Takes in a file that `write` makes; it is moved, not copied. With `anew` it takes the place of what has its name, at one stroke. */
export async function receiveBlob(
  layout: StoreLayout,
  staging: Staging,
  write: (file: string) => Promise<void>,
  anew = false,
): Promise<StoredBlob> {
  return staging.use(async (staged) => {
    await write(staged);
    const digest = await digestFile(staged);
    await syncFile(staged);
    await chmod(staged, 0o444);
    return publish(layout, staged, digest, anew);
  });
}

/** Path of a blob that is there. @throws STORE_CORRUPT when it is not. */
export async function blobPath(layout: StoreLayout, sha256: string): Promise<string> {
  const path = layout.blob(digestSchema.parse(sha256));
  if ((await sizeOf(path)) !== undefined) return path;
  throw blobGone(sha256, path);
}

/** The error for a blob that is nowhere in the store. */
export function blobGone(sha256: string, where: string): MillraceError {
  return new MillraceError(
    'STORE_CORRUPT',
    `The source file with digest ${sha256} is gone from the artifact store.`,
    { where, mend: 'Run with --no-cache, so that the sources are read again.' },
  );
}

async function openSource(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(where: string, cause: unknown): MillraceError {
  if (isNotThere(cause))
    return new MillraceError('SOURCE_NOT_FOUND', 'A source file is not there.', {
      where,
      mend: 'Check its path, and that it was delivered.',
      cause,
    });
  const code =
    typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'unknown';
  const retryable = PASSING.has(code);
  return new MillraceError('SOURCE_UNREADABLE', `A source file cannot be read (${code}).`, {
    where,
    mend: retryable
      ? 'Nothing, unless it lasts: look at the disk, and at how many files processes of this host may open.'
      : 'Look at what lies there, and give the user of this process the right to read it.',
    cause,
    retryable,
  });
}

/** What the operating system says of itself at this moment, and not of the file. */
const PASSING: ReadonlySet<string> = new Set([
  ...['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EBUSY', 'EINTR'],
  ...['EIO', 'ESTALE', 'ETIMEDOUT', 'EHOSTDOWN', 'EHOSTUNREACH', 'ENOTCONN'],
]);

/** A clone of the file shares its blocks and cannot change under the hash; where the disk has no clones the bytes are copied as they are hashed. */
async function takeIn(
  source: FileHandle,
  file: string,
  staged: string,
): Promise<{ sha256: string; bytes: number }> {
  const cloned = await copyFile(file, staged, constants.COPYFILE_FICLONE_FORCE).then(
    () => true,
    () => false,
  );
  const target = await open(staged, cloned ? 'r+' : 'w');
  try {
    if (cloned) return await digestHandle(target);
    return await digestHandle(source, async (chunk) => {
      await target.writeFile(chunk);
    });
  } catch (error) {
    // Not what could not be written: that is the store's.
    throw isOfReading(error) ? unreadable(file, error) : error;
  } finally {
    await target.sync();
    await target.close();
    await chmod(staged, 0o444);
  }
}

/** Told by its shape: `instanceof` fails across realms (Jest). */
function isOfReading(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'syscall' in error && error.syscall === 'read';
}

/** A blob that lost bytes makes room for a whole one. */
async function publish(
  layout: StoreLayout,
  staged: string,
  digest: { sha256: string; bytes: number },
  anew = false,
): Promise<StoredBlob> {
  const path = layout.blob(digest.sha256);
  await mkdir(dirname(path), { recursive: true });
  try {
    await (anew ? rename(staged, path) : link(staged, path));
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    if ((await sizeOf(path)) !== digest.bytes) await rename(staged, path);
  }
  await syncDirectory(dirname(path));
  return { ...digest, path };
}

/** Size of a file, or undefined when there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true ? found.size : undefined;
}

function changed(file: string): MillraceError {
  return new MillraceError('SOURCE_CHANGED', 'A source file changed while it was read.', {
    where: file,
    mend: 'Write the file elsewhere and move it into place when it is complete.',
  });
}
