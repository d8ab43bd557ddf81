/**
 * Catches a client that hangs, lies or gives up for good when MLflow is down, frozen or restarted, or when its caller cancels:
 * the callers retry by `retryable`, and a run must survive a minute without MLflow.
 */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMlflowServer, type MlflowServer } from '../../../../test/support/mlflow-server';
import { collect, createMlflowClient } from '../../src/index';
import { failureFrom } from './suites/context';

jest.setTimeout(240_000);

let server: MlflowServer;
beforeAll(async () => {
  server = await startMlflowServer({ own: true });
});
afterAll(() => server.stop());

const identity = { key: 'millrace.key', value: 'one' };

it('fails retryably while MLflow is down, and finds everything again after it is back', async () => {
  const client = createMlflowClient({ trackingUri: server.uri });
  const { item: experiment } = await client.ensure.experiment({ name: 'survives' });
  const newRun = { experimentId: experiment.experimentId, startTime: 1 };
  const { item: run } = await client.ensure.run(identity, newRun);
  await client.artifacts.write({ runId: run.runId }, 'a.txt', 'kept');

  await server.kill();
  for (const call of [
    () => client.runs.get(run.runId),
    () => client.ensure.run(identity, newRun),
    () => client.ensure.experiment({ name: 'survives' }),
    () => collect(client.runs.search({ experimentIds: [experiment.experimentId] })),
    () => client.artifacts.read({ runId: run.runId }, 'a.txt'),
  ]) {
    const failure = await failureFrom(call());
    expect(failure).toMatchObject({ name: 'MlflowError', errorCode: 'NETWORK_ERROR', retryable: true });
    expect((failure as Error).message).toMatch(/ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET/);
  }

  await server.restart();
  await expect(client.ensure.run(identity, newRun)).resolves.toMatchObject({
    item: { runId: run.runId },
    created: false,
    duplicates: [],
  });
  const kept = await client.artifacts.read({ runId: run.runId }, 'a.txt');
  expect(Buffer.from(kept).toString()).toBe('kept');
});

it('gives up on a frozen server after the time allowed, retryably, and leaves no half file', async () => {
  const client = createMlflowClient({ trackingUri: server.uri, timeoutMs: 400, transferTimeoutMs: 600 });
  const patient = createMlflowClient({ trackingUri: server.uri });
  const { item: experiment } = await patient.ensure.experiment({ name: 'frozen' });
  const { item: run } = await patient.ensure.run(identity, {
    experimentId: experiment.experimentId,
    startTime: 1,
  });
  const folder = await mkdtemp(join(tmpdir(), 'mlflow-frozen-'));
  await writeFile(join(folder, 'sent'), 'x'.repeat(1_000_000));
  // The address of the artifacts is asked for first; only what moves bytes is to meet the frozen server.
  const thawedOnce = createMlflowClient({
    trackingUri: server.uri,
    transferTimeoutMs: 600,
    fetch: async (input, init) => {
      if ((input as string).includes('mlflow-artifacts')) server.freeze();
      return fetch(input, init);
    },
  });
  try {
    for (const transfer of [
      () => thawedOnce.artifacts.uploadFile({ runId: run.runId }, join(folder, 'sent'), 'sent'),
      () => thawedOnce.artifacts.downloadFile({ runId: run.runId }, 'sent', join(folder, 'received')),
    ]) {
      expect(await failureFrom(transfer())).toMatchObject({ errorCode: 'TIMEOUT', retryable: true });
      server.thaw();
    }
    server.freeze();
    const failure = await failureFrom(client.runs.get(run.runId));
    expect(failure).toMatchObject({ errorCode: 'TIMEOUT', retryable: true });
    expect((failure as Error).message).toContain('400 ms');
    expect(await readdir(folder)).toEqual(['sent']);
  } finally {
    server.thaw();
    await rm(folder, { recursive: true, force: true });
  }
  await expect(patient.runs.get(run.runId)).resolves.toMatchObject({ runId: run.runId });
});

it('rejects with the caller’s own reason when the caller cancels, before and during a call', async () => {
  const client = createMlflowClient({ trackingUri: server.uri });
  // Of the very kind that a broken connection fails with.
  const reason = new TypeError('the activity was cancelled');
  const before = AbortSignal.abort(reason);
  expect(await failureFrom(client.runs.get('0'.repeat(32), { signal: before }))).toBe(reason);
  const controller = new AbortController();
  server.freeze();
  try {
    const pending = failureFrom(client.runs.get('0'.repeat(32), { signal: controller.signal }));
    setImmediate(() => controller.abort(reason));
    expect(await pending).toBe(reason);
  } finally {
    server.thaw();
  }
});
