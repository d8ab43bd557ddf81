/** Runs and logged models in MLflow, behind the port. */
import type { MlflowClient } from 'mlflow-client-ts';
import type { ModelTracking, TrackedDataset } from '../../ports/model-tracking';
import { withMlflowErrors } from './errors';

/** Tag that carries the key by which a repeat finds what was made. */
const KEY_TAG = 'millrace.key';
/** Tag that names the workflow whose run it is. */
const WORKFLOW_TAG = 'millrace.workflow_id';
const EXPERIMENTS_AT_ONCE = 100;
/** MLflow's pages show such an experiment as model training; without a kind they open on evaluations of language models. */
const EXPERIMENT_TAGS = { 'mlflow.experimentKind': 'custom_model_development' };
/** MLflow refuses longer parameter values. */
const MAX_PARAM = 6000;

/** Runs and logged models through an MLflow client. `pagesUrl` is where people open MLflow's pages; the client's own address unless given. */
export function createMlflowTracking(
  client: MlflowClient,
  pagesUrl: string = client.trackingUri,
): ModelTracking {
  return {
    openRun: (run) =>
      withMlflowErrors(`record the run ${run.name}`, async () => {
        // Each request counts: a cached run is little more than what is recorded of it.
        const experimentId =
          run.parent?.experimentId ??
          (await client.ensure.experiment({ name: run.experiment, tags: EXPERIMENT_TAGS })).item.experimentId;
        const { item } = await client.ensure.run(
          { key: KEY_TAG, value: run.key },
          {
            experimentId,
            runName: run.name,
            startTime: run.startTime,
            parentRunId: run.parent?.runId,
            tags: run.tags,
            user: run.user,
          },
        );
        return { experimentId, runId: item.runId };
      }),

    openModel: (model) =>
      withMlflowErrors(`record the model ${model.name}`, async () => {
        const { item } = await client.ensure.loggedModel(
          { key: KEY_TAG, value: model.key },
          {
            experimentId: model.experimentId,
            name: model.name,
            sourceRunId: model.sourceRunId,
            params: shortened(model.params),
            tags: model.tags,
          },
        );
        if (item.status !== 'READY') {
          await client.artifacts.uploadFolder({ modelId: item.modelId }, model.directory);
          await client.loggedModels.finalize(item.modelId, 'READY');
        }
        return { modelId: item.modelId };
      }),

    log: (entry) =>
      withMlflowErrors(`log to the run ${entry.runId}`, async () => {
        const { runId, datasets, producedModelId } = entry;
        await Promise.all([
          datasets?.length && client.lineage.logInputs({ runId, datasets: datasets.map(datasetInput) }),
          producedModelId !== undefined &&
            client.lineage.logOutputs({ runId, models: [{ modelId: producedModelId }] }),
        ]);
        // After the inputs: a metric names the data set that it was measured on.
        await client.metrics.logBatch({
          runId: entry.runId,
          metrics: entry.metrics,
          params: entry.params && shortened(entry.params),
          tags: entry.tags,
        });
      }),

    upload: (runId, files) =>
      withMlflowErrors(`upload to the run ${runId}`, async () => {
        for (const [name, file] of Object.entries(files))
          await client.artifacts.uploadFile({ runId }, file, name);
      }),

    openRuns: () =>
      withMlflowErrors('find runs that go on', async () => {
        const experimentIds = [];
        for await (const { experimentId } of client.experiments.search()) experimentIds.push(experimentId);
        const open = [];
        const filter = `attributes.status = 'RUNNING' AND tags.\`${WORKFLOW_TAG}\` LIKE '%'`;
        // No more at a time: a server refuses a long list of experiments.
        for (let first = 0; first < experimentIds.length; first += EXPERIMENTS_AT_ONCE) {
          const some = experimentIds.slice(first, first + EXPERIMENTS_AT_ONCE);
          for await (const { runId, tags } of client.runs.search({ experimentIds: some, filter }))
            open.push({ runId, workflowId: tags[WORKFLOW_TAG] ?? '' });
        }
        return open.filter(({ workflowId }) => workflowId !== '');
      }),

    close: (runId, status, endTime) =>
      withMlflowErrors(`end the run ${runId}`, () => client.runs.update(runId, { status, endTime })),

    runUrl: (experimentId, runId) =>
      `${pagesUrl.replace(/\/$/, '')}/#/experiments/${experimentId}/runs/${runId}`,
  };
}

function datasetInput(dataset: TrackedDataset) {
  return {
    name: dataset.name,
    digest: dataset.digest,
    sourceType: 'local',
    source: JSON.stringify({ uri: dataset.source }),
    profile: JSON.stringify({ num_rows: dataset.rows }),
    context: dataset.context,
  };
}

function shortened(params: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, value.slice(0, MAX_PARAM)]));
}
