// Catches an owner of a model that lets two runs race for the champion alias or the endpoint, forgets a request across a crash or a
// continue-as-new, deploys what a person refused or nobody waits for, or leaves alias and endpoint at odds after a failure.
import { ApplicationFailure, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { modelReleaseIdFor } from '../../src/contracts/ids';
import { RELEASE_MESSAGES, type ModelStatus, type ReleaseRequest } from '../../src/contracts/release';
import type { modelRelease } from '../../src/workflows/model-release';
import { requestOf } from '../support/release-requests';
import { bundleWorkflows, quietTemporal, startTimeSkipping } from '../support/temporal';
import { FakeProduction } from './fake-production';
import type { listeningRun } from './owner-and-listeners';

jest.setTimeout(120_000);
quietTemporal();

const PIPELINES = 'pipelines';
let environment: TestWorkflowEnvironment;
let bundle: WorkflowBundleWithSourceMap;
let worker: Worker;
let services: Worker;
let running: Promise<unknown>;
let production: FakeProduction;
let model: string;
let suffix = 0;

beforeAll(async () => {
  [environment, bundle] = await Promise.all([
    startTimeSkipping(),
    bundleWorkflows(join(__dirname, 'owner-and-listeners.ts')),
  ]);
  const { nativeConnection: connection } = environment;
  // One pair of workers for all tests; each test has a production of its own.
  const current = (name: string) => (input: never) =>
    (production.activities as unknown as Record<string, (input: never) => Promise<unknown>>)[name]!(input);
  const names = Object.keys(new FakeProduction().activities);
  worker = await Worker.create({ connection, taskQueue: PIPELINES, workflowBundle: bundle });
  services = await Worker.create({
    connection,
    taskQueue: 'services',
    activities: Object.fromEntries(names.map((name) => [name, current(name)])),
  });
  running = Promise.all([worker.run(), services.run()]);
});

afterAll(async () => {
  worker.shutdown();
  services.shutdown();
  await running;
  await environment.teardown();
});

beforeEach(() => {
  production = new FakeProduction();
  suffix += 1;
  model = `churn-${suffix}`;
});

afterEach(async () => {
  await environment.client.workflow
    .getHandle(modelReleaseIdFor(model))
    .terminate()
    .catch(() => undefined);
});

type Owner = WorkflowHandle<typeof modelRelease>;

/** A run that listens, and its request. */
async function runOf(name: string, changes: Partial<ReleaseRequest> = {}) {
  const workflowId = `${name}-${suffix}`;
  const handle = await environment.client.workflow.start<typeof listeningRun>('listeningRun', {
    workflowId,
    taskQueue: PIPELINES,
  });
  const request = requestOf(workflowId, { model, ...changes });
  const heard = () =>
    handle.query<typeof heardQuery extends infer Query ? never[] | Heard[] : never>('heard');
  return { handle, request, workflowId, heard: heard as () => Promise<Heard[]> };
}
type Heard = { state: string } & Record<string, unknown>;

async function submit(request: ReleaseRequest): Promise<Owner> {
  return environment.client.workflow.signalWithStart<typeof modelRelease, [ReleaseRequest]>('modelRelease', {
    workflowId: modelReleaseIdFor(model),
    taskQueue: PIPELINES,
    args: [{ model }],
    signal: RELEASE_MESSAGES.submit,
    signalArgs: [request],
  });
}

async function eventually<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await pause(20);
  }
  throw new Error(`never happened: ${what}`);
}

const heardLast = (run: { heard: () => Promise<Heard[]>; workflowId: string }, state: string) =>
  eventually(`${run.workflowId} hears ${state}`, async () => {
    const heard = await run.heard();
    return heard.at(-1)?.state === state ? heard : undefined;
  });
