// Catches a run that is released without the person whom it waits for, takes a decision when none is asked for, loses one on the way to the
// model's owner, or is brought down by a message that nobody should have sent.
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { modelReleaseIdFor } from '../../src/contracts/ids';
import { RUN_MESSAGES } from '../../src/contracts/runs';
import { quietTemporal } from '../support/temporal';
import { cancelled, PipelineSuite, stagesIn, statusOf, type Run } from './pipeline-suite';

jest.setTimeout(60_000);
quietTemporal();

const suite = new PipelineSuite();
beforeAll(() => suite.start());
afterAll(() => suite.stop());
beforeEach(async () => {
  await suite.next();
  suite.pipeline.resolved.approval = { required: true, timeoutSeconds: 3600 };
});

/** A run that waits for a person. */
async function waiting(): Promise<Run> {
  const run = await suite.run();
  await suite.until('approval is asked for', async () => (await statusOf(run)).state === 'awaiting-approval');
  return run;
}
const update = (run: Run, name: 'approve' | 'reject', decision: unknown): Promise<unknown> =>
  run.executeUpdate<unknown, [unknown]>(name, { args: [decision] });
/** What an update was refused with. */
async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.then(() => undefined).catch((refused: unknown) => refused);
  if (!(error instanceof WorkflowUpdateFailedError)) throw new Error('it was not refused', { cause: error });
  return `${error.message} ${error.cause?.message ?? ''}`;
}

test('approved: the version is deployed, and the status names it while it waits', async () => {
  const run = await waiting();
  expect(await statusOf(run)).toMatchObject({ model: { name: suite.model, version: '1' } });
  expect(suite.production.champion).toBeNull();
  expect(await update(run, 'approve', { by: 'ada', why: 'looked at it' })).toEqual({
    accepted: true,
    version: '1',
  });
  expect(await run.result()).toMatchObject({ state: 'done', outcome: 'deployed' });
  expect(suite.production.champion).toBe('1');
  expect(suite.pipeline.announced).toEqual(['awaitingApproval', 'deployed']);
});

test('rejected: the run ends rejected, with who and why; nothing is deployed', async () => {
  const run = await waiting();
  await update(run, 'reject', { by: 'grace', why: 'too risky before the holidays' });
  const status = await run.result();
  expect(status).toMatchObject({ state: 'done', outcome: 'rejected' });
  expect(status.reasons.join()).toMatch(/grace.*too risky before the holidays/);
  expect(suite.production.calls.filter((call) => call.startsWith('stageDeployment'))).toEqual([]);
  expect(suite.pipeline.announced).toEqual(['awaitingApproval', 'rejected']);
});

test('nobody decides in time: rejected', async () => {
  const status = await suite.finished();
  expect(status.outcome).toBe('rejected');
  expect(suite.production.champion).toBeNull();
});

test.each([
  { what: 'nobody', decision: {} },
  { what: 'an empty name', decision: { by: '' } },
  { what: 'an unknown key', decision: { by: 'ada', force: true } },
  { what: 'a text', decision: 'ada' },
])('a decision by $what is refused, and the run waits on', async ({ decision }) => {
  const run = await waiting();
  expect(await refusalOf(update(run, 'approve', decision))).toContain('the decision is not valid');
  expect((await statusOf(run)).state).toBe('awaiting-approval');
});

test('a decision that nobody asked for is refused by name', async () => {
  const held = suite.pipeline.hold('acquireData');
  const run = await suite.run();
  await held.reached;
  for (const name of ['approve', 'reject'] as const)
    expect(await refusalOf(update(run, name, { by: 'ada' }))).toMatch(/APPROVAL_REFUSED.*it is running/);
  held.release();
});

test('an owner that is gone: the decision is refused, the run waits on and can be cancelled', async () => {
  const run = await waiting();
  await suite.client.workflow.getHandle(modelReleaseIdFor(suite.model)).terminate();
  await refusalOf(update(run, 'approve', { by: 'ada' }));
  expect((await statusOf(run)).state).toBe('awaiting-approval');
  await run.cancel();
  expect(stagesIn(await cancelled(run), 'cancelled')).toEqual(['release']);
});

test.each([
  { what: 'nothing', word: undefined },
  { what: 'null', word: null },
  { what: 'a text', word: 'finished' },
  {
    what: 'words about another request',
    word: { requestId: 'another/1', state: 'finished', outcome: 'deployed', version: '9' },
  },
  { what: 'an unknown state', word: { requestId: 'RUN', state: 'done', version: '9' } },
])('a signal with $what changes nothing', async ({ word }) => {
  const run = await waiting();
  await run.signal<[unknown]>(RUN_MESSAGES.releaseUpdate, word);
  expect(await statusOf(run)).toMatchObject({ state: 'awaiting-approval', model: { version: '1' } });
  await update(run, 'approve', { by: 'ada' });
  expect(await run.result()).toMatchObject({ outcome: 'deployed', model: { version: '1' } });
});
