// Catches a failure that is retried though no retry can mend it, or not retried though it passes; one that takes the siblings of a candidate
// with it, hides behind another one, or ends a run without report and notification.
import { WorkflowFailedError } from '@temporalio/client';
import type { FinishTrackingInput, RecordCandidateInput } from '../../src/contracts/steps';
import type { RunStatus } from '../../src/contracts/runs';
import { artifactNamed } from '../support/release-requests';
import { quietTemporal } from '../support/temporal';
import { CANDIDATES } from './fake-pipeline';
import { failureOf, PipelineSuite, stagesIn, statusOf } from './pipeline-suite';
import { final, passing } from './scripted-activities';

jest.setTimeout(60_000);
quietTemporal();

const suite = new PipelineSuite();
beforeAll(() => suite.start());
afterAll(() => suite.stop());
beforeEach(() => suite.next());

/** Ends a run that must fail. */
async function failed(
  input = {},
): Promise<{ status: RunStatus; type: string; message: string; mend: unknown }> {
  const run = await suite.run(input);
  const failure = await failureOf(run);
  return { ...failure, status: await statusOf(run) };
}

describe('a failure that no retry mends ends the run at once, with its code, report and notification', () => {
  test.each([
    { activity: 'acquireData', code: 'SOURCE_NOT_FOUND', stage: 'acquire' },
    { activity: 'buildDataset', code: 'DATASET_INVALID', stage: 'dataset' },
    { activity: 'validateData', code: 'QUALITY_FAILED', stage: 'validate' },
    { activity: 'prepareFeatures', code: 'FEATURE_INVALID', stage: 'features' },
    { activity: 'splitData', code: 'LEAKAGE_FOUND', stage: 'split' },
    { activity: 'findChampion', code: 'MLFLOW_REFUSED', stage: 'holdout' },
    { activity: 'runScoringJob winner', code: 'TRAINER_BAD_RESULT', stage: 'holdout' },
    { activity: 'evaluateHoldout', code: 'EVALUATION_FAILED', stage: 'holdout' },
    { activity: 'submitRelease', code: 'STORE_CORRUPT', stage: 'release' },
  ])('$activity: $code in the stage $stage', async ({ activity, code, stage }) => {
    suite.pipeline.fail(activity, final(code));
    const { status, type, message, mend } = await failed();
    expect({ type, message, mend }).toEqual({
      type: code,
      message: `${code} as scripted`,
      mend: 'change the script',
    });
    expect(suite.pipeline.count(activity)).toBe(1);
    expect(status).toMatchObject({
      state: 'failed',
      outcome: 'failed',
      error: { code, where: 'the script', mend: 'change the script' },
      report: 'reports/report.html',
    });
    expect(stagesIn(status, 'failed')).toEqual([stage]);
    expect(suite.pipeline.announced).toEqual(['failed']);
    expect(suite.pipeline.inputs<FinishTrackingInput>('finishTracking')).toMatchObject([
      { outcome: 'failed' },
    ]);
  });

  test('resolvePipeline: the file is refused; there is nothing to report of, but people hear of it', async () => {
    suite.pipeline.fail('resolvePipeline', final('PIPELINE_FILE_INVALID'));
    const { status, type } = await failed();
    expect(type).toBe('PIPELINE_FILE_INVALID');
    expect(stagesIn(status, 'failed')).toEqual(['resolve']);
    expect(suite.pipeline.calls.map(({ name }) => name)).toEqual(['resolvePipeline', 'announceRun']);
  });

  test('startTracking: MLflow refuses; the data stages are done, nothing is trained', async () => {
    suite.pipeline.fail('startTracking', final('MLFLOW_REFUSED'));
    const { status, type } = await failed();
    expect(type).toBe('MLFLOW_REFUSED');
    expect(stagesIn(status, 'failed')).toEqual(['train']);
    expect(suite.pipeline.count('runTrainingJob')).toBe(0);
    expect(suite.pipeline.reported).toHaveLength(1);
    expect(suite.pipeline.announced).toEqual(['failed']);
  });
});