const words = (heard: Heard[]) => heard.map(({ state }) => state);
const statusOf = (owner: Owner) => owner.query<ModelStatus>(RELEASE_MESSAGES.status);
const decide = (owner: Owner, name: 'approve' | 'reject', requestId: string, why = 'looked at it') =>
  owner.executeUpdate<ModelStatus, [unknown]>(name, { args: [{ requestId, by: 'ada', why }] });
const approvalRequired = { required: true, timeoutSeconds: 3600, why: 'the champion could not be compared' };

test('a request is registered, tested, switched to and made champion, in this order', async () => {
  const run = await runOf('a');
  const owner = await submit(run.request);
  const heard = await heardLast(run, 'finished');
  expect(words(heard)).toEqual(['registered', 'deploying', 'finished']);
  expect(heard.at(-1)).toMatchObject({
    outcome: 'deployed',
    version: '1',
    endpoint: 'http://127.0.0.1:20000',
  });
  expect(production.calls).toEqual([
    `registerVersion ${run.workflowId}`,
    'readChampion',
    'stageDeployment 1',
    'switchDeployment 1',
    'setChampionAlias 1',
    'completeDeployment',
  ]);
  expect(await statusOf(owner)).toMatchObject({
    champion: { version: '1', endpoint: 'http://127.0.0.1:20000' },
    requests: [{ requestId: run.request.requestId, state: 'finished', note: 'deployed' }],
    history: [{ version: '1', event: 'deployed', by: run.workflowId }],
  });
});

test('where nothing is deployed the run ends registered, and nobody becomes champion', async () => {
  const run = await runOf('a', { deployTarget: 'none' });
  await submit(run.request);
  const heard = await heardLast(run, 'finished');
  expect(heard.at(-1)).toMatchObject({ outcome: 'registered', version: '1' });
  expect(production.calls).toEqual([`registerVersion ${run.workflowId}`]);
  expect(production.champion).toBeNull();
});

test('of two runs at once the second waits, hears behind whom, and is sent back because the champion changed', async () => {
  const [first, second] = [await runOf('a'), await runOf('b')];
  const release = production.hold('stageDeployment');
  const owner = await submit(first.request);
  await eventually('a deploys', () => production.calls.includes('stageDeployment 1') || undefined);
  await submit(second.request);
  const queued = await heardLast(second, 'queued');
  expect(queued.at(-1)).toMatchObject({ behind: [first.workflowId] });
  release();
  await heardLast(first, 'finished');
  const heard = await heardLast(second, 'champion-changed');
  expect(heard.at(-1)).toMatchObject({ championVersion: '1' });
  expect(production.calls.filter((call) => call.startsWith('stageDeployment'))).toEqual([
    'stageDeployment 1',
  ]);

  // The run evaluates again against the new champion, and asks once more.
  await submit({ ...second.request, requestId: `${second.workflowId}/2`, championVersion: '1' });
  const end = await heardLast(second, 'finished');
  expect(end.at(-1)).toMatchObject({ outcome: 'deployed', version: '2' });
  expect((await statusOf(owner)).champion?.version).toBe('2');
});

test('a request that waits for a person blocks nobody, and is deployed once approved', async () => {
  const [waiting, quick] = [
    await runOf('a', { approval: approvalRequired, championVersion: '2' }),
    await runOf('b'),
  ];
  const owner = await submit(waiting.request);
  const asked = await heardLast(waiting, 'awaiting-approval');
  expect(asked.at(-1)).toMatchObject({ version: '1', why: approvalRequired.why });
  await submit(quick.request);
  await heardLast(quick, 'finished');
  const status = await decide(owner, 'approve', waiting.request.requestId);
  expect(status.history[0]).toMatchObject({ event: 'approved', by: 'ada', why: 'looked at it' });
  await heardLast(waiting, 'finished');
  expect(production.champion).toBe('1');
});

