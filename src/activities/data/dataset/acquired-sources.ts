/** The sources that a table is made of, with their bytes in the store. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactRef } from '../../../contracts/artifacts';
import { digestOf } from '../../../contracts/digest';
import { MillraceError } from '../../../contracts/errors';
import type { PipelineSpec, Source } from '../../../contracts/pipeline-file';
import type { ArtifactStore } from '../../../ports/artifact-store';
import { formatOf } from '../read/formats';
import type { OpenableSource } from '../read/open-source';
import { acquiredSourcesSchema, SOURCES_FILE, type AcquiredFile } from '../step-files';

/** A source whose files are in the store. */
export interface AcquiredSource extends OpenableSource {
  readonly files: readonly (AcquiredFile & { readonly blob: string })[];
}

/** All sources for SQL or a function, else the one that is the table. @throws DATASET_INVALID when the file does not say which. */
export async function openAcquired(
  store: ArtifactStore,
  spec: PipelineSpec,
  acquired: ArtifactRef,
): Promise<AcquiredSource[]> {
  const { directory } = await store.open(acquired);
  const files = acquiredSourcesSchema.parse(
    JSON.parse(await readFile(join(directory, SOURCES_FILE), 'utf8')),
  );
  const opened: AcquiredSource[] = [];
  for (const [name, source] of Object.entries(sourcesOf(spec))) {
    const list = files[name] ?? [];
    const blobs = await Promise.all(
      list.map(async (file) => ({ ...file, blob: await store.blobPath(file.sha256) })),
    );
    opened.push({ name, source, files: blobs });
  }
  return opened;
}

function sourcesOf({ dataset, sources, features }: PipelineSpec): Record<string, Source> {
  const names = Object.keys(sources);
  const refuse = (message: string, mend: string): never => {
    throw new MillraceError('DATASET_INVALID', message, { where: 'dataset', mend });
  };
  if (features.python !== undefined) return sources;
  if (dataset.sql !== undefined)
    return dataset.from === undefined
      ? sources
      : refuse('dataset has both from and sql.', 'Take one of them out.');
  const [only] = names;
  const name = dataset.from ?? (names.length === 1 ? only : undefined);
  if (name === undefined)
    return refuse(
      `There are ${names.length} sources, and the dataset names none.`,
      `Say from: ${names.join(' or from: ')}, or join them with sql.`,
    );
  const source = sources[name];
  if (source === undefined) return refuse(`There is no source ${name}.`, `Known are ${names.join(', ')}.`);
  return { [name]: source };
}

/** What of the sources decides how their bytes are read, by name: all but where they lie. */
export function readingOf(sources: readonly AcquiredSource[]): Record<string, unknown> {
  return Object.fromEntries(
    sources.map(({ name, source, files }) => {
      const { uri: _uri, ...reading } = source;
      return [name, { ...reading, formats: files.map(({ path }) => formatOf(name, source, path)) }];
    }),
  );
}

/** Digests of the bytes of the sources, for a step's key. */
export function digestsOf(sources: readonly AcquiredSource[]): Record<string, string> {
  return Object.fromEntries(
    sources.map(({ name, files }) => [`source:${name}`, digestOf(files.map(({ sha256 }) => sha256))]),
  );
}
