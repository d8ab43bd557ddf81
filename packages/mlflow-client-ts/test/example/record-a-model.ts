import { createMlflowClient, isNotFound, loggedModelUri, type ModelVersion } from 'mlflow-client-ts';

/** Records one trained model, registers it, and makes it the champion unless there is one. */
export async function recordAModel(trackingUri: string, modelFolder: string): Promise<ModelVersion> {
  const mlflow = createMlflowClient({ trackingUri });
  const startTime = Date.now();

  const { item: experiment } = await mlflow.ensure.experiment({ name: 'telco-churn' });
  const { experimentId } = experiment;
  const { runId } = await mlflow.runs.create({ experimentId, runName: 'boosted', startTime });

  // What it was measured on, what it is, and how well it does, linked to each other.
  const dataset = { name: 'telco', digest: '3f2a9c' };
  await mlflow.lineage.logInputs({
    runId,
    datasets: [{ ...dataset, sourceType: 'local', source: '{"uri":"telco.csv"}', context: 'validation' }],
  });
  const { modelId } = await mlflow.loggedModels.create({ experimentId, name: 'boosted', sourceRunId: runId });
  await mlflow.lineage.logOutputs({ runId, models: [{ modelId }] });
  await mlflow.metrics.logBatch({
    runId,
    params: { max_depth: '6' },
    metrics: [{ key: 'f1', value: 0.81, timestamp: startTime, modelId, dataset }],
  });

  // Its files, then the word that they are complete.
  await mlflow.artifacts.uploadFolder({ modelId }, modelFolder);
  await mlflow.loggedModels.finalize(modelId, 'READY');
  await mlflow.runs.update(runId, { status: 'FINISHED', endTime: Date.now() });

  // Registered once, however often this is repeated with the same key.
  const name = 'telco-churn';
  await mlflow.ensure.registeredModel({ name });
  const { item: version } = await mlflow.ensure.modelVersion(
    { key: 'run', value: runId },
    { name, source: loggedModelUri(modelId), modelId, runId },
  );
  try {
    await mlflow.modelVersions.getByAlias(name, 'champion');
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await mlflow.registeredModels.setAlias(name, 'champion', version.version);
  }
  return mlflow.modelVersions.get(name, version.version);
}
