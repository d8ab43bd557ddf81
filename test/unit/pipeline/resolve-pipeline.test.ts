/**
 * Catches: a run that reads its specification differently on a retry, an artifact that carries another run's commit, work on a local store
 * that goes to a foreign host's queue, a model that misses the environment's prefix, a run for a date that a backfill does not see. Real files, real store.
 */
import { readFile } from 'node:fs/promises';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createPipelineActivities } from '../../../src/activities/pipeline';
import { loadSpec } from '../../../src/activities/stored-spec';
import { createFileArtifactStore, type FileArtifactStore } from '../../../src/adapters/artifact-store/file';
import { createSqliteLedger } from '../../../src/adapters/ledger/sqlite';
import { createPipelineCatalog, readProject } from '../../../src/adapters/project';
import { resolvedRunSchema, type ResolvedRun, type TrainingPipelineInput } from '../../../src/contracts/runs';
import type { Ledger } from '../../../src/ports/ledger';
import type { PipelineCatalog } from '../../../src/ports/pipeline-catalog';
import { quietTemporal } from '../../support/temporal';

quietTemporal();

let root: string;
let store: FileArtifactStore;
let ledger: Ledger;
let changeLoaded: (loaded: Awaited<ReturnType<PipelineCatalog['load']>>) => typeof loaded;

const PIPELINE = `apiVersion: millrace/v1
name: churn
params: { depth: { type: integer, default: 4 } }
sources: { customers: { uri: data/c.csv } }
dataset: { label: churn, positive: "Yes" }
candidates:
  - { name: plain, trainer: sklearn/logistic-regression }
  - { name: deep, trainer: xgboost, matrix: { max_depth: ["{{ params.depth }}", 9] } }
  - { name: ours, trainer: { python: train.py:fit } }
  - { name: script, trainer: { command: [python, a-script-with-a-rather-long-name.py, --depth, "{{ params.depth }}"] } }
`;
const RELEASE = `registry: { model: churn }
deploy: { approval: required }
evaluation: { gate: [{ metric: roc_auc, min: 0.8 }] }
sla: 2h
`;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'millrace-resolve-')));
  await mkdir(join(root, 'pipelines'));
  await writeFile(join(root, 'pipelines/train.py'), '');
  await writeFile(join(root, 'pipelines/churn.yaml'), PIPELINE + RELEASE);
  store = await createFileArtifactStore({ root: join(root, 'store') });
  changeLoaded = (loaded) => loaded;
  ledger = await createSqliteLedger(':memory:');
});

afterEach(async () => {
  await ledger.close();
  await rm(root, { recursive: true, force: true });
});

async function resolve(
  input: Partial<TrainingPipelineInput> = {},
  { hostBound = true, modelPrefix = '', pools = {} } = {},
): Promise<ResolvedRun> {
  const project = await readProject(root);
  const catalog = createPipelineCatalog({ project, environment: project.environment().settings });
  const activities = createPipelineActivities({
    catalog: { ...catalog, load: async (...given) => changeLoaded(await catalog.load(...given)) },
    store,
    hostBound,
    environment: { name: 'local', modelPrefix, pools },
    searchAttributes: true,
    codeDigest: '1',
    ledger,
  });
  return new MockActivityEnvironment().run(activities.resolvePipeline, {
    input: { pipeline: 'churn', ...input },
    workflowId: 'churn/manual/1',
  });
}

test('what the workflow needs to decide, and the whole of it in the store', async () => {
  const run = await resolve({ params: { depth: '5' }, sample: 100 }, { modelPrefix: 'staging-' });
  expect(resolvedRunSchema.parse(run)).toEqual(run);
  expect(run).toMatchObject({
    pipeline: 'churn',
    environment: 'local',
    model: 'staging-churn',
    queues: {
      data: `millrace-data@${store.id}`,
      training: `millrace-training@${store.id}`,
      services: `millrace-services@${store.id}`,
    },
    candidates: [
      { name: 'plain', trainer: 'sklearn/logistic-regression' },
      { name: 'deep-1', trainer: 'xgboost' },
      { name: 'deep-2', trainer: 'xgboost' },
      { name: 'ours', trainer: 'python train.py:fit' },
      { name: 'script', trainer: 'python a-script-with-a-rather-long-name…' },
    ],
    parallel: 2,
    jobTimeoutSeconds: 7200,
    gate: [{ metric: 'roc_auc', min: 0.8, minRows: 30 }],
    slaSeconds: 7200,
    deployTarget: 'local',
    approval: { required: true, timeoutSeconds: 7 * 86_400 },
    searchAttributes: true,
  });

  const { spec, origin } = await loadSpec(store, run.spec);
  expect(spec.candidates.map(({ params }) => params.max_depth)).toEqual([
    undefined,
    5,
    9,
    undefined,
    undefined,
  ]);
  expect(origin).toEqual({
    file: join(root, 'pipelines/churn.yaml'),
    directory: join(root, 'pipelines'),
    projectRoot: root,
    pipelineDigest: origin.pipelineDigest,
    sample: 100,
  });
});

test('a shared store uses the plain queues', async () => {
  expect((await resolve({}, { hostBound: false })).queues).toEqual({
    data: 'millrace-data',
    training: 'millrace-training',
    services: 'millrace-services',
  });
});

test('without a registry nothing is registered or deployed, whatever the defaults say', async () => {
  await writeFile(join(root, 'pipelines/churn.yaml'), PIPELINE);
  const run = await resolve();
  expect(run).toMatchObject({ deployTarget: 'none', approval: { required: false } });
  expect(run).not.toHaveProperty('model');
  expect(run).not.toHaveProperty('slaSeconds');
});

