// Catches an owner of a model that lets two runs race for the champion alias or the endpoint, loses or repeats a request, deploys what
// nobody waits for, or leaves alias and endpoint at odds after a failure.
import { ApplicationFailure } from '@temporalio/client';
import { RELEASE_MESSAGES } from '../../src/contracts/release';
import { quietTemporal } from '../support/temporal';
import { approvalRequired, decide, eventually, heardLast, OwnerSuite, statusOf, words } from './owner-suite';

jest.setTimeout(120_000);
quietTemporal();

const suite = new OwnerSuite();
beforeAll(() => suite.start());
afterAll(() => suite.stop());
beforeEach(() => suite.next());
afterEach(() => suite.replay());

test('a request is registered, tested, switched to and made champion, in this order', async () => {
  const run = await suite.run('a');
  const owner = await suite.submit(run.request);
  const heard = await heardLast(run, 'finished');
  expect(words(heard)).toEqual(['registered', 'deploying', 'finished']);
  expect(heard.at(-1)).toMatchObject({
    outcome: 'deployed',
    version: '1',
    endpoint: 'http://127.0.0.1:20000',
  });
  expect(suite.production.calls).toEqual([
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
  const run = await suite.run('a', { deployTarget: 'none' });
  await suite.submit(run.request);
  const heard = await heardLast(run, 'finished');
  expect(heard.at(-1)).toMatchObject({ outcome: 'registered', version: '1' });
  expect(suite.production.calls).toEqual([`registerVersion ${run.workflowId}`]);
  expect(suite.production.champion).toBeNull();
});

test('of two runs at once the second waits, hears behind whom, and is sent back because the champion changed', async () => {
  const [first, second] = [await suite.run('a'), await suite.run('b')];
  const release = suite.production.hold('stageDeployment');
  const owner = await suite.submit(first.request);
  await eventually('a deploys', () => suite.production.calls.includes('stageDeployment 1') || undefined);
  await suite.submit(second.request);
  const queued = await heardLast(second, 'queued');
  expect(queued.at(-1)).toMatchObject({ behind: [first.workflowId] });
  release();
  await heardLast(first, 'finished');
  const heard = await heardLast(second, 'champion-changed');
  expect(heard.at(-1)).toMatchObject({ championVersion: '1' });
  expect(suite.production.calls.filter((call) => call.startsWith('stageDeployment'))).toEqual([
    'stageDeployment 1',
  ]);

  // The run evaluates again against the new champion, and asks once more.
  await suite.submit({ ...second.request, requestId: `${second.workflowId}/2`, championVersion: '1' });
  const end = await heardLast(second, 'finished');
  expect(end.at(-1)).toMatchObject({ outcome: 'deployed', version: '2' });
  expect((await statusOf(owner)).champion?.version).toBe('2');
});

test('a request that is submitted twice is released once', async () => {
  const run = await suite.run('a');
  const release = suite.production.hold('registerVersion');
  await suite.submit(run.request);
  await suite.submit(run.request);
  release();
  await heardLast(run, 'finished');
  await suite.submit(run.request);
  const heard = await eventually('the last word again', async () => {
    const all = await run.heard();
    return all.length > 3 ? all : undefined;
  });
  expect(words(heard)).toEqual(['registered', 'deploying', 'finished', 'finished']);
  expect(suite.production.calls.filter((call) => call.startsWith('switchDeployment'))).toHaveLength(1);
});

test('a run that is cancelled takes its request out of the line', async () => {
  const [first, second] = [await suite.run('a'), await suite.run('b')];
  const release = suite.production.hold('stageDeployment');
  const owner = await suite.submit(first.request);
  await eventually('a deploys', () => suite.production.calls.includes('stageDeployment 1') || undefined);
  await suite.submit(second.request);
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
  expect(suite.production.calls).not.toContain('stageDeployment 2');
});

test('a run that is closed when its turn comes is not deployed, and the next one is', async () => {
  const [gone, next] = [await suite.run('a', { approval: approvalRequired }), await suite.run('b')];
  const owner = await suite.submit(gone.request);
  await heardLast(gone, 'awaiting-approval');
  await gone.handle.terminate('gone');
  await decide(owner, 'approve', gone.request.requestId);
  await suite.submit(next.request);
  const heard = await heardLast(next, 'finished');
  expect(heard.at(-1)).toMatchObject({ outcome: 'deployed', version: '2' });
  expect(suite.production.calls).not.toContain('stageDeployment 1');
  expect((await statusOf(owner)).history.map(({ event }) => event)).toContain('withdrawn: its run is closed');
});

test('a failed smoke test fails the request by its code; the previous version keeps serving', async () => {
  const [good, bad] = [await suite.run('a'), await suite.run('b', { championVersion: '1' })];
  await suite.submit(good.request);
  await heardLast(good, 'finished');
  const before = suite.production.serving;
  suite.production.fail(
    'stageDeployment',
    ApplicationFailure.nonRetryable('3 of 50 rows differ', 'SMOKE_TEST_FAILED'),
  );
  const owner = await suite.submit(bad.request);
  const heard = await heardLast(bad, 'failed');
  expect(heard.at(-1)).toMatchObject({
    code: 'SMOKE_TEST_FAILED',
    message: '3 of 50 rows differ',
    version: '2',
  });
  expect(suite.production.serving).toBe(before);
  expect(suite.production.champion).toBe('1');
  expect(suite.production.calls.slice(-2)).toEqual(['stageDeployment 2', 'discardDeployment']);
  expect((await statusOf(owner)).champion?.version).toBe('1');
});

test('an alias that cannot be set for a while is set in the end, with one switch', async () => {
  const run = await suite.run('a');
  const unavailable = () => ApplicationFailure.retryable('no answer', 'MLFLOW_UNAVAILABLE');
  suite.production.fail('setChampionAlias', unavailable(), unavailable(), unavailable());
  await suite.submit(run.request);
  const heard = await heardLast(run, 'finished');
  expect(heard.at(-1)).toMatchObject({ outcome: 'deployed' });
  expect(suite.production.champion).toBe('1');
  expect(suite.production.calls.filter((call) => call === 'setChampionAlias 1')).toHaveLength(4);
  expect(suite.production.calls.filter((call) => call === 'switchDeployment 1')).toHaveLength(1);
});

test('an alias that is refused for good turns the endpoint back', async () => {
  const [good, bad] = [await suite.run('a'), await suite.run('b', { championVersion: '1' })];
  await suite.submit(good.request);
  await heardLast(good, 'finished');
  const before = suite.production.serving;
  suite.production.fail('setChampionAlias', ApplicationFailure.nonRetryable('read-only', 'MLFLOW_REFUSED'));
  await suite.submit(bad.request);
  const heard = await heardLast(bad, 'failed');
  expect(heard.at(-1)).toMatchObject({ code: 'MLFLOW_REFUSED' });
  expect(suite.production.serving).toBe(before);
  expect(suite.production.champion).toBe('1');
});

test('a failed registration fails only its own request', async () => {
  const [bad, good] = [await suite.run('a'), await suite.run('b')];
  suite.production.fail(
    'registerVersion',
    ApplicationFailure.nonRetryable('a foreign model', 'REGISTRY_CONFLICT'),
  );
  await suite.submit(bad.request);
  await suite.submit(good.request);
  await heardLast(bad, 'failed');
  await heardLast(good, 'finished');
});

test('the champion is asked of the registry: a person who moved the alias there is not overwritten unseen', async () => {
  const run = await suite.run('a');
  suite.production.champion = '7';
  const owner = await suite.submit(run.request);
  const heard = await heardLast(run, 'champion-changed');
  expect(heard.at(-1)).toMatchObject({ championVersion: '7' });
  expect((await statusOf(owner)).champion?.version).toBe('7');
});
