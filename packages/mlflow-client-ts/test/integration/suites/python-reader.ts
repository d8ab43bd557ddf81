import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPython } from '../../../../../test/support/python';
import { loggedModelUri, type MlflowClient } from '../../../src/index';
import { uniqueName, type SuiteContext } from './context';

const startTime = 1_790_000_000_123;
const digest = 'a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6';
const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** The files of a small model folder: nested, empty, not text, with names that need encoding. */
const modelFiles: Readonly<Record<string, string | Uint8Array>> = {
  MLmodel: 'flavors: {}\nmodel_uuid: x\n',
  'data/weights.bin': Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251),
  'data/deep/empty.txt': '',
  'notes with spaces & ünïcödé =+,;.txt': 'hello',
};

/** Everything one training run writes, the way Millrace does. */
async function writeTraining(client: MlflowClient, experimentId: string, registered: string, folder: string) {
  const parent = await client.runs.create({
    experimentId,
    runName: 'pipeline',
    startTime,
    tags: { 'millrace.run': 'a/b c' },
  });
  const child = await client.runs.create({
    experimentId,
    runName: 'boosted',
    startTime: startTime + 5,
    parentRunId: parent.runId,
    user: 'ada',
  });
  const dataset = { name: 'telco', digest };
  await client.lineage.logInputs({
    runId: child.runId,
    datasets: [
      {
        ...dataset,
        sourceType: 'local',
        source: '{"uri": "data/telco.csv"}',
        schema: '{"mlflow_colspec": [{"name": "tenure", "type": "long"}]}',
        profile: '{"num_rows": 7043}',
        context: 'validation',
        tags: { split: 'seed 42' },
      },
    ],
  });
  const model = await client.loggedModels.create({
    experimentId,
    name: 'boosted',
    modelType: 'xgboost',
    sourceRunId: child.runId,
    params: Object.fromEntries(
      Array.from({ length: 130 }, (_, index) => [`p${String(index)}`, String(index)]),
    ),
    tags: { 'millrace.step': 'k1' },
  });
  // Twice, as after an answer that was lost: the second time says nothing new.
  for (let time = 0; time < 2; time++)
    await client.lineage.logOutputs({ runId: child.runId, models: [{ modelId: model.modelId, step: 3 }] });
  const linked = { timestamp: startTime + 10, modelId: model.modelId, dataset };
  await client.metrics.logBatch({
    runId: child.runId,
    metrics: [
      { key: 'f1', value: 0.1 + 0.2, ...linked, step: 3 },
      ...Array.from({ length: 2500 }, (_, step) => ({
        key: 'loss',
        value: 1 / (step + 1),
        timestamp: startTime + step,
        step,
      })),
      { key: 'undefined', value: NaN, timestamp: startTime },
    ],
    params: Object.fromEntries(
      Array.from({ length: 250 }, (_, index) => [`q${String(index)}`, `v${String(index)}`]),
    ),
    tags: {
      'git.commit': 'abc',
      ...Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`t${String(i)}`, 'x'])),
    },
  });
  await client.metrics.log(child.runId, { key: 'roc_auc', value: 0.75, ...linked });
  await client.artifacts.uploadFolder({ modelId: model.modelId }, folder);
  await client.loggedModels.finalize(model.modelId, 'READY');
  await client.loggedModels.setTags(model.modelId, { later: 'yes' });
  await client.artifacts.write({ runId: parent.runId }, 'report/report.html', '<p>ok</p>');
  await client.runs.update(child.runId, { status: 'FINISHED', endTime: startTime + 99 });
  await client.registeredModels.create({
    name: registered,
    description: 'who leaves',
    tags: { team: 'growth' },
  });
  const source = loggedModelUri(model.modelId);
  for (const tag of ['one', 'two']) {
    await client.modelVersions.create({
      name: registered,
      source,
      modelId: model.modelId,
      runId: child.runId,
      description: tag,
      tags: { tag },
    });
  }
  await client.registeredModels.setAlias(registered, 'challenger', 2);
  await client.registeredModels.setAlias(registered, 'champion', 2);
  await client.registeredModels.setAlias(registered, 'champion', 1);
  return { parent, child, model };
}

/** What the Python reader prints. */
interface PythonView {
  experiment: { name: string; tags: Record<string, string> };
  runs: Record<string, unknown>[];
  models: Record<string, unknown>[];
  registered: Record<string, unknown>;
}