test('a retry gets the same artifact; other parameters, a sample or a changed file get another', async () => {
  const first = (await resolve()).spec;
  expect((await resolve({ params: { depth: 4 } })).spec).toEqual(first);
  const keys = [first, (await resolve({ params: { depth: 5 } })).spec, (await resolve({ sample: 10 })).spec];
  await writeFile(join(root, 'pipelines/churn.yaml'), `${PIPELINE}${RELEASE}tags: [t]\n`);
  keys.push((await resolve()).spec);
  expect(new Set(keys.map(({ key }) => key)).size).toBe(4);
  expect(new Set(keys.map(({ digest }) => digest)).size).toBe(4);
});

test('each run finds its own commit in the artifact, not that of the first run with the same content', async () => {
  const commits = ['a'.repeat(40), 'b'.repeat(40)];
  const found: (string | undefined)[] = [];
  const digests = new Set<string>();
  for (const gitCommit of commits) {
    changeLoaded = (loaded) => ({ ...loaded, gitCommit });
    const { origin } = await loadSpec(store, (await resolve()).spec);
    found.push(origin.gitCommit);
    digests.add(origin.pipelineDigest);
  }
  expect(found).toEqual(commits);
  // The digest of the pipeline itself does not follow the commit.
  expect(digests.size).toBe(1);
});

test('a bad file and a foreign environment are final, with their code', async () => {
  await expect(resolve({ environment: 'prod' })).rejects.toMatchObject({ code: 'USAGE', retryable: false });
  await expect(resolve({ pipeline: 'chrun' })).rejects.toMatchObject({
    code: 'PIPELINE_NOT_FOUND',
    retryable: false,
  });
  await writeFile(join(root, 'pipelines/churn.yaml'), `${PIPELINE}sla: soon\n`);
  await expect(resolve()).rejects.toMatchObject({ code: 'PIPELINE_FILE_INVALID', retryable: false });
  await expect(resolve({ environment: 'local' })).rejects.toMatchObject({ code: 'PIPELINE_FILE_INVALID' });
});

test('a hundred candidates with long names stay a small payload', async () => {
  const name = 'n'.repeat(59);
  const matrix = `{ a: [${Array.from({ length: 99 }, (_, index) => index).join(', ')}] }`;
  const long = `candidates: [{ name: ${name}, trainer: { command: [python, ${'x'.repeat(500)}] }, matrix: ${matrix} }]\n`;
  const text = PIPELINE.slice(0, PIPELINE.indexOf('candidates:')) + long + RELEASE;
  await writeFile(join(root, 'pipelines/churn.yaml'), text);
  const run = await resolve();
  expect(run.candidates).toHaveLength(99);
  expect(Buffer.byteLength(JSON.stringify(run))).toBeLessThan(16_384);
});

test('the artifact is readable JSON for people and for other languages', async () => {
  const stored = await store.open((await resolve()).spec);
  const text = await readFile(join(stored.directory, 'spec.json'), 'utf8');
  expect(Object.keys(JSON.parse(text) as object)).toEqual(['spec', 'origin']);
  expect(text.split('\n').length).toBeGreaterThan(20);
});

test('the nominal date reaches the templates of the file', async () => {
  const dated = `params: { date: { type: date } }
sources: { customers: { uri: "data/{{ params.date }}.csv" } }
`;
  const text = PIPELINE.replace(/params:.*\nsources:.*\n/, dated).replaceAll('"{{ params.depth }}"', '4');
  await writeFile(join(root, 'pipelines/churn.yaml'), text);
  const run = await resolve({ nominalDate: '2026-11-20T02:00:00+01:00' });
  const { spec } = await loadSpec(store, run.spec);
  expect(spec.sources.customers?.uri).toBe('data/2026-11-20.csv');
  await expect(resolve()).rejects.toMatchObject({ code: 'PIPELINE_PARAMETER_INVALID' });
});

test('a run for a date is in the ledger from its beginning, and what comes late changes nothing of its end', async () => {
  await resolve();
  expect(await ledger.findRun('churn/manual/1')).toBeUndefined();
  const nominalDate = '2026-11-20T02:00:00+01:00';
  await resolve({ nominalDate });
  const day = { pipeline: 'churn', from: nominalDate, to: nominalDate };
  expect(await ledger.listNominalRuns(day)).toMatchObject([
    { workflowId: 'churn/manual/1', outcome: 'running' },
  ]);
  const begun = await ledger.findRun('churn/manual/1');
  await ledger.recordRun({ ...begun!, outcome: 'stopped', endedAt: new Date().toISOString() });
  await resolve({ nominalDate });
  expect(await ledger.listNominalRuns(day)).toMatchObject([{ outcome: 'stopped' }]);
});

test('pool, priority and active runs reach the workflow; an unknown pool or too few units are final', async () => {
  const text = PIPELINE.replace(
    'name: deep, trainer: xgboost,',
    'name: deep, trainer: xgboost, resources: { gpu: 2 },',
  );
  await writeFile(
    join(root, 'pipelines/churn.yaml'),
    `${text}training: { pool: gpu, priority: 2 }\nmaxActiveRuns: 3\n`,
  );
  const run = await resolve({}, { pools: { gpu: 4 } });
  expect(run).toMatchObject({
    pool: { name: 'gpu', units: { 'deep-1': 2, 'deep-2': 2 }, limit: { units: 4 } },
    priority: 2,
    maxActiveRuns: 3,
  });
  expect(await resolve({ priority: 1 }, { pools: { gpu: 4 } })).toMatchObject({ priority: 1 });
  for (const pools of [{}, { gpu: 1 }, { gpus: 4 }])
    await expect(resolve({}, { pools })).rejects.toMatchObject({ code: 'POOL_UNKNOWN', retryable: false });
});
