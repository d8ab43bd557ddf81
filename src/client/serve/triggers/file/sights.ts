/** What a file trigger sees at one look: the files that its pattern names, and whether they may be read. */
import { glob, lstat, realpath, stat } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { isInside, realPathOf, standingOf } from '../../../../adapters/project';
import { hasCode } from '../../../../adapters/local-disk/durable-files';
import { MillraceError } from '../../../../contracts/errors';
import type { FileTrigger } from '../../../../contracts/pipeline-file';

/** A file as it stood at one look. */
export interface Sight {
  /** Relative to the data root, with `/`. */
  readonly name: string;
  /** Absolute, as it is named. */
  readonly path: string;
  /** Absolute, links followed. */
  readonly real: string;
  readonly size: number;
  readonly mtimeNs: bigint;
  /** Which file it is, whatever it is called: device, inode, birth. */
  readonly identity: string;
  /** Changes with everything that is done to the file, also where its size and time stay. */
  readonly fingerprint: string;
}

/** A file that the pattern names and that lies outside the data root. */
export interface Stray {
  readonly name: string;
  readonly real: string;
}

/** The pattern of a trigger, checked. */
export interface Lookout {
  /** Absolute. */
  readonly pattern: string;
  readonly dataRoot: string;
  /** Ends the names of marker files. */
  readonly marker: string | undefined;
  /** Absolute folder that files are moved to: what lies there is done with. */
  readonly done: string | undefined;
}

/** @throws PATH_OUTSIDE_ROOT when the pattern, or the folder to move to, leads out of the data root, by its text or through a link. */
export async function lookoutFor(trigger: FileTrigger, dataRoot: string): Promise<Lookout> {
  const { path, marker, after } = trigger;
  const move = typeof after === 'object' ? after.move : undefined;
  for (const named of [path, ...(move === undefined ? [] : [move])]) {
    // `{..,data}` would climb out when it is expanded.
    const climbs = /(^|[{,/])\.\.([,}/]|$)/.test(named);
    if (climbs || (await standingOf(named, dataRoot, dataRoot)) === 'outside')
      throw new MillraceError('PATH_OUTSIDE_ROOT', 'The path of a file trigger leads out of the data root.', {
        where: named,
        mend: 'Name a folder below dataRoot in the pipeline file, and type `millrace apply` again.',
      });
  }
  return {
    pattern: resolve(dataRoot, path),
    dataRoot: resolve(dataRoot),
    marker,
    done: move === undefined ? undefined : resolve(dataRoot, move),
  };
}

/** All that the pattern names now. Hidden files are no events unless the pattern names them so; nor are marker files and what was moved away. */
export async function sightsOf(lookout: Lookout): Promise<{ files: Sight[]; strays: Stray[] }> {
  const { pattern, dataRoot, marker } = lookout;
  const [root, done] = await Promise.all([
    realPathOf(dataRoot),
    lookout.done === undefined ? undefined : realPathOf(lookout.done),
  ]);
  const files: Sight[] = [];
  const strays: Stray[] = [];
  for (const path of await pathsOf(pattern)) {
    if (marker !== undefined && path.endsWith(marker)) continue;
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined || (done !== undefined && isInside(real, done))) continue;
    const name = relative(dataRoot, path).split(sep).join('/');
    if (!isInside(real, root)) strays.push({ name, real });
    else {
      const sight = await sightOf(name, path, real);
      if (sight) files.push(sight);
    }
  }
  return { files, strays };
}

/** The folder above the first wildcard of the pattern. */
export function fixedFolderOf({ pattern }: Lookout): string {
  const folders = dirname(pattern).split(sep);
  const wild = folders.findIndex((folder) => /[*?[{]/.test(folder));
  return folders.slice(0, wild === -1 ? undefined : wild).join(sep) || sep;
}

/** A name may have brackets in it and still be a name. */
async function pathsOf(pattern: string): Promise<string[]> {
  if (await lstat(pattern).catch(() => undefined)) return [pattern];
  const found: string[] = [];
  for await (const path of glob(pattern)) found.push(path);
  return found.sort();
}

async function sightOf(name: string, path: string, real: string): Promise<Sight | undefined> {
  try {
    const found = await stat(real, { bigint: true });
    if (!found.isFile()) return undefined;
    const { dev, ino, size, mtimeNs, ctimeNs, birthtimeNs } = found;
    return {
      name,
      path,
      real,
      size: Number(size),
      mtimeNs,
      identity: `${dev}:${ino}:${birthtimeNs}`,
      fingerprint: `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`,
    };
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Whether the marker of a file says that it is complete. One that is older than the file's last write was for what stood there before. */
export async function hasMarker({ path, mtimeNs }: Sight, marker: string): Promise<boolean> {
  const found = await stat(`${path}${marker}`, { bigint: true }).catch(() => undefined);
  return found !== undefined && found.mtimeNs >= mtimeNs;
}
