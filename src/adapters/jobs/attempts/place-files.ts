/** Putting input files into a job directory. */
import { chmod, constants, copyFile, link, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { MillraceError } from '../../../contracts/errors';
import { containedPath } from '../../local-disk/contained-path';

/**
 * Places every file or folder of `files` (name in `directory` → absolute path). A hard link is made where the file's mode protects the original from
 * the trainer: nobody may write it, and this user must obey that. Everything else is copied, as a clone where the disk can.
 * @throws PATH_OUTSIDE_ROOT for a name that leaves `directory`, or a link that leaves the folder it is in.
 */
export async function placeFiles(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, source] of Object.entries(files)) {
    const target = containedPath(directory, name);
    await mkdir(dirname(target), { recursive: true });
    if ((await stat(source)).isDirectory()) await placeFolder(await realpath(source), target);
    else await placeFile(source, target);
  }
}

async function placeFolder(source: string, target: string): Promise<void> {
  const folders = [{ from: source, to: target }];
  for (let current = folders.shift(); current !== undefined; current = folders.shift()) {
    await mkdir(current.to, { recursive: true });
    for (const entry of await readdir(current.from, { withFileTypes: true })) {
      const from = join(current.from, entry.name);
      const to = join(current.to, entry.name);
      if (entry.isDirectory()) folders.push({ from, to });
      else await placeFile(entry.isSymbolicLink() ? await linkTarget(source, from) : from, to);
    }
  }
}

async function linkTarget(root: string, path: string): Promise<string> {
  const target = await realpath(path);
  if (target.startsWith(root + sep) && (await stat(target)).isFile()) return target;
  throw new MillraceError(
    'PATH_OUTSIDE_ROOT',
    'A link in the code of a trainer does not lead to a file of the same folder.',
    {
      where: path,
      mend: 'Replace the link by the file.',
    },
  );
}

async function placeFile(source: string, target: string): Promise<void> {
  const writable = ((await stat(source)).mode & 0o222) !== 0;
  const boundByModes = process.getuid?.() !== 0;
  if (!writable && boundByModes && (await linked(source, target))) return;
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  await chmod(target, 0o444);
}

async function linked(source: string, target: string): Promise<boolean> {
  return link(source, target).then(
    () => true,
    () => false, // another disk, or links are not permitted
  );
}
