/** The files that a source's URIs name. */
import { glob, realpath, stat } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { MillraceError } from '../../../contracts/errors';
import type { Source } from '../../../contracts/pipeline-file';
import { isBelow } from '../is-below';
import { nearFiles } from './near-files';

/** A file of a source: its path as the project knows it, and where its bytes are. */
export interface SourceFile {
  /** Relative to the project's root, with `/`. */
  readonly path: string;
  /** Absolute, links followed. */
  readonly file: string;
}

/** The root that paths must stay in: as it is written, and where it really is. */
interface Root {
  readonly named: string;
  readonly real: string;
}

/**
 * All files of a source, each once, in the order of their paths; `mayBeNone` where the run has files for it anyway.
 * @throws SOURCE_NOT_FOUND when one of its URIs matches no file, naming files near by; PATH_OUTSIDE_ROOT when one leads out of the project,
 * by its text or through a link; NOT_SUPPORTED_YET for an address of another kind.
 */
export async function sourceFiles(
  name: string,
  source: Source,
  projectRoot: string,
  mayBeNone = false,
): Promise<SourceFile[]> {
  const root = { named: resolve(projectRoot), real: await realpath(projectRoot) };
  const files = new Map<string, SourceFile>();
  for (const uri of [source.uri].flat())
    for (const file of await filesOf(uri, `sources.${name}.uri: ${uri}`, root, mayBeNone))
      files.set(file.path, file);
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function filesOf(uri: string, where: string, root: Root, mayBeNone: boolean): Promise<SourceFile[]> {
  const given = pathOf(uri, where);
  const named = resolve(root.named, given);
  // Before anything is looked up: an error must not tell whether a file outside exists. `{..,data}` would climb out when it is expanded.
  const climbs = /[{,]\.\.[,}/]/.test(given);
  if (climbs || (!isBelow(named, root.named) && !isBelow(named, root.real))) throw outside(where);
  // A name may have brackets in it and still be a name.
  const literal = await stat(named).catch(() => undefined);
  if (literal?.isFile()) return [await located(named, where, root)];
  const files: SourceFile[] = [];
  if (isPattern(named) && literal === undefined)
    for await (const path of glob(named))
      if ((await stat(path).catch(() => undefined))?.isFile()) files.push(await located(path, where, root));
  if (files.length === 0 && (!mayBeNone || literal))
    throw await notFound(named, where, root, literal?.isDirectory() === true);
  return files;
}

/** `file:///data/a%20b.csv` → `/data/a b.csv`; a path stays as it is. */
function pathOf(uri: string, where: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) return uri;
  if (scheme !== 'file')
    throw new MillraceError('NOT_SUPPORTED_YET', `Sources at ${scheme}:// are not supported yet.`, {
      where,
      mend: 'Copy the files into the project, and name them by their path.',
    });
  const path = uri.slice('file://'.length);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function located(path: string, where: string, root: Root): Promise<SourceFile> {
  const file = await realpath(path);
  if (!isBelow(file, root.real)) throw outside(where);
  const base = isBelow(path, root.named) ? root.named : root.real;
  return { path: relative(base, path).split(sep).join('/'), file };
}

function isPattern(path: string): boolean {
  return /[*?[\]{}]/.test(path);
}

function outside(where: string): MillraceError {
  return new MillraceError('PATH_OUTSIDE_ROOT', "A source's path leads out of the project's root.", {
    where,
    mend: 'Move the data into the project, or run with a root that contains it.',
  });
}

async function notFound(named: string, where: string, root: Root, isFolder: boolean): Promise<MillraceError> {
  if (isFolder)
    return new MillraceError('SOURCE_NOT_FOUND', 'A source names a folder, not a file.', {
      where,
      mend: 'Name the files in it: FOLDER/*.csv',
    });
  const near = await nearFiles(named, root.named);
  const there =
    near.length === 0 ? 'There is no data file near that path' : `Near by there is ${near.join(', ')}`;
  return new MillraceError('SOURCE_NOT_FOUND', `A source matches no file. ${there}.`, {
    where,
    mend: "Give the path relative to the project's root.",
    details: { near },
  });
}
