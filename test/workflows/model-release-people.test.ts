// Catches an owner of a model that deploys what a person refused, forgets a decision or its deadline across continue-as-new, rolls back
// without a test or a record, or stops half-way when it is cancelled; and one that does not replay.
import { ApplicationFailure } from '@temporalio/client';
import { RELEASE_MESSAGES, type ModelStatus } from '../../src/contracts/release';
import type { modelRelease } from '../../src/workflows/model-release';
import { quietTemporal } from '../support/temporal';
import { approvalRequired, decide, eventually, heardLast, OwnerSuite, statusOf, words } from './owner-suite';

jest.setTimeout(120_000);
quietTemporal();

const suite = new OwnerSuite();
beforeAll(() => suite.start());
afterAll(() => suite.stop());
beforeEach(() => suite.next());
afterEach(() => suite.replay());

test('a request that waits for a person blocks nobody, and is deployed once approved', async () => {
  const [waiting, quick] = [
    await suite.run('a', { approval: approvalRequired, championVersion: '2' }),
    await suite.run('b'),
  ];
  const owner = await suite.submit(waiting.request);
  const asked = await heardLast(waiting, 'awaiting-approval');
  expect(asked.at(-1)).toMatchObject({ version: '1', why: approvalRequired.why });
  await suite.submit(quick.request);
  await heardLast(quick, 'finished');
  const status = await decide(owner, 'approve', waiting.request.requestId);
  expect(status.history[0]).toMatchObject({ event: 'approved', by: 'ada', why: 'looked at it' });
  await heardLast(waiting, 'finished');
  expect(suite.production.champion).toBe('1');
});

test('a rejection ends the request with who and why, and touches nothing', async () => {
  const run = await suite.run('a', { approval: approvalRequired });
  const owner = await suite.submit(run.request);
  await heardLast(run, 'awaiting-approval');
  await decide(owner, 'reject', run.request.requestId, 'too slow');
  const heard = await heardLast(run, 'finished');
  expect(heard.at(-1)).toMatchObject({
    outcome: 'rejected',
    version: '1',
    reason: 'rejected by ada: too slow',
  });
  expect(suite.production.calls).toEqual([`registerVersion ${run.workflowId}`]);
});

test('a decision passed on by the run as a signal counts like an update', async () => {
  const run = await suite.run('a', { approval: approvalRequired });
  const owner = await suite.submit(run.request);
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
  const run = await suite.run('a', { approval: approvalRequired });
  const owner = await suite.submit(run.request);
  await heardLast(run, 'awaiting-approval');
  await suite.environment.sleep('59 minutes');
  expect((await statusOf(owner)).requests[0]?.state).toBe('awaiting-approval');
  await suite.environment.sleep('2 minutes');
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
  const run = await suite.run('a');
  const owner = await suite.submit(run.request);
  await heardLast(run, 'finished');
  const decision = { requestId: run.request.requestId, by: 'ada', ...change };
  await expect(owner.executeUpdate('approve', { args: [decision] })).rejects.toMatchObject({
    cause: { type: 'APPROVAL_REFUSED', message: expect.stringMatching(says) as unknown },
  });
});

test('a person rolls back and promotes; the versions pass the same test, and who and why are on record', async () => {
  const [first, second] = [await suite.run('a'), await suite.run('b', { championVersion: '1' })];
  const owner = await suite.submit(first.request);
  await heardLast(first, 'finished');
  await suite.submit(second.request);
  await heardLast(second, 'finished');
  suite.production.calls.length = 0;

  const back = await owner.executeUpdate<ModelStatus, [unknown]>('rollback', {
    args: [{ version: '1', by: 'ada', why: 'complaints' }],
  });
  expect(back.champion?.version).toBe('1');
  expect(back.history[0]).toMatchObject({ version: '1', event: 'rolled back', by: 'ada', why: 'complaints' });
  expect(suite.production.champion).toBe('1');
  expect(suite.production.calls).toEqual([
    'stageVersion 1',
    'switchDeployment 1',
    'setChampionAlias 1',
    'completeDeployment',
  ]);
  await expect(
    owner.executeUpdate('rollback', { args: [{ version: '1', by: 'ada' }] }),
  ).rejects.toMatchObject({ cause: { type: 'APPROVAL_REFUSED' } });

  suite.production.fail(
    'stageVersion',
    ApplicationFailure.nonRetryable('no such version', 'MODEL_NOT_FOUND'),
  );
  await expect(owner.executeUpdate('promote', { args: [{ version: '9', by: 'ada' }] })).rejects.toMatchObject(
    { cause: { type: 'MODEL_NOT_FOUND' } },
  );
  expect((await statusOf(owner)).champion?.version).toBe('1');
  expect((await statusOf(owner)).history[0]).toMatchObject({ event: 'promote failed', by: 'ada' });
});

test('a version that is deployed nowhere is tried, and gets the alias only', async () => {
  const run = await suite.run('a', { deployTarget: 'none' });
  const owner = await suite.submit(run.request);
  await heardLast(run, 'finished');
  suite.production.unserved.add('1');
  suite.production.calls.length = 0;
  await owner.executeUpdate('promote', { args: [{ version: '1', by: 'ada' }] });
  expect(suite.production.calls).toEqual(['stageVersion 1', 'setChampionAlias 1', 'discardDeployment']);
  expect(suite.production.serving).toBeUndefined();
});

test('a full history is left behind without losing a request, its approval or its deadline', async () => {
  const waiting = await suite.run('a', { approval: approvalRequired });
  const owner = await suite.submit(waiting.request);
  await heardLast(waiting, 'awaiting-approval');
  const firstRun = (await owner.describe()).runId;
  const until = (await waiting.heard()).at(-1)?.until;

  // Repeated submissions change nothing, but each is an event.
  for (let sent = 0; sent < 2000; sent += 100)
    await Promise.all(
      Array.from({ length: 100 }, () => owner.signal(RELEASE_MESSAGES.submit, waiting.request)),
    );
  await eventually('continue-as-new', async () => {
    const { runId } = await suite.environment.client.workflow.getHandle(owner.workflowId).describe();
    return runId === firstRun ? undefined : true;
  });
  const next = suite.environment.client.workflow.getHandle<typeof modelRelease>(owner.workflowId);
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
  expect(suite.production.champion).toBe('1');
});

test('an owner that is cancelled finishes the deployment that has begun, and tells the others', async () => {
  const [first, second] = [await suite.run('a'), await suite.run('b')];
  const release = suite.production.hold('stageDeployment');
  const owner = await suite.submit(first.request);
  await eventually('a deploys', () => suite.production.calls.includes('stageDeployment 1') || undefined);
  await suite.submit(second.request);
  await heardLast(second, 'queued');
  await owner.cancel();
  release();
  await expect(owner.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(words(await heardLast(first, 'finished')).at(-1)).toBe('finished');
  expect((await heardLast(second, 'failed')).at(-1)).toMatchObject({ code: 'RUN_CONFLICT' });
  expect(suite.production.champion).toBe('1');
});
