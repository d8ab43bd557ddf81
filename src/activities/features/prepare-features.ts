/** The activity `prepareFeatures`: point-in-time joins, and the declaration of the features. */
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MillraceError } from '../../contracts/errors';
import type { PipelineSpec } from '../../contracts/pipeline-file';
import type { PrepareFeaturesInput, PrepareFeaturesOutput } from '../../contracts/steps';
import { ROW_ID_COLUMN } from '../../contracts/trainer';
import { quoteIdentifier, quoteLiteral, type TableSession } from '../../ports/table-engine';
import { runCachedStep } from '../cached-step';
import { loadSpec } from '../stored-spec';
import type { FeatureDependencies } from './dependencies';
import { packFeatures } from './packing/pack-features';
import { DATASET_FILE } from '../data/step-files';
import { heartbeating, withTables } from '../long-work';
import { joinView, type JoinedView } from './point-in-time/join-view';
import { takeViewFiles, type ViewFiles } from './point-in-time/view-files';
import { JOINED_FILE, PACKING_FILE } from './step-files';
import type { TypedColumn } from './typed-column';
import { atMost, MOST_WARNINGS } from './warnings';

interface Summary {
  readonly features: number;
  readonly inputs: number;
  readonly joined: number;
  readonly warnings: readonly string[];
}

/**
 * Joins the point-in-time views to the dataset and declares the features.
 * @throws FEATURE_INVALID, LEAKAGE_FOUND; for a view's files SOURCE_NOT_FOUND, SOURCE_EMPTY, SOURCE_UNREADABLE, PATH_OUTSIDE_ROOT, SOURCE_CHANGED.
 */
export async function prepareFeatures(
  { store, engine, codeDigest }: FeatureDependencies,
  input: PrepareFeaturesInput,
): Promise<PrepareFeaturesOutput> {
  const { spec, origin } = await loadSpec(store, input.spec);
  const dataset = await store.open(input.dataset);
  const views = await heartbeating(async () => {
    const taken: ViewFiles[] = [];
    for (const [index, { view }] of spec.features.pointInTime.entries())
      taken.push(await takeViewFiles(store, origin.projectRoot, index, view));
    return taken;
  });
  const result = await runCachedStep<Summary>(store, {
    identity: {
      step: 'features',
      code: codeDigest,
      params: {
        features: spec.features,
        key: spec.dataset.key,
        label: spec.dataset.label,
        group: spec.split.group,
        time: spec.split.time?.column,
      },
      inputs: {
        dataset: dataset.ref.digest,
        ...Object.fromEntries(views.map((view, index) => [`view:${index}`, view.digest])),
      },
    },
    fresh: input.fresh,
    write: (directory) => {
      const source = join(dataset.directory, DATASET_FILE);
      const readable = [source, ...views.flatMap(({ files }) => files.map(({ blob }) => blob))];
      return withTables(engine, { readable, writable: [directory] }, (session) =>
        writeFeatures(session, spec, views, source, directory),
      );
    },
  });
  const { features, inputs, joined, warnings } = result.summary;
  return {
    artifact: result.artifact,
    cached: result.cached,
    features,
    inputs,
    joined,
    warnings: [...warnings],
  };
}

async function writeFeatures(
  session: TableSession,
  spec: PipelineSpec,
  views: readonly ViewFiles[],
  source: string,
  directory: string,
): Promise<Summary> {
  await session.run(`CREATE TEMP VIEW dataset AS SELECT * FROM read_parquet(${quoteLiteral(source)})`);
  const columns = await session.describe('SELECT * FROM dataset');
  const joins: JoinedView[] = [];
  for (const [index, file] of views.entries()) {
    const view = spec.features.pointInTime[index];
    if (view === undefined) continue;
    const taken = [...columns.map((column) => column.name), ...joins.flatMap((join) => join.columns)];
    joins.push(await joinView(session, index, view, file, columns, taken));
  }
  const target = join(directory, JOINED_FILE);
  if (joins.length === 0) await copyFile(source, target);
  else await writeJoined(session, joins, columns, target);
  await session.run(`CREATE TEMP VIEW joined AS SELECT * FROM read_parquet(${quoteLiteral(target)})`);
  const packed = await packFeatures(session, spec, await session.describe('SELECT * FROM joined'));
  await writeFile(join(directory, PACKING_FILE), `${JSON.stringify(packed.packing, null, 2)}\n`);
  const { inputs, select, derive } = packed.packing;
  return {
    features: select.length + Object.keys(derive).length,
    inputs: inputs.length,
    joined: joins.reduce((sum, join) => sum + join.columns.length, 0),
    warnings: atMost(MOST_WARNINGS, [
      ...joins.flatMap((join, index) => overruled(spec, join, index)),
      ...packed.warnings,
    ]),
  };
}

async function writeJoined(
  session: TableSession,
  joins: readonly JoinedView[],
  columns: readonly TypedColumn[],
  target: string,
): Promise<void> {
  const added = joins.flatMap((join) =>
    join.columns.map((column) => `${join.table}.${quoteIdentifier(column)}`),
  );
  await session.run(
    `COPY (SELECT dataset.*, ${added.join(', ')} FROM dataset ${joins
      .map((join) => `JOIN ${join.table} ON ${join.table}.${ROW_ID_COLUMN} = dataset.${ROW_ID_COLUMN}`)
      .join(' ')} ORDER BY dataset.${ROW_ID_COLUMN}) TO ${quoteLiteral(target)} (FORMAT parquet)`,
  );
  const { before, after } = await session.row(
    `SELECT (SELECT count(*) FROM dataset) AS before, (SELECT count(*) FROM read_parquet(${quoteLiteral(target)})) AS after`,
  );
  if (before !== after || columns.length === 0)
    throw new MillraceError(
      'INTERNAL',
      `The join of ${String(before)} rows gave ${String(after)}: row ids repeat.`,
    );
}

function overruled(spec: PipelineSpec, join: JoinedView, index: number): string[] {
  if (join.overruled === 0) return [];
  const view = spec.features.pointInTime[index]?.view ?? '';
  return [
    `${join.overruled} rows of ${view} differ from a later one with the same entity and time; the last in the file counts.`,
  ];
}