describe('a failure that passes is waited for', () => {
  test.each([
    'resolvePipeline',
    'acquireData',
    'validateData',
    'startTracking',
    'startCandidateTracking forest',
    'runTrainingJob forest',
    'evaluateCandidate forest',
    'recordCandidate forest',
    'findChampion',
    'evaluateHoldout',
    'submitRelease',
    'writeReport',
    'finishTracking',
    'announceRun',
  ])('%s fails three times, then works', async (activity) => {
    suite.pipeline.fail(activity, ...passing('MLFLOW_UNAVAILABLE', 3));
    const status = await suite.finished();
    expect(status).toMatchObject({ outcome: 'deployed', winner: 'boosted' });
    expect(suite.pipeline.count(activity)).toBe(4);
    expect(status.candidates.every(({ state }) => state === 'done')).toBe(true);
  });
});

describe('a candidate that fails does not fail its siblings', () => {
  test.each([
    { activity: 'startCandidateTracking boosted', code: 'MLFLOW_REFUSED', recorded: false },
    { activity: 'runTrainingJob boosted', code: 'TRAINER_BAD_INPUT', recorded: true },
    { activity: 'evaluateCandidate boosted', code: 'EVALUATION_FAILED', recorded: true },
  ])('$activity: $code; the second best wins', async ({ activity, code, recorded }) => {
    suite.pipeline.fail(activity, final(code));
    const status = await suite.finished();
    expect(status).toMatchObject({ outcome: 'deployed', winner: 'forest' });
    expect(status.candidates.map(({ state }) => state)).toEqual(['done', 'done', 'failed']);
    expect(status.candidates[2]?.error).toEqual({ code, message: `${code} as scripted` });
    expect(status.stages.find(({ stage }) => stage === 'train')?.note).toBe('2 of 3 candidates');
    expect(suite.pipeline.count(activity)).toBe(1);
    const records = suite.pipeline.inputs<RecordCandidateInput>('recordCandidate');
    expect(records.find(({ candidate }) => candidate === 'boosted')?.error?.code).toBe(
      recorded ? code : undefined,
    );
  });

  test('a failure that MLflow will not note keeps its own code', async () => {
    suite.pipeline.fail('runTrainingJob boosted', final('TRAINER_TIMEOUT'));
    suite.pipeline.fail('recordCandidate boosted', final('MLFLOW_REFUSED'));
    const status = await suite.finished();
    expect(status.candidates[2]).toMatchObject({ state: 'failed', error: { code: 'TRAINER_TIMEOUT' } });
  });

  test('a child that is cancelled from outside is one candidate less, not a cancelled run', async () => {
    const held = suite.pipeline.hold('runTrainingJob boosted');
    const run = await suite.run();
    await held.reached;
    const { candidates } = await statusOf(run);
    await suite.client.workflow.getHandle(candidates[2]?.workflowId ?? '').cancel();
    const status = await run.result();
    expect(status).toMatchObject({ outcome: 'deployed', winner: 'forest' });
    expect(status.candidates.map(({ state }) => state)).toEqual(['done', 'done', 'cancelled']);
    expect(status.candidates[2]?.error?.code).toBe('TRAINER_LOST');
    expect(suite.pipeline.stopped).toEqual(['runTrainingJob boosted']);
  });

  test('a candidate whose metric is not defined cannot win', async () => {
    suite.pipeline.scores.set('boosted', null);
    expect((await suite.finished()).winner).toBe('forest');
  });

  test('when none is left the run fails, naming what befell each', async () => {
    const codes = ['TRAINER_BAD_INPUT', 'TRAINER_OUT_OF_MEMORY', 'TRAINER_BAD_RESULT'];
    CANDIDATES.forEach((name, at) => suite.pipeline.fail(`runTrainingJob ${name}`, final(codes[at] ?? '')));
    const { status, type, message } = await failed();
    expect(type).toBe('ALL_CANDIDATES_FAILED');
    CANDIDATES.forEach((name, at) => expect(message).toContain(`${name}: ${codes[at] ?? ''}`));
    expect(stagesIn(status, 'failed')).toEqual(['compare']);
    expect(suite.pipeline.count('runTrainingJob')).toBe(3);
    expect(suite.pipeline.announced).toEqual(['failed']);
    expect(suite.pipeline.reported).toHaveLength(1);
  });
});

