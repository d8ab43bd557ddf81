/** The activity `buildDataset`: sources → one typed table in a stable order. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MillraceError } from '../../../contracts/errors';
import type { PipelineSpec } from '../../../contracts/pipeline-file';
import type { DatasetColumns } from '../../../contracts/profile';
import {
  buildDatasetInputSchema,
  type BuildDatasetInput,
  type BuildDatasetOutput,
  type BuildTableOutput,
} from '../../../contracts/steps';
import type { ArtifactStore } from '../../../ports/artifact-store';
import type { TableSession } from '../../../ports/table-engine';
import { runCachedStep } from '../../cached-step';
import { withTables } from '../../long-work';
import { loadSpec } from '../../stored-spec';
import type { DataActivityDependencies } from '../dependencies';
import { COLUMNS_FILE } from '../step-files';
import { digestsOf, openAcquired, readingOf, type AcquiredSource } from './acquired-sources';
import { planDataset } from './dataset-plan';
import { readTwice } from './explain-failure';
import type { Target } from './label';
import { madeRelation, openMade } from './made-table';
import { measureTarget } from './measure-label';
import { openRelation, type OpenedRelation } from './open-relation';
import { writeDataset } from './write-dataset';

type Summary = Omit<BuildTableOutput, 'artifact' | 'cached'> & Partial<Target>;

/**
 * Reads the sources, or what a Python function made of them, and writes the dataset. Keyed by the bytes of the files, not by where they lie.
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
  const { sample } = origin;
  const origins = await (input.made ? fromMade(store, spec, input.made) : fromSources(store, spec, input));
  const result = await runCachedStep<Summary>(store, {
    identity: {
      step: 'dataset',
      code: codeDigest,
      params: { dataset: spec.dataset, sample, ...origins.params },
      inputs: origins.inputs,
    },
    inputs: origins.lineage,
    fresh: input.fresh,
    write: (directory) =>
      withTables(engine, { readable: origins.readable, writable: [directory] }, (session) =>
        readTwice(origins.sources, spec.dataset.sql !== undefined, async (whole) =>
          write(session, directory, spec, await origins.open(session, whole), sample),
        ),
      ),
  });
  return { artifact: result.artifact, cached: result.cached, ...result.summary };
}

/** What a table is read from. */
interface Origins {
  readonly sources: readonly AcquiredSource[];
  readonly readable: readonly string[];
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly lineage: Readonly<Record<string, string>>;
  readonly open: (session: TableSession, whole: boolean) => Promise<OpenedRelation>;
}

async function fromSources(
  store: ArtifactStore,
  spec: PipelineSpec,
  { acquired }: Pick<BuildDatasetInput, 'acquired'>,
): Promise<Origins> {
  if (spec.features.python !== undefined)
    throw new MillraceError('INTERNAL', 'The table of features.python was to be read from the sources.');
  const sources = await openAcquired(store, spec, acquired);
  return {
    sources,
    readable: sources.flatMap(({ files }) => files.map(({ blob }) => blob)),
    params: { sources: readingOf(sources) },
    inputs: digestsOf(sources),
    lineage: { acquired: acquired.digest },
    open: (session, whole) => openRelation(session, spec.dataset, sources, whole),
  };
}

async function fromMade(
  store: ArtifactStore,
  spec: PipelineSpec,
  refs: NonNullable<BuildDatasetInput['made']>,
): Promise<Origins> {
  const made = openMade(await store.open(refs.tables), await store.open(refs.table));
  const { table, labels, inputs } = made;
  return {
    sources: [],
    readable: labels === undefined ? [table] : [table, labels],
    params: {},
    inputs,
    lineage: { tables: refs.tables.digest, table: refs.table.digest },
    open: (session) => madeRelation(session, spec, made),
  };
}

async function write(
  session: TableSession,
  directory: string,
  spec: PipelineSpec,
  opened: OpenedRelation,
  sample: number | undefined,
): Promise<Summary> {
  const plan = await planDataset(session, spec.dataset, { ...opened, sample });
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
}
