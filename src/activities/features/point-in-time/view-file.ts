/** The file of a point-in-time view: found below the project's root, and taken into the store by its bytes. */
import { realpath } from 'node:fs/promises';
import { extname, resolve, sep } from 'node:path';
import { MillraceError } from '../../../contracts/errors';
import type { SourceFormat } from '../../../contracts/pipeline-file';
import type { ArtifactStore } from '../../../ports/artifact-store';

/** A view's bytes in the store. */
export interface ViewFile {
  readonly sha256: string;
  /** Absolute path in the store. */
  readonly path: string;
  readonly format: SourceFormat;
}

const FORMATS: Readonly<Record<string, SourceFormat>> = {
  '.parquet': 'parquet',
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
};

/**
 * Takes a view's file into the store.
 * @param view path relative to the project's root, or a `file://` URI
 * @throws SOURCE_NOT_FOUND; PATH_OUTSIDE_ROOT also where a link leads out; FEATURE_INVALID for a format that is none; SOURCE_CHANGED.
 */
export async function takeViewFile(
  store: ArtifactStore,
  projectRoot: string,
  view: string,
): Promise<ViewFile> {
  const where = `features.pointInTime: view ${view}`;
  const format = FORMATS[extname(view).toLowerCase()];
  if (format === undefined)
    throw new MillraceError('FEATURE_INVALID', 'A point-in-time view has a format that cannot be read.', {
      where,
      mend: `Give a file that ends in ${Object.keys(FORMATS).join(', ')}.`,
    });
  const named = resolve(projectRoot, view.replace(/^file:\/\//, ''));
  const root = await realpath(projectRoot);
  // Before the look-up too: an error must not tell whether a file outside exists.
  const inside = (path: string, folder: string): boolean =>
    path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
  if (!inside(named, resolve(projectRoot)) && !inside(named, root)) throw outside(where);
  const file = await realpath(named).catch(() => undefined);
  if (file === undefined)
    throw new MillraceError('SOURCE_NOT_FOUND', 'The file of a point-in-time view is not there.', {
      where,
      mend: "Give its path relative to the project's root.",
    });
  if (!inside(file, root)) throw outside(where);
  const blob = await store.putBlob(file);
  return { sha256: blob.sha256, path: blob.path, format };
}

function outside(where: string): MillraceError {
  return new MillraceError(
    'PATH_OUTSIDE_ROOT',
    "The path of a point-in-time view leads out of the project's root.",
    {
      where,
      mend: 'Move the file into the project, or run with a root that contains it.',
    },
  );
}
