// Catches a deployment that switches to a model which does not answer as it was evaluated: another threshold, other scores, other rows.
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDeploymentActivities } from '../../../src/activities/deployment';
import { createFileArtifactStore } from '../../../src/adapters/artifact-store/file';
import { createDuckDbEngine } from '../../../src/adapters/table-engine/duckdb';
import type { DeploymentActivities } from '../../../src/contracts/activity-interfaces';
import type { ArtifactRef, StepName } from '../../../src/contracts/artifacts';
import { deploymentIdFor } from '../../../src/contracts/ids';
import { versionTagsFor } from '../../../src/contracts/version-tags';
import type { ReleaseRequest } from '../../../src/contracts/release';
import type { ArtifactStore } from '../../../src/ports/artifact-store';
import type { EndpointHost } from '../../../src/ports/endpoint-host';
import type { ModelRegistry, RegisteredVersion } from '../../../src/ports/model-registry';
import { quoteLiteral } from '../../../src/ports/table-engine';
import { makeChurnModels, projectPython } from '../../support/churn-models';
import { localEndpoints } from '../../support/local-endpoints';
import { requestOf } from '../../support/release-requests';

jest.setTimeout(300_000);

const engine = createDuckDbEngine();
let models: string;
let root: string;
let store: ArtifactStore;
let endpoints: EndpointHost;
let activities: DeploymentActivities;
const registered = new Map<string, RegisteredVersion>();

beforeAll(async () => {
  models = await makeChurnModels({ mild: 0.05 });
  root = await mkdtemp(join(tmpdir(), 'millrace-deployment-'));
  store = await createFileArtifactStore({ root: join(root, 'store') });
  endpoints = localEndpoints(join(root, 'endpoints'));
  activities = createDeploymentActivities({
    store,
    engine,
    endpoints,
    environments: {
      base: () => Promise.resolve({ python: projectPython(), digest: 'base' }),
      withRequirements: () => Promise.reject(new Error('not needed here')),
      trainerCodeDigest: () => Promise.resolve('code'),
    },
    models: {
      version: (_model: string, version: string) => Promise.resolve(registered.get(version)),
      download: (_model: string, _version: string, directory: string) =>
        cp(join(models, 'mild', 'model'), directory, { recursive: true }),
    } as Partial<ModelRegistry> as ModelRegistry,
  });
});
afterAll(async () => {
  await endpoints.stopAll();
  await rm(models, { recursive: true, force: true });
  await rm(root, { recursive: true, force: true });
});
afterEach(() => endpoints.stopAll());

/** Puts a folder or files into the store. */
async function stored(
  step: StepName,
  name: string,
  write: (directory: string) => Promise<void>,
): Promise<ArtifactRef> {
  const identity = { step, code: name, params: {}, inputs: {} };
  const { ref } = await store.commit(identity, async (directory) => {
    await write(directory);
    return { summary: null };
  });
  return ref;
}

/** A request for the real model; the threshold and the evaluated scores can be changed. */
async function request(
  name: string,
  changes: { threshold?: number; scores?: string } = {},
): Promise<ReleaseRequest> {
  const source = join(models, 'mild', 'scores', 'predictions.parquet');
  const select = changes.scores ?? 'SELECT *';
  const deploy = { smoke: { rows: 40, tolerance: 1e-9 } };
  return requestOf(name, {
    threshold: changes.threshold ?? 0.3,
    spec: await stored('spec', 'spec', (directory) =>
      writeFile(join(directory, 'spec.json'), JSON.stringify({ spec: { deploy }, origin: {} })),
    ),
    trained: await stored('train', 'mild', (directory) =>
      cp(join(models, 'mild'), directory, { recursive: true, filter: (file) => !file.includes('scores') }),
    ),
    split: await stored('split', 'split', (directory) =>
      cp(join(models, 'split'), directory, { recursive: true }),
    ),
    holdoutScores: await stored('score', `scores ${select}`, async (directory) => {
      const session = await engine.open({ readable: [source], writable: [directory] });
      const target = join(directory, 'predictions.parquet');
      await session.run(
        `COPY (${select} FROM read_parquet(${quoteLiteral(source)})) TO ${quoteLiteral(target)} (FORMAT parquet)`,
      );
      session.close();
    }),
  });
}

test('held-out rows are answered as they were evaluated, and the deployment is switched to and completed', async () => {
  const asked = await request('good');
  const staged = await activities.stageDeployment({ request: asked, version: '1' });
  expect(staged).toEqual({
    deploymentId: deploymentIdFor({ model: 'churn', version: '1', token: asked.requestId }),
    checkedRows: 40,
  });
  // A repeat, as after a crash between the test and its report, finds the server.
  expect(await activities.stageDeployment({ request: asked, version: '1' })).toEqual(staged);
  const name = { model: 'churn', deploymentId: staged.deploymentId };
  const { endpoint } = await activities.switchDeployment({ ...name, version: '1' });
  await activities.completeDeployment(name);
  expect(await endpoints.list()).toMatchObject([{ endpoint, version: '1', server: 'running' }]);
  await activities.discardDeployment(name);
});

test.each([
  {
    name: 'one score that differs by a millionth',
    changes: {
      scores: `SELECT * REPLACE (CASE WHEN md5(__row_id) < '08' THEN score + 1e-6 ELSE score END AS score)`,
    },
    says: /^version 1 of churn does not answer as it was evaluated \(40 rows tried\): row row-\d+: score was evaluated as 0\.\d+ and is served as 0\.\d+/,
  },
  {
    name: 'scores of other rows',
    changes: { scores: 'SELECT * REPLACE (lag(score, 1, 0.5) OVER (ORDER BY __row_id) AS score)' },
    says: /row row-\d+: .*; and \d+ more$/,
  },
])('$name fails the smoke test by row, and its server is gone', async ({ changes, says }) => {
  const asked = await request('bad', changes);
  await expect(activities.stageDeployment({ request: asked, version: '1' })).rejects.toMatchObject({
    code: 'SMOKE_TEST_FAILED',
    retryable: false,
    message: expect.stringMatching(says) as unknown,
  });
  expect(await endpoints.list()).toMatchObject([{ server: 'stopped' }]);
});

test('no score for any held-out row is said as that', async () => {
  const asked = await request('none', { scores: `SELECT * REPLACE ('x' || __row_id AS __row_id)` });
  await expect(activities.stageDeployment({ request: asked, version: '1' })).rejects.toMatchObject({
    code: 'STORE_CORRUPT',
  });
});

test('a version is promoted from its tags; a foreign one by its input example; an unknown one not at all', async () => {
  const asked = await request('promoted');
  const version = { model: 'churn', aliases: [] };
  registered.set('3', { ...version, version: '3', tags: versionTagsFor(asked) });
  registered.set('4', { ...version, version: '4', tags: {} });
  registered.set('5', { ...version, version: '5', tags: versionTagsFor({ ...asked, deployTarget: 'none' }) });

  const stage = (number: string) =>
    activities.stageVersion({ model: 'churn', version: number, promotionId: 'p' });
  expect(await stage('3')).toMatchObject({ checkedRows: 40, served: true });
  expect(await stage('4')).toMatchObject({ checkedRows: 3, served: true });
  expect(await stage('5')).toMatchObject({ checkedRows: 40, served: false });
  await expect(stage('6')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
});
