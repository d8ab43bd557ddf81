/** Where the data file of a new pipeline lies in the project. */
import { copyFile, mkdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { digestFile } from '../../adapters/local-disk/file-digest';
import { isInside } from '../../adapters/project';
import { MillraceError } from '../../contracts/errors';

/** A data file in its place. */
export interface PlacedFile {
  /** As the pipeline file names it: relative to the data root. */
  readonly uri: string;
  /** Set when the file had to be copied there. */
  readonly copied: boolean;
}

/** These would be read as a pattern, or as a template. */
const NOT_LITERAL = /[*?[\]{}]/;

/**
 * Refers to a file where it lies when that is below the data root; copies it into `data/` when it is elsewhere, or when its name would be
 * read as a pattern.
 * @throws SOURCE_NOT_FOUND; USAGE when another file of that name is in `data/` already.
 */
export async function placeFile(file: string, shown: string, dataRoot: string): Promise<PlacedFile> {
  const status = await stat(file).catch(() => undefined);
  if (status?.isFile() !== true)
    throw new MillraceError('SOURCE_NOT_FOUND', `There is no file ${shown}.`, {
      where: shown,
      mend: 'Name one file: CSV, TSV, Parquet or JSON lines.',
    });
  const [real, realRoot] = await Promise.all([realpath(file), realpath(dataRoot)]);
  const way = relative(realRoot, real);
  if (isInside(real, realRoot) && !NOT_LITERAL.test(way))
    return { uri: way.split(sep).join('/'), copied: false };

  const name = basename(real).replaceAll(/[^\p{L}\p{N}._-]+/gu, '-');
  const target = join(dataRoot, 'data', name);
  const uri = `data/${name}`;
  if (resolve(target) !== real && (await exists(target))) {
    if ((await digestFile(target)).sha256 === (await digestFile(real)).sha256) return { uri, copied: false };
    throw new MillraceError('USAGE', `There is another file ${uri} already.`, {
      where: uri,
      mend: 'Rename one of the two, or put the new one into the project yourself.',
    });
  }
  await mkdir(join(dataRoot, 'data'), { recursive: true });
  await copyFile(real, target);
  return { uri, copied: true };
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
