/** The files of an output: described when they are committed, checked when they are opened. */
import { chmod, lstat, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Manifest } from '../../../contracts/artifacts';
import { mapConcurrently } from '../../../contracts/concurrency';
import { MillraceError } from '../../../contracts/errors';
import { containedPath } from '../../local-disk/contained-path';
import { syncDirectory, syncFile } from '../../local-disk/durable-files';
import { digestFile } from '../../local-disk/file-digest';

type Files = Manifest['files'];

/** Files sealed at once: their flushes to disk then share commits of the file system's journal. */
const SEALED_AT_ONCE = 16;

/**
 * Reads every file below `folder`, makes it read-only and forces it to disk, so that the output can be committed.
 * @throws PATH_OUTSIDE_ROOT for anything that is neither a file nor a folder: a link could lead out of the store.
 */
export async function sealContents(folder: string): Promise<Files> {
  const { paths, folders } = await listContents(folder);
  const files = await mapConcurrently(
    paths,
    SEALED_AT_ONCE,
    async (path): Promise<[string, Files[string]]> => [
      relative(folder, path).split(sep).join('/'),
      await sealFile(path),
    ],
  );
  await Promise.all(folders.map(syncDirectory));
  return Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function listContents(folder: string): Promise<{ paths: string[]; folders: string[] }> {
  const paths: string[] = [];
  const folders = [folder];
  // The list of folders grows while it is walked.
  for (const current of folders) {
    for (const entry of await readdir(current, { withFileTypes: true })) {
      const path = join(current, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) paths.push(path);
      else {
        throw new MillraceError(
          'PATH_OUTSIDE_ROOT',
          'A step left something that is neither a file nor a folder.',
          { where: path },
        );
      }
    }
  }
  return { paths, folders };
}

/** The first thing wrong with the files below `folder`, or undefined. Without `bytes` only presence and size are looked at. */
export async function findDamage(folder: string, files: Files, bytes: boolean): Promise<string | undefined> {
  const found = await Promise.all(
    Object.entries(files).map(([name, file]) => damageOf(folder, name, file, bytes)),
  );
  return found.find((damage) => damage !== undefined);
}

async function sealFile(path: string): Promise<Files[string]> {
  const digest = await digestFile(path);
  await chmod(path, 0o444);
  await syncFile(path);
  return digest;
}

async function damageOf(
  folder: string,
  name: string,
  file: Files[string],
  bytes: boolean,
): Promise<string | undefined> {
  const path = containedPath(folder, name);
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isFile()) return `${name} is gone`;
  if (found.size !== file.bytes) return `${name} has ${found.size} bytes, not ${file.bytes}`;
  if (bytes && (await digestFile(path)).sha256 !== file.sha256)
    return `${name} has other bytes than its manifest names`;
  return undefined;
}
