/** Writing small files so that a reader, another process or a power cut never sees half of one. */
import { randomBytes } from 'node:crypto';
import { link, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces `path` by `text`, atomically and durably; the last writer wins. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await withTemporary(path, text, (temporary) => rename(temporary, path));
  await syncDirectory(dirname(path));
}

/** Creates `path` with `text` unless it is there already, atomically and durably; the first writer wins. Returns whether this one did. */
export async function createFileOnce(path: string, text: string): Promise<boolean> {
  try {
    await withTemporary(path, text, async (temporary) => {
      await link(temporary, path);
      await rm(temporary);
    });
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  await syncDirectory(dirname(path));
  return true;
}

/** The text of a file, or undefined when there is none. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}

/** The names in a folder, none when there is no folder. */
export async function listIfPresent(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Forces the names in a folder to disk: after this a rename or a link in it survives a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  await syncFile(path);
}

/** Forces the bytes of a file to disk. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether `error` is one of the operating system with this code. Told by its shape: `instanceof` fails across realms (Jest). */
export function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

/** Whether the operating system says that there is no such file, or no such folder on the way to it. */
export function isNotThere(error: unknown): boolean {
  return hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR');
}

/** Whether the operating system refused because of whom it was asked by. */
export function isPermissionDenied(error: unknown): boolean {
  return hasCode(error, 'EACCES') || hasCode(error, 'EPERM');
}

async function withTemporary(
  path: string,
  text: string,
  publish: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await publish(temporary);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
