import { collect, isAlreadyExists, isNotFound, MlflowError, tagEquals } from '../../../src/index';
import { failureFrom, newExperiment, uniqueName, type SuiteContext } from './context';

/** Experiments, runs, metrics and logged models: what a single call promises. */
export function describeTracking(context: () => SuiteContext): void {
  describe('tracking', () => {
    const startTime = 1_790_000_000_000;

    it('tells a missing experiment, a taken name and a deleted one apart', async () => {
      const { experiments } = context().client;
      const name = uniqueName('experiment');
      expect(isNotFound(await failureFrom(experiments.getByName(name)))).toBe(true);
      const id = await experiments.create({ name });
      expect(isAlreadyExists(await failureFrom(experiments.create({ name })))).toBe(true);
      await experiments.delete(id);
      await expect(experiments.getByName(name)).resolves.toMatchObject({ lifecycleStage: 'deleted' });
      await experiments.restore(id);
      await expect(experiments.get(id)).resolves.toMatchObject({ lifecycleStage: 'active', name });
    });

    it('finds runs by a tag of any spelling, page by page, newest first', async () => {
      const { runs } = context().client;
      const experimentId = await newExperiment(context());
      const values = ['plain', "it's", 'say "hi"', 'a\\b', 'ünï', '%_', 'x; DROP', "'"];
      for (const [index, value] of values.entries()) {
        await runs.create({
          experimentId,
          startTime: startTime + index,
          runName: value,
          tags: { 'mill.key/1 2': value },
        });
      }
      for (const value of values) {
        const found = await collect(
          runs.search({ experimentIds: [experimentId], filter: tagEquals('mill.key/1 2', value) }),
        );
        expect(found.map(({ runName }) => runName)).toEqual([value]);
      }
      const all = await collect(runs.search({ experimentIds: [experimentId], pageSize: 3 }));
      expect(all.map(({ runName }) => runName)).toEqual(values.toReversed());
    });

    it('pages through a metric history without loss, and takes the same values twice without doubling them', async () => {
      const { runs, metrics } = context().client;
      const { runId } = await runs.create({ experimentId: await newExperiment(context()), startTime });
      const values = Array.from({ length: 1203 }, (_, step) => ({
        key: 'loss',
        value: step === 7 ? NaN : 1 / (step + 1),
        timestamp: startTime + step,
        step,
      }));
      await metrics.logBatch({ runId, metrics: values });
      await metrics.logBatch({ runId, metrics: values });
      const history = await collect(metrics.history(runId, 'loss', { pageSize: 500 }));
      expect(history.map(({ step, value, timestamp }) => ({ key: 'loss', value, timestamp, step }))).toEqual(
        values,
      );
      await expect(collect(metrics.history(runId, 'none'))).resolves.toEqual([]);
    });

    it('keeps infinite values as the largest finite ones, which is what MLflow stores', async () => {
      const { runs, metrics } = context().client;
      const { runId } = await runs.create({ experimentId: await newExperiment(context()), startTime });
      await metrics.log(runId, { key: 'up', value: Infinity, timestamp: startTime });
      await metrics.logBatch({ runId, metrics: [{ key: 'down', value: -Infinity, timestamp: startTime }] });
      const logged = Object.fromEntries(
        (await runs.get(runId)).metrics.map(({ key, value }) => [key, value]),
      );
      expect(logged).toEqual({ up: Number.MAX_VALUE, down: -Number.MAX_VALUE });
    });

    it('measures one model on two data sets, and repeating it changes nothing', async () => {
      const { runs, metrics, loggedModels, lineage } = context().client;
      const experimentId = await newExperiment(context());
      const { runId } = await runs.create({ experimentId, startTime });
      const { modelId } = await loggedModels.create({ experimentId });
      const datasets = ['validation', 'hold-out'].map((name) => ({
        name,
        digest: name,
        sourceType: 'local',
        source: '{}',
      }));
      await lineage.logInputs({ runId, datasets, models: [modelId] });
      const values = datasets.map((dataset, index) => ({
        key: `f1_${String(index)}`,
        value: 0.5,
        timestamp: startTime,
        modelId,
        dataset,
      }));
      for (const attempt of [1, 2]) {
        await metrics.logBatch({
          runId,
          metrics: values,
          params: { attempt: 'same' },
          tags: { attempt: String(attempt) },
        });
        await lineage.logInputs({ runId, datasets });
      }
      const model = await loggedModels.get(modelId);
      expect(model.metrics.map(({ key, datasetName }) => [key, datasetName]).toSorted()).toEqual([
        ['f1_0', 'validation'],
        ['f1_1', 'hold-out'],
      ]);
      const run = await runs.get(runId);
      expect(run.datasets).toHaveLength(2);
      expect(run.modelInputs).toEqual([modelId]);
      expect(run.tags).toMatchObject({ attempt: '2' });
      const found = await collect(
        loggedModels.search({
          experimentIds: [experimentId],
          filter: 'metrics.f1_1 > 0.4',
          datasets: [{ name: 'hold-out', digest: 'hold-out' }],
          orderBy: [
            { field: 'metrics.f1_1', ascending: false, dataset: { name: 'hold-out', digest: 'hold-out' } },
          ],
        }),
      );
      expect(found.map((item) => item.modelId)).toEqual([modelId]);
    });

    it('refuses to change a parameter: final, with the server’s words', async () => {
      const { runs, metrics } = context().client;
      const { runId } = await runs.create({ experimentId: await newExperiment(context()), startTime });
      await metrics.logBatch({ runId, params: { depth: '6' } });
      const refusal = await failureFrom(metrics.logBatch({ runId, params: { depth: '7' } }));
      expect(refusal).toBeInstanceOf(MlflowError);
      expect(refusal).toMatchObject({ status: 400, errorCode: 'INVALID_PARAMETER_VALUE', retryable: false });
      expect(isNotFound(refusal)).toBe(false);
      expect((refusal as Error).message).toContain('depth');
    });

    it('tags, deletes and restores', async () => {
      const { runs, loggedModels, experiments } = context().client;
      const experimentId = await newExperiment(context());
      await experiments.setTag(experimentId, 'k', 'v');
      expect((await experiments.get(experimentId)).tags).toEqual({ k: 'v' });
      const { runId } = await runs.create({ experimentId, startTime, tags: { gone: 'x' } });
      await runs.setTag(runId, 'k', 'v');
      await runs.deleteTag(runId, 'gone');
      expect((await runs.get(runId)).tags).toMatchObject({ k: 'v' });
      expect((await runs.get(runId)).tags).not.toHaveProperty('gone');
      await runs.delete(runId);
      await expect(collect(runs.search({ experimentIds: [experimentId] }))).resolves.toEqual([]);
      await runs.restore(runId);
      await expect(collect(runs.search({ experimentIds: [experimentId] }))).resolves.toHaveLength(1);
      const { modelId } = await loggedModels.create({ experimentId, tags: { gone: 'x' } });
      await loggedModels.deleteTag(modelId, 'gone');
      expect((await loggedModels.get(modelId)).tags).not.toHaveProperty('gone');
      await expect(loggedModels.finalize(modelId, 'UPLOAD_FAILED')).resolves.toMatchObject({
        status: 'UPLOAD_FAILED',
      });
      await loggedModels.delete(modelId);
      expect(isNotFound(await failureFrom(loggedModels.get(modelId)))).toBe(true);
    });

    it('reaches the last model of many, page by page', async () => {
      const { loggedModels } = context().client;
      const experimentId = await newExperiment(context());
      for (const name of ['a', 'b', 'c', 'd', 'e']) await loggedModels.create({ experimentId, name });
      const all = await collect(
        loggedModels.search({
          experimentIds: [experimentId],
          pageSize: 2,
          orderBy: [{ field: 'creation_time' }],
        }),
      );
      expect(all.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    });
  });
}