test('a rejection ends the request with who and why, and touches nothing', async () => {
  const run = await runOf('a', { approval: approvalRequired });
  const owner = await submit(run.request);
  await heardLast(run, 'awaiting-approval');
  await decide(owner, 'reject', run.request.requestId, 'too slow');
  const heard = await heardLast(run, 'finished');
  expect(heard.at(-1)).toMatchObject({
    outcome: 'rejected',
    version: '1',
    reason: 'rejected by ada: too slow',
  });
  expect(production.calls).toEqual([`registerVersion ${run.workflowId}`]);
});

test('a decision passed on by the run as a signal counts like an update', async () => {
  const run = await runOf('a', { approval: approvalRequired });
  const owner = await submit(run.request);
  await heardLast(run, 'awaiting-approval');
  await owner.signal(RELEASE_MESSAGES.decide, {
    requestId: run.request.requestId,
    by: 'ada',
    approved: true,
  });
  const heard = await heardLast(run, 'finished');
  expect(heard.at(-1)).toMatchObject({ outcome: 'deployed' });
});

test('when nobody decides, the request is rejected at its time and not before', async () => {
  const run = await runOf('a', { approval: approvalRequired });
  const owner = await submit(run.request);
  await heardLast(run, 'awaiting-approval');
  await environment.sleep('59 minutes');
  expect((await statusOf(owner)).requests[0]?.state).toBe('awaiting-approval');
  await environment.sleep('2 minutes');
  const heard = await heardLast(run, 'finished');
  expect(heard.at(-1)).toMatchObject({
    outcome: 'rejected',
    reason: expect.stringContaining('nobody approved or rejected') as unknown,
  });
});

test.each([
  { name: 'an unknown request', change: { requestId: 'nobody/1' }, says: /no open request/ },
  { name: 'no name', change: { by: '' }, says: /needs requestId and by/ },
  { name: 'a request that is done', change: {}, says: /no open request/ },
])('a decision with $name is refused and leaves no trace', async ({ change, says }) => {
  const run = await runOf('a');
  const owner = await submit(run.request);
  await heardLast(run, 'finished');
  const decision = { requestId: run.request.requestId, by: 'ada', ...change };
  await expect(owner.executeUpdate('approve', { args: [decision] })).rejects.toMatchObject({
    cause: { type: 'APPROVAL_REFUSED', message: expect.stringMatching(says) as unknown },
  });
});

test('a request that is submitted twice is released once', async () => {
  const run = await runOf('a');
  const release = production.hold('registerVersion');
  await submit(run.request);
  await submit(run.request);
  release();
  await heardLast(run, 'finished');
  await submit(run.request);
  const heard = await eventually('the last word again', async () => {
    const all = await run.heard();
    return all.length > 3 ? all : undefined;
  });
  expect(words(heard)).toEqual(['registered', 'deploying', 'finished', 'finished']);
  expect(production.calls.filter((call) => call.startsWith('switchDeployment'))).toHaveLength(1);
});

test('a run that is cancelled takes its request out of the line', async () => {
  const [first, second] = [await runOf('a'), await runOf('b')];
  const release = production.hold('stageDeployment');
  const owner = await submit(first.request);
  await eventually('a deploys', () => production.calls.includes('stageDeployment 1') || undefined);
  await submit(second.request);
  await heardLast(second, 'queued');
  await owner.signal(RELEASE_MESSAGES.withdraw, { requestId: second.request.requestId });
  // What has begun is finished: a half-finished switch is nobody's wish.
  await owner.signal(RELEASE_MESSAGES.withdraw, { requestId: first.request.requestId });
  release();
  await heardLast(first, 'finished');
  const status = await statusOf(owner);
  expect(status.requests.map(({ note }) => note).sort()).toEqual([
    'deployed',
    'withdrawn: its run was cancelled',
  ]);
  expect(production.calls).not.toContain('stageDeployment 2');
});