test('a champion that can no longer be run is not comparable: a person decides', async () => {
  suite.pipeline.champion = { version: '1', model: artifactNamed('train', 'champion'), threshold: 0.5 };
  suite.production.champion = '1';
  suite.production.versions.push('the champion');
  suite.pipeline.fail('runScoringJob champion', final('TRAINER_CRASHED', 'no module named xgboost'));
  const run = await suite.run();
  await suite.until('approval is asked for', async () => (await statusOf(run)).state === 'awaiting-approval');
  const status = await statusOf(run);
  expect(status.champion).toMatchObject({ version: '1', comparable: false });
  expect(status.champion?.note).toContain('no module named xgboost');
});

describe('the release', () => {
  test('a smoke test that fails fails the run by its code', async () => {
    suite.production.fail('stageDeployment', final('SMOKE_TEST_FAILED', '3 of 50 rows differ'));
    const { status, type, message } = await failed();
    expect({ type, message }).toEqual({ type: 'SMOKE_TEST_FAILED', message: '3 of 50 rows differ' });
    expect(stagesIn(status, 'failed')).toEqual(['release']);
    expect(status.model).toMatchObject({ version: '1' });
    expect(suite.pipeline.announced).toEqual(['failed']);
  });

  test('asked to end after it, a release that fails still fails the run', async () => {
    suite.production.fail('stageDeployment', final('SMOKE_TEST_FAILED'));
    expect((await failed({ until: 'release' })).type).toBe('SMOKE_TEST_FAILED');
  });

  test('a champion that changes after the evaluation is met on the hold-out before the release', async () => {
    const held = suite.pipeline.hold('submitRelease');
    const run = await suite.run();
    await held.reached;
    const first = artifactNamed('train', 'another');
    suite.pipeline.champion = { version: '1', model: first, threshold: 0.5 };
    suite.production.champion = '1';
    suite.production.versions.push(first.key);
    held.release();
    const status = await run.result();
    expect(status).toMatchObject({
      outcome: 'deployed',
      model: { version: '2' },
      champion: { version: '1' },
    });
    expect(suite.pipeline.count('evaluateHoldout')).toBe(2);
    expect(suite.pipeline.count('submitRelease')).toBe(2);
  });

  test('a champion that changes after each evaluation is a matter for people', async () => {
    // The registry says something else than what the owner finds, every time.
    suite.production.champion = '7';
    const { type, message } = await failed();
    expect(type).toBe('REGISTRY_CONFLICT');
    expect(message).toContain('changed after each of 5 evaluations');
    expect(suite.pipeline.count('evaluateHoldout')).toBe(5);
  });
});

describe('what cannot be written at the end is said, and changes no outcome', () => {
  test.each([
    { activity: 'writeReport', reason: 'the report could not be written: STORE_CORRUPT' },
    { activity: 'finishTracking', reason: 'the MLflow run could not be ended: STORE_CORRUPT' },
    { activity: 'announceRun', reason: 'nobody could be notified of the end of the run: STORE_CORRUPT' },
  ])('$activity', async ({ activity, reason }) => {
    suite.pipeline.fail(activity, final('STORE_CORRUPT'));
    const status = await suite.finished();
    expect(status.outcome).toBe('deployed');
    expect(status.reasons.join('\n')).toContain(reason);
    expect(suite.pipeline.announced).toEqual(['deployed']);
  });
});

describe('input that is refused', () => {
  test.each([
    { what: 'nothing', input: undefined },
    { what: 'no pipeline', input: {} },
    { what: 'an unknown key', input: { pipeline: 'telco-churn', cache: false } },
    { what: 'an unknown stage', input: { pipeline: 'telco-churn', until: 'deploy' } },
    { what: 'a sample of nothing', input: { pipeline: 'telco-churn', sample: 0 } },
    { what: 'a text', input: 'telco-churn' },
  ])('$what: PIPELINE_PARAMETER_INVALID, and no activity runs', async ({ input }) => {
    const run = await suite.runWith(input);
    await expect(run.result()).rejects.toThrow(WorkflowFailedError);
    expect(await failureOf(run)).toMatchObject({
      type: 'PIPELINE_PARAMETER_INVALID',
      message: expect.stringContaining('the input of trainingPipeline is not valid') as string,
    });
    expect(suite.pipeline.calls).toEqual([]);
  });
});