/** Written here, read by MLflow's own client. */
export function describePythonReader(context: () => SuiteContext): void {
  describe('what is written here, read by the Python client', () => {
    let folder: string;
    let written: Awaited<ReturnType<typeof writeTraining>>;
    let view: PythonView;
    const registered = uniqueName('telco-churn');
    const experimentName = uniqueName('telco');

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'mlflow-client-'));
      await mkdir(join(folder, 'data', 'deep'), { recursive: true });
      for (const [name, content] of Object.entries(modelFiles)) await writeFile(join(folder, name), content);
      const { client, uri } = context();
      const experimentId = await client.experiments.create({
        name: experimentName,
        tags: { owner: 'growth-ml' },
      });
      written = await writeTraining(client, experimentId, registered, folder);
      const reader = join(__dirname, '..', 'read_with_python.py');
      view = JSON.parse(await runPython([reader, uri, experimentId, registered], {}, folder)) as PythonView;
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    const runNamed = (name: string) => view.runs.find((run) => run.name === name) ?? {};

    it('is one experiment with two runs, one nested under the other', () => {
      expect(view.experiment).toMatchObject({ name: experimentName, tags: { owner: 'growth-ml' } });
      expect(view.runs).toHaveLength(2);
      expect(runNamed('pipeline')).toMatchObject({
        status: 'RUNNING',
        start: startTime,
        end: null,
        parent: null,
      });
      expect(runNamed('boosted')).toMatchObject({
        status: 'FINISHED',
        start: startTime + 5,
        end: startTime + 99,
        parent: written.parent.runId,
      });
      expect(runNamed('pipeline').tags).toMatchObject({ 'millrace.run': 'a/b c' });
      expect(runNamed('boosted').tags).toMatchObject({
        'git.commit': 'abc',
        t149: 'x',
        'mlflow.user': 'ada',
      });
    });

    it('keeps every parameter and every value, past the limits of one request', () => {
      const run = runNamed('boosted') as {
        params: object;
        metrics: object;
        histories: Record<string, unknown[]>;
      };
      expect(Object.keys(run.params)).toHaveLength(250);
      expect(run.params).toMatchObject({ q249: 'v249' });
      expect(run.metrics).toMatchObject({ f1: '0.30000000000000004', undefined: 'nan', roc_auc: '0.75' });
      expect(run.histories.loss).toHaveLength(2500);
      expect(run.histories.loss?.[2499]).toMatchObject({
        step: 2499,
        value: '0.0004',
        timestamp: startTime + 2499,
      });
    });

    it('names the data set with what is known of it', () => {
      expect(runNamed('boosted').datasets).toEqual([
        {
          name: 'telco',
          digest,
          source_type: 'local',
          source: '{"uri": "data/telco.csv"}',
          schema: '{"mlflow_colspec": [{"name": "tenure", "type": "long"}]}',
          profile: '{"num_rows": 7043}',
          tags: { 'mlflow.data.context': 'validation', split: 'seed 42' },
        },
      ]);
    });

    it('is a logged model, produced by the run, measured on the data set', () => {
      expect(runNamed('boosted').model_outputs).toEqual([[written.model.modelId, 3]]);
      expect(view.models).toHaveLength(1);
      const [model] = view.models as { params: object; metrics: { key: string }[] }[];
      expect(model).toMatchObject({
        id: written.model.modelId,
        name: 'boosted',
        type: 'xgboost',
        status: 'READY',
        source_run: written.child.runId,
        tags: { 'millrace.step': 'k1', later: 'yes' },
      });
      expect(Object.keys(model?.params ?? {})).toHaveLength(130);
      const linked = {
        model_id: written.model.modelId,
        dataset: ['telco', digest],
        run_id: written.child.runId,
        timestamp: startTime + 10,
      };
      expect(model?.metrics.toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
        { key: 'f1', value: '0.30000000000000004', step: 3, ...linked },
        { key: 'roc_auc', value: '0.75', step: 0, ...linked },
      ]);
    });

    it('has the same bytes in its artifacts', () => {
      const [model] = view.models;
      const expected = Object.entries(modelFiles).map(([name, content]) => [name, sha256(content)]);
      expect(model?.files).toEqual(Object.fromEntries(expected));
      expect(runNamed('pipeline').files).toEqual({ 'report/report.html': sha256('<p>ok</p>') });
    });

    it('is registered in two versions, with aliases', () => {
      const shared = { source: loggedModelUri(written.model.modelId), run_id: written.child.runId };
      expect(view.registered).toEqual({
        description: 'who leaves',
        tags: { team: 'growth' },
        aliases: { challenger: 2, champion: 1 },
        versions: [
          { version: '1', tags: { tag: 'one' }, aliases: ['champion'], description: 'one', ...shared },
          { version: '2', tags: { tag: 'two' }, aliases: ['challenger'], description: 'two', ...shared },
        ],
      });
    });

    it('reads the same back here', async () => {
      const { client } = context();
      const run = await client.runs.get(written.child.runId);
      expect(run).toMatchObject({
        parentRunId: written.parent.runId,
        modelOutputs: [{ modelId: written.model.modelId, step: 3 }],
      });
      expect(run.datasets[0]).toMatchObject({
        name: 'telco',
        context: 'validation',
        tags: { split: 'seed 42' },
      });
      expect(run.metrics.find(({ key }) => key === 'undefined')?.value).toBeNaN();
      const model = await client.loggedModels.get(written.model.modelId);
      expect(model.metrics.find(({ key }) => key === 'f1')).toMatchObject({
        value: 0.1 + 0.2,
        step: 3,
        runId: written.child.runId,
        datasetName: 'telco',
        datasetDigest: digest,
      });
      expect(Object.keys(model.params)).toHaveLength(130);
      const version = await client.modelVersions.getByAlias(registered, 'champion');
      expect(version).toMatchObject({ version: 1, modelId: written.model.modelId, aliases: ['champion'] });
    });
  });
}
