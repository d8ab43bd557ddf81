/** The stages before the training: from bytes to rows that are checked, featured and split. */
import type { ResolvedRun } from '../contracts/runs';
import type {
  AcquireDataOutput,
  BuildDatasetOutput,
  BuildTableOutput,
  PrepareFeaturesOutput,
  SplitDataOutput,
  ValidateDataOutput,
} from '../contracts/steps';
import { activitiesFor, resolving, type RunActivities } from './activity-proxies';
import type { RunContext } from './conduct-run';
import { watchDeadline } from './deadline';
import { makeTable, type MadeTable } from './made-table';
import type { StageReport } from './run-state';
import { waitStage } from './wait-stage';

/** A run whose pipeline file is read. */
export interface ResolvedContext extends RunContext {
  readonly resolved: ResolvedRun;
  /** On the queues that the resolution names. */
  readonly activities: RunActivities;
}

/** What the data stages leave for training and hold-out. */
export interface PreparedData {
  readonly dataset: BuildDatasetOutput;
  readonly features: PrepareFeaturesOutput;
  readonly split: SplitDataOutput;
}

/** Stage `resolve`: reads the pipeline file as it is now, begins the run's records and its SLA, and waits for a slot where only so many runs may be active. */
export async function resolveStage(context: RunContext): Promise<ResolvedContext> {
  const { input, run, conclusion, steering } = context;
  const resolved = await run.stage('resolve', async () => {
    const answer = await resolving.resolvePipeline({ input, workflowId: run.status.workflowId });
    run.resolved(answer);
    return answer;
  });
  const activities = activitiesFor(resolved.queues, () => run.status.priority);
  conclusion.begin(resolved, activities);
  watchDeadline(resolved.slaSeconds, () => conclusion.notifyLater('sla'));
  // Who waits for others is not active, and holds up no other run.
  await waitStage({ run, resolved, activities });
  await steering.begin(resolved);
  return { ...context, resolved, activities };
}

/** The stages `acquire`, `dataset`, `validate`, `features` and `split`, in this order. */
export async function prepareData(context: ResolvedContext): Promise<PreparedData> {
  const acquired = await acquireStage(context);
  const dataset = await datasetStage(context, acquired);
  await validateStage(context, dataset);
  const features = await featuresStage(context, dataset);
  const split = await splitStage(context, dataset, features);
  return { dataset, features, split };
}

/** Stage `acquire`: takes the bytes of all sources into the store. */
export function acquireStage({
  input,
  run,
  resolved,
  activities,
}: ResolvedContext): Promise<AcquireDataOutput> {
  return run.stage(
    'acquire',
    () =>
      activities.data.acquireData({
        spec: resolved.spec,
        fresh: run.isFresh('acquire'),
        ...(input.arrivals && { arrivals: input.arrivals }),
      }),
    ({ files, bytes, cached, artifact }) => ({
      note: `${files} file${files === 1 ? '' : 's'}, ${bytes.toLocaleString('en')} bytes`,
      cached,
      artifact,
      leaves: { acquired: artifact },
    }),
  );
}

/** Stage `dataset`: one table, with its task and classes. */
export async function datasetStage(
  context: ResolvedContext,
  { artifact: acquired }: AcquireDataOutput,
): Promise<BuildDatasetOutput> {
  const { run, resolved, activities } = context;
  const { spec } = resolved;
  const { table } = await run.stage(
    'dataset',
    async () => {
      const made = await makeTable(context, acquired);
      const fresh = run.isFresh('dataset');
      return { made, table: await activities.data.buildDataset({ spec, fresh, acquired, ...made.input }) };
    },
    reportTable,
  );
  return table;
}

/** What the stage `dataset` shows, with a label and without. */
export function reportTable({
  made,
  table,
}: {
  readonly made: MadeTable;
  readonly table: BuildTableOutput;
}): StageReport {
  const { rows, columns, duplicatesDropped, cached, artifact } = table;
  return {
    note: `${rows.toLocaleString('en')} rows, ${columns} columns${duplicatesDropped > 0 ? `, ${duplicatesDropped.toLocaleString('en')} duplicates dropped` : ''}`,
    cached: cached && made.cached,
    artifact,
    leaves: { dataset: artifact, ...(made.input.made && { made: made.input.made.table }) },
    ...(made.job !== undefined && { job: made.job }),
  };
}

/** Stage `validate`: fails the run by naming every broken rule. */
export function validateStage(
  { run, resolved, activities }: ResolvedContext,
  dataset: Pick<BuildDatasetOutput, 'artifact'>,
): Promise<ValidateDataOutput> {
  const { spec } = resolved;
  return run.stage(
    'validate',
    () => activities.data.validateData({ spec, fresh: run.isFresh('validate'), dataset: dataset.artifact }),
    ({ checked, warnings, cached, profile, quality }) => ({
      note: `${checked} rules hold${warnings.length > 0 ? `, ${warnings.length} warnings: ${warnings[0] ?? ''}` : ''}`,
      cached,
      artifact: quality,
      leaves: { profile, quality },
    }),
  );
}

/** Stage `features`: selects columns and joins features at their point in time. */
export function featuresStage(
  { run, resolved, activities }: ResolvedContext,
  { artifact: dataset, task }: BuildDatasetOutput,
): Promise<PrepareFeaturesOutput> {
  const { spec } = resolved;
  return run.stage(
    'features',
    () => activities.data.prepareFeatures({ spec, fresh: run.isFresh('features'), dataset, task }),
    ({ features: count, joined, cached, artifact }) => ({
      note: `${count} features${joined > 0 ? `, ${joined} joined at their point in time` : ''}`,
      cached,
      artifact,
      leaves: { features: artifact },
    }),
  );
}

/** Stage `split`: assigns every row to training, validation or hold-out. */
export function splitStage(
  { run, resolved, activities }: ResolvedContext,
  { task, classes }: BuildDatasetOutput,
  features: PrepareFeaturesOutput,
): Promise<SplitDataOutput> {
  const { spec } = resolved;
  return run.stage(
    'split',
    () =>
      activities.data.splitData({
        spec,
        fresh: run.isFresh('split'),
        features: features.artifact,
        task,
        classes,
      }),
    ({ train, validation, holdout, cached, artifact, leakage }) => ({
      note: `${train.toLocaleString('en')} train, ${validation.toLocaleString('en')} validation, ${holdout.toLocaleString('en')} hold-out`,
      cached,
      artifact,
      leaves: { split: artifact, leakage },
    }),
  );
}
