/** Which files a misspelt path may have meant. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { editDistance } from '../../../contracts/file-problems';

const MOST_NEAR_FILES = 5;

/**
 * Up to five files in the folder of `path`, or in the nearest folder above it that exists, the most similar names first; relative to
 * `root`, and none outside it.
 */
export async function nearFiles(path: string, root: string): Promise<string[]> {
  for (
    let folder = dirname(path);
    folder === root || folder.startsWith(root + sep);
    folder = dirname(folder)
  ) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
    if (entries === undefined) continue;
    const wanted = basename(path).toLowerCase();
    return entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map(({ name }) => ({ name, distance: editDistance(name.toLowerCase(), wanted) }))
      .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
      .slice(0, MOST_NEAR_FILES)
      .map(({ name }) => relative(root, join(folder, name)).split(sep).join('/'));
  }
  return [];
}
