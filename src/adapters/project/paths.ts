/** Paths that a file names: relative to a folder, and never out of a root, whatever links lead there. */
import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasCode } from '../local-disk/durable-files';

/** How a named path stands to its root. */
export type PathStanding = 'inside' | 'outside' | 'missing';

/**
 * Whether `named` (relative to `folder`, absolute, or a `file://` address) lies in `root`, links followed. `missing`: inside, and there is
 * no such file. Of a glob the folders before the first wildcard are looked at.
 */
export async function standingOf(named: string, folder: string, root: string): Promise<PathStanding> {
  const absolute = resolve(folder, plainPath(named));
  if (named.includes('\0') || !isInside(absolute, root)) return 'outside';
  const fixed = beforeWildcard(absolute);
  const [real, realRoot] = await Promise.all([realPathOf(fixed), realPathOf(root)]);
  if (!isInside(real, realRoot)) return 'outside';
  if (fixed !== absolute) return 'inside';
  return (await exists(fixed)) ? 'inside' : 'missing';
}

/** `file:///data/x.csv` → `/data/x.csv`; `file://data/x.csv`, as people write it, → `data/x.csv`. */
function plainPath(named: string): string {
  if (!named.startsWith('file://')) return named;
  if (!named.startsWith('file:///')) return named.slice('file://'.length);
  try {
    return fileURLToPath(named);
  } catch {
    // What is no proper address (`%zz`) is taken as it stands: then no such file is found.
    return named.slice('file://'.length);
  }
}

/** Whether `path` is `root` or below it; both absolute and normalised. */
export function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way === '' || (!way.startsWith('..') && !isAbsolute(way)) || /^\.\.[^/\\]/.test(way);
}

/** Why a path has no file at its end: it is not there, goes through a file, has a name too long for any file, or links in a circle. */
const LEADS_NOWHERE = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'] as const;

/** The path with links followed, as far as it exists; the rest is kept as it is. */
export async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!leadsNowhere(error)) throw error;
    // A link that leads nowhere counts where it points.
    if (await isLink(path)) return '/';
    const parent = dirname(path);
    return parent === path ? path : join(await realPathOf(parent), basename(path));
  }
}

/** Whether an error of the operating system says that a path has no file at its end. */
export function leadsNowhere(error: unknown): boolean {
  return LEADS_NOWHERE.some((code) => hasCode(error, code));
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch {
    return false;
  }
}

function beforeWildcard(path: string): string {
  const parts = path.split('/');
  const wild = parts.findIndex((part) => /[*?[{]/.test(part));
  return wild === -1 ? path : parts.slice(0, wild).join('/') || '/';
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
