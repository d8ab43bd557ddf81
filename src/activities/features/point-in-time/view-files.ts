/** The files of a point-in-time view: found and read as a source's are. */
import { digestOf } from '../../../contracts/digest';
import { isMillraceError, MillraceError } from '../../../contracts/errors';
import type { Source } from '../../../contracts/pipeline-file';
import type { ArtifactStore } from '../../../ports/artifact-store';
import type { TableSession } from '../../../ports/table-engine';
import { sourceFiles } from '../../data/acquire/source-files';
import { formatOf } from '../../data/read/formats';
import { openSource, type SourceBlob } from '../../data/read/open-source';
import { readError } from '../../data/read/read-errors';

/** A view's bytes in the store. */
export interface ViewFiles {
  /** Place in the pipeline file, for messages: `features.pointInTime[0]`. */
  readonly name: string;
  /** Digest of the bytes of all files, in the order of their paths. */
  readonly digest: string;
  readonly files: readonly SourceBlob[];
  readonly source: Source;
}

/**
 * Takes a view's files into the store.
 * @param view path or glob relative to the project's root, or a `file://` URI
 * @throws SOURCE_NOT_FOUND; PATH_OUTSIDE_ROOT also where a link leads out; SOURCE_UNREADABLE for an unknown format; SOURCE_CHANGED.
 */
export async function takeViewFiles(
  store: ArtifactStore,
  projectRoot: string,
  index: number,
  view: string,
): Promise<ViewFiles> {
  const name = `features.pointInTime[${index}]`;
  const source: Source = { uri: view };
  return inPlace(name, async () => {
    const files: (SourceBlob & { sha256: string })[] = [];
    for (const { path, file } of await sourceFiles(name, source, projectRoot)) {
      formatOf(name, source, path);
      const { sha256, bytes, path: blob } = await store.putBlob(file);
      files.push({ path, blob, bytes, sha256 });
    }
    const [only, ...others] = files.map(({ sha256 }) => sha256);
    const digest = only === undefined || others.length > 0 ? digestOf([only, ...others]) : only;
    return { name, digest, files, source };
  });
}

/**
 * SQL of a SELECT over a view. In text files the entity is read in the type that the dataset has it in, so that `007` stays `007`.
 * @throws SOURCE_EMPTY, SOURCE_UNREADABLE naming file and line.
 */
export async function openView(
  session: TableSession,
  { name, files, source }: ViewFiles,
  entity: { readonly name: string; readonly type: string },
): Promise<string> {
  const isText = files.every(({ path }) => /^[ct]sv$/.test(formatOf(name, source, path).format));
  const read = isText ? { ...source, types: { [entity.name]: entity.type } } : source;
  return inPlace(name, () => openSource(session, { name, source: read, files }, true));
}

/** Runs something that reads the view; what goes wrong is said in the terms of a source. */
export async function inView<Result>(view: ViewFiles, work: () => Promise<Result>): Promise<Result> {
  return inPlace(view.name, async () => {
    try {
      return await work();
    } catch (error) {
      throw readError(error, view.files) ?? error;
    }
  });
}

/** A view is read by what reads sources, whose errors say `sources.NAME`. */
async function inPlace<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isMillraceError(error) || error.where?.startsWith(`sources.${name}`) !== true) throw error;
    throw new MillraceError(error.code, error.message, {
      where: error.where.slice('sources.'.length),
      ...(error.mend !== undefined && { mend: error.mend }),
      details: error.details,
      cause: error,
    });
  }
}
