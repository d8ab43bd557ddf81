/** The stages of a pipeline that publishes a data set: no candidate, no model. */
import type { BuildTableOutput, PublishDatasetOutput } from '../contracts/steps';
import { acquireStage, validateStage, type ResolvedContext } from './prepare-data';

/**
 * The stages `acquire`, `dataset`, `validate` and `publish`. Ends the run's state. With `promote: false` the table is made and checked, and nothing
 * becomes a version: the run ends `stopped`.
 */
export async function publishStages(context: ResolvedContext, dataset: string): Promise<void> {
  const { input, run } = context;
  const acquired = await acquireStage(context);
  const table = await tableStage(context, acquired.artifact);
  await validateStage(context, table);
  if (input.promote === false) {
    run.ended('stopped', [`the table is made and checked; without promotion ${dataset} gets no new version`]);
    return;
  }
  const { version, to } = await publishStage(context, table);
  run.status.published = { dataset, version };
  run.ended('published', [`${dataset} has a new version${to === undefined ? '' : `, written to ${to} too`}`]);
}

/** Stage `dataset`, without a label. */
export function tableStage(
  { run, resolved, activities }: ResolvedContext,
  acquired: BuildTableOutput['artifact'],
): Promise<BuildTableOutput> {
  return run.stage(
    'dataset',
    () => activities.publishing.buildTable({ spec: resolved.spec, fresh: run.isFresh('dataset'), acquired }),
    ({ rows, columns, duplicatesDropped, cached, artifact }) => ({
      note: `${rows.toLocaleString('en')} rows, ${columns} columns${duplicatesDropped > 0 ? `, ${duplicatesDropped.toLocaleString('en')} duplicates dropped` : ''}`,
      cached,
      artifact,
      leaves: { dataset: artifact },
    }),
  );
}

/** Stage `publish`: the table becomes a version of the data set. */
export function publishStage(
  { run, resolved, activities }: ResolvedContext,
  { artifact: dataset }: BuildTableOutput,
): Promise<PublishDatasetOutput> {
  return run.stage(
    'publish',
    () =>
      activities.publishing.publishDataset({
        spec: resolved.spec,
        fresh: run.isFresh('publish'),
        dataset,
      }),
    ({ version, to, cached, artifact }) => ({
      note: `${resolved.publishes ?? ''}: ${version.rows.toLocaleString('en')} rows, version ${version.sha256.slice(0, 12)}${to === undefined ? '' : `, ${to}`}`,
      cached,
      artifact,
    }),
  );
}
