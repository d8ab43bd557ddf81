// Catches a registry that registers a model twice when a request is repeated, moves an alias it should not, or leaves no way back from a
// version to what it was made of.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMlflowClient, loggedModelUri, type MlflowClient } from 'mlflow-client-ts';
import { createReleaseActivities } from '../../src/activities/release';
import { createMlflowRegistry } from '../../src/adapters/mlflow/model-registry';
import type { ReleaseActivities } from '../../src/contracts/activity-interfaces';
import type { ReleaseRequest } from '../../src/contracts/release';
import { provenanceOf } from '../../src/contracts/version-tags';
import type { ModelRegistry } from '../../src/ports/model-registry';
import { startMlflowServer, type MlflowServer } from '../support/mlflow-server';
import { runPython } from '../support/python';
import { requestOf } from '../support/release-requests';

jest.setTimeout(300_000);

let server: MlflowServer;
let client: MlflowClient;
let registry: ModelRegistry;
let activities: ReleaseActivities;
let folder: string;

beforeAll(async () => {
  server = await startMlflowServer({ own: true });
  client = createMlflowClient({ trackingUri: server.uri, timeoutMs: 5000 });
  registry = createMlflowRegistry(client);
  activities = createReleaseActivities({
    models: registry,
    messenger: { submitRelease: () => Promise.reject(new Error('not needed here')) },
  });
  folder = await mkdtemp(join(tmpdir(), 'millrace-registry-'));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A request whose logged model is really in MLflow. */
async function loggedRequest(model: string, name: string): Promise<ReleaseRequest> {
  const { item: experiment } = await client.ensure.experiment({ name: 'registry' });
  const { experimentId } = experiment;
  const run = await client.runs.create({ experimentId, runName: name, startTime: Date.now() });
  const logged = await client.loggedModels.create({ experimentId, name, sourceRunId: run.runId });
  const files = await mkdtemp(join(folder, 'model-'));
  await writeFile(join(files, 'MLmodel'), `name: ${name}\n`);
  await client.artifacts.uploadFolder({ modelId: logged.modelId }, files);
  await client.loggedModels.finalize(logged.modelId, 'READY');
  return requestOf(name, { model, modelId: logged.modelId, mlflowRunId: run.runId });
}

/** All versions of a model by MLflow's own Python client: number → source, tags and aliases. */
async function versionsByPython(
  model: string,
): Promise<Record<string, { source: string; aliases: string[] }>> {
  const text = await runPython(
    [
      '-c',
      `import json, sys
from mlflow import MlflowClient
client = MlflowClient(sys.argv[1])
found = client.search_model_versions(f"name = '{sys.argv[2]}'")
every = [client.get_model_version(each.name, each.version) for each in found]
print(json.dumps({str(each.version): {"source": each.source, "aliases": sorted(each.aliases)} for each in every}))`,
      server.uri,
      model,
    ],
    { MLFLOW_TRACKING_URI: server.uri },
  );
  return JSON.parse(text) as Record<string, { source: string; aliases: string[] }>;
}

test('a request is registered once, however often and however simultaneously it is asked', async () => {
  const request = await loggedRequest('once', 'a');
  expect(await activities.registerVersion({ request })).toEqual({ version: '1', championVersion: null });
  expect(await activities.registerVersion({ request })).toEqual({ version: '1', championVersion: null });
  const racing = await loggedRequest('once', 'b');
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => activities.registerVersion({ request: racing })),
  );
  const [second] = answers;
  const versions = await versionsByPython('once');
  expect(Object.keys(versions)).toHaveLength(2);
  expect(new Set(answers.map(({ version }) => version))).toEqual(new Set([second?.version]));
  expect(versions['1']).toEqual({ source: loggedModelUri(request.modelId), aliases: [] });
  expect(versions[second!.version]?.aliases).toEqual(['challenger']);
});

test('a registration that is cut off before its answer is found by the next try', async () => {
  const request = await loggedRequest('cut-off', 'a');
  const deaf = createMlflowRegistry(
    createMlflowClient({
      trackingUri: server.uri,
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        const address = input instanceof Request ? input.url : input.toString();
        if (address.endsWith('/model-versions/create')) throw new TypeError('fetch failed');
        return answer;
      },
    }),
  );
  const broken = createReleaseActivities({
    models: deaf,
    messenger: { submitRelease: () => Promise.resolve() },
  });
  await expect(broken.registerVersion({ request })).rejects.toMatchObject({
    code: 'MLFLOW_UNAVAILABLE',
    retryable: true,
  });
  expect(await activities.registerVersion({ request })).toEqual({ version: '1', championVersion: null });
  expect(Object.keys(await versionsByPython('cut-off'))).toEqual(['1']);
});

test('the champion alias is set after the fact, takes challenger along, and is not taken back by a repeat', async () => {
  const [first, second] = [await loggedRequest('aliases', 'a'), await loggedRequest('aliases', 'b')];
  expect(await activities.readChampion({ model: 'aliases' })).toEqual({ championVersion: null });
  await activities.registerVersion({ request: first });
  await activities.setChampionAlias({ model: 'aliases', version: '1' });
  await activities.setChampionAlias({ model: 'aliases', version: '1' });
  expect(await activities.readChampion({ model: 'aliases' })).toEqual({ championVersion: '1' });
  expect((await versionsByPython('aliases'))['1']?.aliases).toEqual(['champion']);

  expect(await activities.registerVersion({ request: second })).toEqual({
    version: '2',
    championVersion: '1',
  });
  // A late repeat for what is champion already makes it no challenger.
  expect(await activities.registerVersion({ request: first })).toEqual({
    version: '1',
    championVersion: '1',
  });
  expect(await versionsByPython('aliases')).toMatchObject({
    1: { aliases: ['champion'] },
    2: { aliases: ['challenger'] },
  });
  // An older version that is promoted leaves the challenger where it is.
  await activities.setChampionAlias({ model: 'aliases', version: '1' });
  expect((await versionsByPython('aliases'))['2']?.aliases).toEqual(['challenger']);
});

test('a version leads back to what it was made of, and its files can be fetched', async () => {
  const request = await loggedRequest('lineage', 'a');
  await activities.registerVersion({ request });
  const version = await registry.version('lineage', '1');
  expect(version).toMatchObject({ modelId: request.modelId, runId: request.mlflowRunId });
  expect(provenanceOf(version!.tags)).toEqual({
    pipeline: request.pipeline,
    candidate: request.candidate,
    workflowId: request.workflowId,
    threshold: request.threshold,
    deployTarget: 'local',
    trained: request.trained,
    split: request.split,
    holdoutScores: request.holdoutScores,
    spec: request.spec,
  });
  const target = join(folder, 'fetched');
  await registry.download('lineage', '1', target);
  expect(await readdir(target)).toEqual(['MLmodel']);
  expect(await readFile(join(target, 'MLmodel'), 'utf8')).toBe('name: a\n');
});

test.each(['7', 'latest', '0', '1.5', '-1'])('there is no version %s', async (version) => {
  expect(await registry.version('lineage', version)).toBeUndefined();
});

test('a server that is away is waited for; a request that it refuses is final', async () => {
  await expect(activities.setChampionAlias({ model: 'nobody', version: '1' })).rejects.toMatchObject({
    code: 'MLFLOW_REFUSED',
    retryable: false,
  });
  await server.kill();
  await expect(activities.readChampion({ model: 'aliases' })).rejects.toMatchObject({
    code: 'MLFLOW_UNAVAILABLE',
    retryable: true,
  });
  await server.restart();
  expect(await activities.readChampion({ model: 'aliases' })).toEqual({ championVersion: '1' });
});
