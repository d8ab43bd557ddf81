/** The activity `buildDataset`: sources → one typed table in a stable order. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../../../contracts/digest';
import { MillraceError } from '../../../contracts/errors';
import type { PipelineSpec, Source } from '../../../contracts/pipeline-file';
import type { DatasetColumns } from '../../../contracts/profile';
import {
  buildDatasetInputSchema,
  type BuildDatasetInput,
  type BuildDatasetOutput,
  type BuildTableOutput,
} from '../../../contracts/steps';
import type { ArtifactRef } from '../../../contracts/artifacts';
import type { ArtifactStore } from '../../../ports/artifact-store';
import type { TableSession } from '../../../ports/table-engine';
import { runCachedStep } from '../../cached-step';
import { withTables } from '../../long-work';
import { loadSpec } from '../../stored-spec';
import type { DataActivityDependencies } from '../dependencies';
import { formatOf } from '../read/formats';
import { engineMessage, messageOf, readError, unconvertedColumn } from '../read/read-errors';
import type { OpenableSource } from '../read/open-source';
import { acquiredSourcesSchema, COLUMNS_FILE, SOURCES_FILE } from '../step-files';
import { planDataset } from './dataset-plan';
import { openRelation } from './open-relation';
import type { Target } from './label';
import { measureTarget } from './measure-label';
import { writeDataset } from './write-dataset';

type Summary = Omit<BuildTableOutput, 'artifact' | 'cached'> & Partial<Target>;

/**
 * Reads the sources and writes the dataset. Keyed by the bytes of the files, not by where they lie.
 * @throws SOURCE_EMPTY, SOURCE_UNREADABLE naming file and line, DATASET_INVALID with some of the rows.
 */
export async function buildDataset(
  dependencies: DataActivityDependencies,
  given: BuildDatasetInput,
): Promise<BuildDatasetOutput> {
  const { task, classes, ...built } = await buildTable(dependencies, given);
  if (task === undefined || classes === undefined)
    throw new MillraceError('DATASET_INVALID', 'The dataset has no label.', {
      where: 'dataset.label',
      mend: 'Name the column that is predicted.',
    });
  return { ...built, task, classes };
}

/** The same for a table that is published: it needs no label. */
export async function buildTable(
  { store, engine, codeDigest }: DataActivityDependencies,
  given: BuildDatasetInput,
): Promise<BuildTableOutput & Partial<Target>> {
  const input = buildDatasetInputSchema.parse(given);
  const { spec, origin } = await loadSpec(store, input.spec);
  const sources = await openables(store, spec, input.acquired);
  const result = await runCachedStep<Summary>(store, {
    identity: {
      step: 'dataset',
      code: codeDigest,
      params: {
        dataset: spec.dataset,
        sample: origin.sample,
        sources: Object.fromEntries(sources.map((opened) => [opened.name, readingOf(opened)])),
      },
      inputs: Object.fromEntries(
        sources.map(({ name, files }) => [`source:${name}`, digestOf(files.map(({ sha256 }) => sha256))]),
      ),
    },
    inputs: { acquired: input.acquired.digest },
    fresh: input.fresh,
    write: (directory) => {
      const readable = sources.flatMap(({ files }) => files.map(({ blob }) => blob));
      return withTables(engine, { readable, writable: [directory] }, (session) =>
        write(session, directory, spec, sources, origin.sample),
      );
    },
  });
  return { artifact: result.artifact, cached: result.cached, ...result.summary };
}

interface AcquiredSource extends OpenableSource {
  readonly files: readonly { path: string; blob: string; bytes: number; sha256: string }[];
}

/** The sources that the dataset is made of, with their bytes in the store. */
async function openables(
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

/** @throws DATASET_INVALID when the file does not say which source the dataset is. */
function sourcesOf({ dataset, sources }: PipelineSpec): Record<string, Source> {
  const names = Object.keys(sources);
  const refuse = (message: string, mend: string): never => {
    throw new MillraceError('DATASET_INVALID', message, { where: 'dataset', mend });
  };
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

/** What of a source decides how its bytes are read: all but where they lie. */
function readingOf({ name, source, files }: AcquiredSource): unknown {
  const { uri: _uri, ...reading } = source;
  return { ...reading, formats: files.map(({ path }) => formatOf(name, source, path)) };
}

async function write(
  session: TableSession,
  directory: string,
  spec: PipelineSpec,
  sources: readonly AcquiredSource[],
  sample: number | undefined,
): Promise<Summary> {
  const attempt = async (whole: boolean): Promise<Summary> => {
    const { relation, origin } = await openRelation(session, spec.dataset, sources, whole);
    const plan = await planDataset(session, spec.dataset, { relation, origin, sample });
    const written = await writeDataset(session, directory, plan);
    const label = plan.columns.find(({ name }) => name === spec.dataset.label);
    if (label === undefined && spec.dataset.label !== undefined)
      throw new MillraceError('INTERNAL', 'A dataset lost its label.');
    const target = label && (await measureTarget(session, written.file, spec.dataset, label));
    const columns: DatasetColumns = plan.columns.map(({ name, type, duckdbType }) => ({
      name,
      type,
      duckdbType,
    }));
    await writeFile(join(directory, COLUMNS_FILE), `${JSON.stringify(columns, null, 1)}\n`);
    return {
      rows: written.rows,
      columns: columns.length,
      duplicatesDropped: written.duplicatesDropped,
      ...target,
    };
  };
  try {
    return await attempt(false).catch(async (error: unknown) => {
      // The sample told a type that later rows do not have. A type that a person set is not put into question.
      const column = unconvertedColumn(error);
      const set = sources.some(({ source }) => column !== undefined && source.types?.[column] !== undefined);
      if (column === undefined || set) throw error;
      return await attempt(true);
    });
  } catch (error) {
    throw explained(error, spec, sources);
  }
}

/** Without SQL of the user a value can only fail to have a type that the user set. */
function misfit(error: unknown, sources: readonly AcquiredSource[]): MillraceError | undefined {
  const typed = sources.find(({ source }) => source.types !== undefined);
  if (typed === undefined || !messageOf(error).startsWith('Conversion')) return undefined;
  return new MillraceError(
    'SOURCE_UNREADABLE',
    `The source ${typed.name} has a value that is not of the type set for it: ${engineMessage(error, typed.files)}`,
    {
      where: `sources.${typed.name}.types`,
      mend: 'Mend the value, or set another type for the column.',
      cause: error,
    },
  );
}

/** An error of the engine → one that says what is wrong with which file, or with the SQL. */
function explained(error: unknown, spec: PipelineSpec, sources: readonly AcquiredSource[]): unknown {
  if (error instanceof MillraceError) return error;
  const files = sources.flatMap((source) => source.files);
  const about = readError(error, files);
  if (about !== undefined) return about;
  const isSqlFault = /^(Binder|Catalog|Conversion|Invalid Input|Out of Range|Parser|Not implemented)/.test(
    messageOf(error),
  );
  if (!isSqlFault) return error;
  if (spec.dataset.sql === undefined) return misfit(error, sources) ?? error;
  return new MillraceError(
    'DATASET_INVALID',
    `The SQL of the dataset fails: ${engineMessage(error, files)}`,
    {
      where: 'dataset.sql',
      mend: 'Try it in DuckDB over the same files.',
      cause: error,
    },
  );
}
