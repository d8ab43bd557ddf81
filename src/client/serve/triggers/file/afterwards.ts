/**
 * What becomes of a file once its run has started. The file is first set aside under a hidden name in its folder: what is then looked at is what is
 * deleted or moved, and a file that somebody put in its place meanwhile stays. A crash on the way leaves the hidden file, which the next start puts back.
 */
import { constants, copyFile, glob, link, lstat, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { hasCode, syncFile } from '../../../../adapters/local-disk/durable-files';
import { isInside, realPathOf } from '../../../../adapters/project';
import { MillraceError } from '../../../../contracts/errors';
import type { FileTrigger } from '../../../../contracts/pipeline-file';
import type { Lookout, Sight } from './sights';

const ASIDE = '.millrace-done';
const MOST_NAMES = 1000;

/** Deletes, moves or keeps the file. @returns where it is now. @throws what the disk throws, PATH_OUTSIDE_ROOT: the file stays, or is put back. */
export async function finishFile(
  after: FileTrigger['after'],
  lookout: Lookout,
  sight: Sight,
): Promise<'kept' | 'gone'> {
  if (after === 'keep') return 'kept';
  const aside = await setAside(sight);
  if (aside === undefined) return 'kept';
  try {
    if (after === 'delete') await rm(aside);
    else await moveInto(await doneFolder(lookout), aside, basename(sight.path));
  } catch (error) {
    await putBack(aside, sight.path);
    throw error;
  }
  if (lookout.marker !== undefined) await rm(`${sight.path}${lookout.marker}`, { force: true });
  return 'gone';
}

/** Puts back what a crash left aside: it is seen again, has its run, and is finished. `failed` is told of what stays aside: no other file waits for it. */
export async function putBackLeftovers(
  { pattern }: Lookout,
  failed: (aside: string, error: unknown) => void,
): Promise<void> {
  for await (const aside of glob(join(dirname(pattern), `.*${ASIDE}`)))
    await putBack(aside, join(dirname(aside), basename(aside).slice(1, -ASIDE.length))).catch(
      (error: unknown) => failed(aside, error),
    );
}

/** The hidden name of the file; undefined when another file, or none, has its name now. A link is set aside, and not what it points to. */
async function setAside({ path, identity, size, mtimeNs }: Sight): Promise<string | undefined> {
  const aside = join(dirname(path), `.${basename(path)}${ASIDE}`);
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const found = await stat(aside, { bigint: true }).catch(() => undefined);
  const isTheSame =
    found !== undefined &&
    `${found.dev}:${found.ino}:${found.birthtimeNs}` === identity &&
    Number(found.size) === size &&
    found.mtimeNs === mtimeNs;
  if (isTheSame) return aside;
  await putBack(aside, path);
  return undefined;
}

/** A file that has the name by now is newer: then the hidden one has been replaced by its own sender, and goes. */
async function putBack(aside: string, path: string): Promise<void> {
  try {
    await link(aside, path);
  } catch (error) {
    // Then only a look tells whether the name is free.
    if (isLinkRefused(error) && !(await isThere(path))) return rename(aside, path);
    if (!isLinkRefused(error) && !hasCode(error, 'EEXIST') && !hasCode(error, 'ENOENT')) throw error;
  }
  await rm(aside, { force: true });
}

/** A second name is refused for a file of another user that we may not write to (`fs.protected_hardlinks`), and by disks that know none. */
function isLinkRefused(error: unknown): boolean {
  return ['EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].some((code) => hasCode(error, code));
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function doneFolder({ done, dataRoot }: Lookout): Promise<string> {
  const folder = done ?? dataRoot;
  await mkdir(folder, { recursive: true });
  const [real, root] = await Promise.all([realPathOf(folder), realPathOf(dataRoot)]);
  if (isInside(real, root)) return real;
  throw new MillraceError('PATH_OUTSIDE_ROOT', 'The folder to move files to leads out of the data root.', {
    where: folder,
    mend: 'Name a folder below dataRoot.',
  });
}

/** Never over a file that is there: `day.csv`, else `day-2.csv` and so on. */
async function moveInto(folder: string, aside: string, name: string): Promise<void> {
  const source = await onSameDisk(folder, aside);
  const extension = extname(name);
  const stem = name.slice(0, name.length - extension.length);
  for (let number = 1; number <= MOST_NAMES; number += 1) {
    const target = join(folder, number === 1 ? name : `${stem}-${number}${extension}`);
    if (await isNamed(source, target)) {
      if (source !== aside) await rm(source, { force: true });
      await rm(aside, { force: true });
      return;
    }
  }
  if (source !== aside) await rm(source, { force: true });
  throw new MillraceError('SETUP_FAILED', `The folder has ${MOST_NAMES} files of that name.`, {
    where: join(folder, name),
    mend: 'Clear the folder that files are moved to.',
  });
}

/** Whether the target is this file now; it was before when a crash came between the two names. */
async function isNamed(source: string, target: string): Promise<boolean> {
  try {
    await link(source, target);
    return true;
  } catch (error) {
    if (isLinkRefused(error)) return isMovedTo(source, target);
    if (!hasCode(error, 'EEXIST')) throw error;
    const [one, other] = await Promise.all([stat(source), stat(target).catch(() => undefined)]);
    return one.dev === other?.dev && one.ino === other.ino;
  }
}

/** Moves without a second name: an empty file holds the new one meanwhile, so that nothing is overwritten. A crash leaves it behind. */
async function isMovedTo(source: string, target: string): Promise<boolean> {
  try {
    await (await open(target, 'wx')).close();
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  try {
    await rename(source, target);
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  }
  return true;
}

/** The file itself, or a copy of it in the folder where that lies on another disk. */
async function onSameDisk(folder: string, aside: string): Promise<string> {
  const [here, there] = await Promise.all([stat(folder), stat(aside)]);
  if (here.dev === there.dev) return aside;
  const copy = join(folder, basename(aside));
  await rm(copy, { force: true });
  await copyFile(aside, copy, constants.COPYFILE_EXCL);
  await syncFile(copy);
  return copy;
}