test('a run that is closed when its turn comes is not deployed, and the next one is', async () => {
  const [gone, next] = [await runOf('a', { approval: approvalRequired }), await runOf('b')];
  const owner = await submit(gone.request);
  await heardLast(gone, 'awaiting-approval');
  await gone.handle.terminate('gone');
  await decide(owner, 'approve', gone.request.requestId);
  await submit(next.request);
  const heard = await heardLast(next, 'finished');
  expect(heard.at(-1)).toMatchObject({ outcome: 'deployed', version: '2' });
  expect(production.calls).not.toContain('stageDeployment 1');
  expect((await statusOf(owner)).history.map(({ event }) => event)).toContain('withdrawn: its run is closed');
});

test('a failed smoke test fails the request by its code; the previous version keeps serving', async () => {
  const [good, bad] = [await runOf('a'), await runOf('b', { championVersion: '1' })];
  await submit(good.request);
  await heardLast(good, 'finished');
  const before = production.serving;
  production.fail(
    'stageDeployment',
    ApplicationFailure.nonRetryable('3 of 50 rows differ', 'SMOKE_TEST_FAILED'),
  );
  const owner = await submit(bad.request);
  const heard = await heardLast(bad, 'failed');
  expect(heard.at(-1)).toMatchObject({
    code: 'SMOKE_TEST_FAILED',
    message: '3 of 50 rows differ',
    version: '2',
  });
  expect(production.serving).toBe(before);
  expect(production.champion).toBe('1');
  expect(production.calls.slice(-2)).toEqual(['stageDeployment 2', 'discardDeployment']);
  expect((await statusOf(owner)).champion?.version).toBe('1');
});

test('an alias that cannot be set for a while is set in the end, with one switch', async () => {
  const run = await runOf('a');
  const unavailable = () => ApplicationFailure.retryable('no answer', 'MLFLOW_UNAVAILABLE');
  production.fail('setChampionAlias', unavailable(), unavailable(), unavailable());
  await submit(run.request);
  const heard = await heardLast(run, 'finished');
  expect(heard.at(-1)).toMatchObject({ outcome: 'deployed' });
  expect(production.champion).toBe('1');
  expect(production.calls.filter((call) => call === 'setChampionAlias 1')).toHaveLength(4);
  expect(production.calls.filter((call) => call === 'switchDeployment 1')).toHaveLength(1);
});

test('an alias that is refused for good turns the endpoint back', async () => {
  const [good, bad] = [await runOf('a'), await runOf('b', { championVersion: '1' })];
  await submit(good.request);
  await heardLast(good, 'finished');
  const before = production.serving;
  production.fail('setChampionAlias', ApplicationFailure.nonRetryable('read-only', 'MLFLOW_REFUSED'));
  await submit(bad.request);
  const heard = await heardLast(bad, 'failed');
  expect(heard.at(-1)).toMatchObject({ code: 'MLFLOW_REFUSED' });
  expect(production.serving).toBe(before);
  expect(production.champion).toBe('1');
});

test('a failed registration fails only its own request', async () => {
  const [bad, good] = [await runOf('a'), await runOf('b')];
  production.fail('registerVersion', ApplicationFailure.nonRetryable('a foreign model', 'REGISTRY_CONFLICT'));
  await submit(bad.request);
  await submit(good.request);
  await heardLast(bad, 'failed');
  await heardLast(good, 'finished');
});

