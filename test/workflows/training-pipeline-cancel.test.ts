// Catches a cancelled run that leaves a job, a child or a request to the model's owner behind, that is not reported or told, that ends as
// failed, or that calls something cancelled which was deployed already.
import type { FinishTrackingInput, RecordCandidateInput } from '../../src/contracts/steps';
import { modelReleaseIdFor } from '../../src/contracts/ids';
import { RELEASE_MESSAGES, type ModelStatus } from '../../src/contracts/release';
import { quietTemporal } from '../support/temporal';
import { cancelled, PipelineSuite, stagesIn, statusOf } from './pipeline-suite';
import { passing } from './scripted-activities';

jest.setTimeout(60_000);
quietTemporal();

const suite = new PipelineSuite();
beforeAll(() => suite.start());
afterAll(() => suite.stop());
beforeEach(() => suite.next());

const statusOfChild = async (workflowId = ''): Promise<string> =>
  (await suite.client.workflow.getHandle(workflowId).describe()).status.name;
const ownersView = (): Promise<ModelStatus> =>
  suite.client.workflow.getHandle(modelReleaseIdFor(suite.model)).query<ModelStatus>(RELEASE_MESSAGES.status);

test('during the training: the jobs are stopped before their records are closed, nothing more is started', async () => {
  suite.pipeline.hold('runTrainingJob');
  const run = await suite.run();
  await suite.until('two jobs run', () => suite.pipeline.count('runTrainingJob') === 2);
  await run.cancel();
  const status = await cancelled(run);
  expect(status).toMatchObject({
    state: 'cancelled',
    outcome: 'cancelled',
    reasons: ['the run was cancelled'],
    report: 'reports/report.html',
  });
  expect(status.candidates.map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  expect(stagesIn(status, 'cancelled')).toEqual(['train']);
  expect(suite.pipeline.count('runTrainingJob')).toBe(2);
  expect(suite.pipeline.stopped).toHaveLength(2);
  const ends = suite.pipeline.calls
    .filter(({ name }) => name === 'stopped' || name === 'recordCandidate')
    .map(({ name, subject }) => `${name} ${subject}`);
  for (const name of ['logistic', 'forest'])
    expect(ends.indexOf(`stopped runTrainingJob`)).toBeLessThan(ends.indexOf(`recordCandidate ${name}`));
  expect(ends).toHaveLength(4);
  expect(suite.pipeline.inputs<RecordCandidateInput>('recordCandidate')).toMatchObject([
    { cancelled: true },
    { cancelled: true },
  ]);
  expect(suite.pipeline.announced).toEqual(['cancelled']);
  expect(suite.pipeline.inputs<FinishTrackingInput>('finishTracking')).toMatchObject([
    { outcome: 'cancelled' },
  ]);
});

test('children that are long in closing their records are waited for, not terminated', async () => {
  suite.pipeline.hold('runTrainingJob');
  suite.pipeline.fail('recordCandidate forest', ...passing('MLFLOW_UNAVAILABLE', 3));
  const run = await suite.run();
  await suite.until('two jobs run', () => suite.pipeline.count('runTrainingJob') === 2);
  const children = (await statusOf(run)).candidates.flatMap(({ workflowId }) => workflowId ?? []);
  await run.cancel();
  await cancelled(run);
  expect(suite.pipeline.count('recordCandidate forest')).toBe(4);
  expect(await Promise.all(children.map(statusOfChild))).toEqual(['CANCELLED', 'CANCELLED']);
});

test.each([
  { activity: 'resolvePipeline', stage: 'resolve' },
  { activity: 'acquireData', stage: 'acquire' },
  { activity: 'splitData', stage: 'split' },
  { activity: 'startTracking', stage: 'train' },
  { activity: 'evaluateCandidate', stage: 'train' },
  { activity: 'runScoringJob', stage: 'holdout' },
  { activity: 'submitRelease', stage: 'release' },
])('during $activity: the stage $stage is cancelled, the end is told', async ({ activity, stage }) => {
  const held = suite.pipeline.hold(activity);
  const run = await suite.run();
  await held.reached;
  // The MLflow run is started beside the data stages: they come to their end first.
  await suite.until('its stage waits for it', async () =>
    stagesIn(await statusOf(run), 'running').includes(stage),
  );
  await run.cancel();
  const status = await cancelled(run);
  expect(stagesIn(status, 'cancelled')).toEqual([stage]);
  expect(stagesIn(status, 'failed')).toEqual([]);
  expect(status.error).toBeUndefined();
  expect(suite.pipeline.announced).toEqual(['cancelled']);
  expect(suite.production.calls).toEqual([]);
  held.release();
});

test('while a person is waited for: the request is taken back', async () => {
  suite.pipeline.resolved.approval = { required: true, timeoutSeconds: 3600 };
  const run = await suite.run();
  await suite.until('approval is asked for', async () => (await statusOf(run)).state === 'awaiting-approval');
  await run.cancel();
  expect(await cancelled(run)).toMatchObject({ state: 'cancelled', outcome: 'cancelled' });
  await suite.until('it is withdrawn', async () =>
    (await ownersView()).requests.every(({ note }) => note === 'withdrawn: its run was cancelled'),
  );
  expect(suite.production.champion).toBeNull();
  expect(suite.pipeline.announced).toEqual(['awaitingApproval', 'cancelled']);
});

test('words of the owner that come after the cancellation do not make the run look alive', async () => {
  const deployment = suite.production.hold('stageDeployment');
  const report = suite.pipeline.hold('writeReport');
  const run = await suite.run();
  await suite.until('it deploys', () => suite.production.calls.includes('stageDeployment 1'));
  await run.cancel();
  await report.reached;
  deployment();
  // What has begun is finished, and the run hears of it.
  await suite.until('the owner is done', async () =>
    (await ownersView()).requests.every(({ state }) => state === 'finished'),
  );
  await run.signal('releaseUpdate', {
    requestId: (await ownersView()).requests[0]?.requestId ?? '',
    state: 'awaiting-approval',
    version: '1',
    until: '2030-01-01T00:00:00Z',
  });
  expect((await statusOf(run)).state).toBe('cancelled');
  report.release();
  expect(await cancelled(run)).toMatchObject({ state: 'cancelled', outcome: 'cancelled' });
});

test('an outage while the end is written is ridden out', async () => {
  for (const activity of ['writeReport', 'finishTracking', 'announceRun'])
    suite.pipeline.fail(activity, ...passing('STORE_UNAVAILABLE', 2));
  const held = suite.pipeline.hold('validateData');
  const run = await suite.run();
  await held.reached;
  await run.cancel();
  await cancelled(run);
  for (const activity of ['writeReport', 'finishTracking', 'announceRun'])
    expect(suite.pipeline.count(activity)).toBe(3);
});

test('a cancellation that comes after the deployment is too late: the run is deployed', async () => {
  const held = suite.pipeline.hold('writeReport');
  const run = await suite.run();
  await held.reached;
  await run.cancel();
  await suite.until('the cancellation is in the history', async () => {
    const { events } = await run.fetchHistory();
    return (events ?? []).some((event) => event.workflowExecutionCancelRequestedEventAttributes);
  });
  held.release();
  expect(await run.result()).toMatchObject({ state: 'done', outcome: 'deployed' });
  expect(suite.pipeline.announced).toEqual(['deployed']);
});
