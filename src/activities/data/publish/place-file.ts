/** Puts a file where people look for it, in one go. */
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { MillraceError } from '../../../contracts/errors';
import { isBelow } from '../is-below';

/**
 * Copies `file` to `to`, a path below `root`, which it may not leave by links either: who reads there sees the old file or the new one, never half of one.
 * @throws PATH_OUTSIDE_ROOT, STORE_UNAVAILABLE when the disk takes nothing
 */
export async function placeFile(file: string, to: string, root: string): Promise<void> {
  const realRoot = await realpath(root);
  const target = resolve(realRoot, relativeTo(to, root));
  if (!isBelow(target, realRoot)) throw outside(to);
  const folder = dirname(target);
  // Looked at before anything is made, so that nothing is made outside.
  if (!isBelow(join(await nearestFolder(folder), 'x'), realRoot)) throw outside(to);
  await mkdir(folder, { recursive: true });
  const aside = join(folder, `.${basename(target)}.${randomUUID()}`);
  try {
    await copyFile(file, aside);
    const handle = await open(aside, 'r+');
    await handle.chmod(0o644);
    await handle.sync();
    await handle.close();
    await rename(aside, target);
  } catch (error) {
    await rm(aside, { force: true });
    throw new MillraceError('STORE_UNAVAILABLE', `The file ${to} could not be written.`, {
      where: 'publish.to',
      mend: 'See that its folder may be written to, that it is no folder itself, and that the disk has room.',
      cause: error,
    });
  }
}

function relativeTo(to: string, root: string): string {
  const named = resolve(root);
  const path = resolve(named, to);
  return isBelow(path, named) ? relative(named, path) : to;
}

/** The folder, or the nearest above it that is there, links followed. */
async function nearestFolder(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    return nearestFolder(dirname(folder));
  }
}

function outside(to: string): MillraceError {
  return new MillraceError('PATH_OUTSIDE_ROOT', `The path ${to} leads out of the data root.`, {
    where: 'publish.to',
    mend: 'Name a file below the data root.',
  });
}