test('a person rolls back and promotes; the versions pass the same test, and who and why are on record', async () => {
  const [first, second] = [await runOf('a'), await runOf('b', { championVersion: '1' })];
  const owner = await submit(first.request);
  await heardLast(first, 'finished');
  await submit(second.request);
  await heardLast(second, 'finished');
  production.calls.length = 0;

  const back = await owner.executeUpdate<ModelStatus, [unknown]>('rollback', {
    args: [{ version: '1', by: 'ada', why: 'complaints' }],
  });
  expect(back.champion?.version).toBe('1');
  expect(back.history[0]).toMatchObject({ version: '1', event: 'rolled back', by: 'ada', why: 'complaints' });
  expect(production.champion).toBe('1');
  expect(production.calls).toEqual([
    'stageVersion 1',
    'switchDeployment 1',
    'setChampionAlias 1',
    'completeDeployment',
  ]);
  await expect(
    owner.executeUpdate('rollback', { args: [{ version: '1', by: 'ada' }] }),
  ).rejects.toMatchObject({ cause: { type: 'APPROVAL_REFUSED' } });

  production.fail('stageVersion', ApplicationFailure.nonRetryable('no such version', 'MODEL_NOT_FOUND'));
  await expect(owner.executeUpdate('promote', { args: [{ version: '9', by: 'ada' }] })).rejects.toMatchObject(
    { cause: { type: 'MODEL_NOT_FOUND' } },
  );
  expect((await statusOf(owner)).champion?.version).toBe('1');
  expect((await statusOf(owner)).history[0]).toMatchObject({ event: 'promote failed', by: 'ada' });
});

test('a version that is deployed nowhere is tried, and gets the alias only', async () => {
  const run = await runOf('a', { deployTarget: 'none' });
  const owner = await submit(run.request);
  await heardLast(run, 'finished');
  production.unserved.add('1');
  production.calls.length = 0;
  await owner.executeUpdate('promote', { args: [{ version: '1', by: 'ada' }] });
  expect(production.calls).toEqual(['stageVersion 1', 'setChampionAlias 1', 'discardDeployment']);
  expect(production.serving).toBeUndefined();
});

test('the champion is asked of the registry: a person who moved the alias there is not overwritten unseen', async () => {
  const run = await runOf('a');
  production.champion = '7';
  const owner = await submit(run.request);
  const heard = await heardLast(run, 'champion-changed');
  expect(heard.at(-1)).toMatchObject({ championVersion: '7' });
  expect((await statusOf(owner)).champion?.version).toBe('7');
});

test('a full history is left behind without losing a request, its approval or its deadline', async () => {
  const waiting = await runOf('a', { approval: approvalRequired });
  const owner = await submit(waiting.request);
  await heardLast(waiting, 'awaiting-approval');
  const firstRun = (await owner.describe()).runId;
  const until = (await waiting.heard()).at(-1)?.['until'];

  // Repeated submissions change nothing, but each is an event.
  for (let sent = 0; sent < 2000; sent += 100)
    await Promise.all(
      Array.from({ length: 100 }, () => owner.signal(RELEASE_MESSAGES.submit, waiting.request)),
    );
  await eventually('continue-as-new', async () => {
    const { runId } = await environment.client.workflow.getHandle(owner.workflowId).describe();
    return runId === firstRun ? undefined : true;
  });
  const next = environment.client.workflow.getHandle<typeof modelRelease>(owner.workflowId);
  const status = await statusOf(next);
  expect(status.requests).toMatchObject([
    {
      requestId: waiting.request.requestId,
      state: 'awaiting-approval',
      note: expect.stringContaining(String(until)) as unknown,
    },
  ]);
  await decide(next, 'approve', waiting.request.requestId);
  await heardLast(waiting, 'finished');
  expect(production.champion).toBe('1');
});

test('an owner that is cancelled finishes the deployment that has begun, and tells the others', async () => {
  const [first, second] = [await runOf('a'), await runOf('b')];
  const release = production.hold('stageDeployment');
  const owner = await submit(first.request);
  await eventually('a deploys', () => production.calls.includes('stageDeployment 1') || undefined);
  await submit(second.request);
  await heardLast(second, 'queued');
  await owner.cancel();
  release();
  await expect(owner.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(words(await heardLast(first, 'finished')).at(-1)).toBe('finished');
  expect((await heardLast(second, 'failed')).at(-1)).toMatchObject({ code: 'RUN_CONFLICT' });
  expect(production.champion).toBe('1');
});
