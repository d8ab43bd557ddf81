/** The stages of a pipeline that publishes a data set: no candidate, no model. */
import type { BuildTableOutput, PublishDatasetOutput } from '../contracts/steps';
import { makeTable } from './made-table';
import { acquireStage, reportTable, validateStage, type ResolvedContext } from './prepare-data';

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
export async function tableStage(
  context: ResolvedContext,
  acquired: BuildTableOutput['artifact'],
): Promise<BuildTableOutput> {
  const { run, resolved, activities } = context;
  const { spec } = resolved;
  const { table } = await run.stage(
    'dataset',
    async () => {
      const made = await makeTable(context, acquired);
      const fresh = run.isFresh('dataset');
      return {
        made,
        table: await activities.publishing.buildTable({ spec, fresh, acquired, ...made.input }),
      };
    },
    reportTable,
  );
  return table;
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
