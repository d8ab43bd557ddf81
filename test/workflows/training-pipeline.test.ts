// Catches a run that skips or reorders stages, trains more candidates at once than the file permits, releases what the gate refused,
// or ends with another outcome than what happened.
import type { AcquireDataInput, FinishTrackingInput, RunTrainingJobInput } from '../../src/contracts/steps';
import { STAGES } from '../../src/contracts/runs';
import { artifactNamed } from '../support/release-requests';
import { quietTemporal } from '../support/temporal';
import { CANDIDATES } from './fake-pipeline';
import { PipelineSuite, stagesIn } from './pipeline-suite';

jest.setTimeout(60_000);
quietTemporal();

const suite = new PipelineSuite();
beforeAll(() => suite.start());
afterAll(() => suite.stop());
beforeEach(() => suite.next());

test('a run goes through all stages in order, and the best candidate on validation is deployed', async () => {
  const status = await suite.finished({ startedBy: 'ada' });
  expect(status).toMatchObject({
    state: 'done',
    outcome: 'deployed',
    winner: 'boosted',
    model: { name: suite.model, version: '1', endpoint: 'http://127.0.0.1:20000' },
    mlflow: { experimentId: '1', runId: 'parent' },
    report: 'reports/report.html',
  });
  expect(stagesIn(status, 'done')).toEqual([...STAGES]);
  const main = suite.pipeline.calls.map(({ name }) => name).filter((name) => !/andidate|Training/.test(name));
  expect(main.filter((name) => name !== 'startTracking')).toEqual([
    ...['resolvePipeline', 'acquireData', 'buildDataset', 'validateData', 'prepareFeatures', 'splitData'],
    ...['findTrained', 'findChampion', 'runScoringJob', 'evaluateHoldout', 'submitRelease'],
    ...['writeReport', 'finishTracking', 'announceRun'],
  ]);
  expect(suite.production.calls).toContain('switchDeployment 1');
  expect(status.candidates.map(({ name, state, metric }) => [name, state, metric?.value])).toEqual([
    ['logistic', 'done', 0.8],
    ['forest', 'done', 0.81],
    ['boosted', 'done', 0.82],
  ]);
  expect(suite.pipeline.announced).toEqual(['deployed']);
  expect(suite.pipeline.inputs<FinishTrackingInput>('finishTracking')).toEqual([
    expect.objectContaining({ outcome: 'deployed', winner: 'boosted', version: '1' }),
  ]);
});

test('the report is given every artifact of the run, and the reasons of the gate', async () => {
  await suite.finished();
  const [report] = suite.pipeline.reported;
  expect(Object.keys(report?.artifacts ?? {}).sort()).toEqual([
    ...['acquired', 'dataset', 'evaluations', 'features', 'holdout', 'leakage'],
    ...['profile', 'quality', 'spec', 'split'],
  ]);
  expect(Object.keys(report?.artifacts.evaluations ?? {}).sort()).toEqual([...CANDIDATES].sort());
  expect(report?.gate).toMatchObject({ passed: true, reasons: [{ passed: true }] });
});

test('candidates that are trained already wait for none that is not', async () => {
  await suite.next(['a', 'b', 'c', 'd', 'e']);
  suite.pipeline.trained.push('c', 'd', 'e');
  const held = suite.pipeline.hold('runTrainingJob');
  const run = await suite.run();
  await suite.until(
    'three trained ones and two that train',
    () => suite.pipeline.count('runTrainingJob') === 5,
  );
  held.release();
  expect(await run.result()).toMatchObject({ outcome: 'deployed', winner: 'e' });
});

test.each([
  { parallel: 1, atOnce: 1 },
  { parallel: 2, atOnce: 2 },
  { parallel: 9, atOnce: 5 },
])('five candidates, training.parallel $parallel: $atOnce at once', async ({ parallel, atOnce }) => {
  await suite.next(['a', 'b', 'c', 'd', 'e']);
  suite.pipeline.resolved.parallel = parallel;
  const held = suite.pipeline.hold('runTrainingJob');
  const run = await suite.run();
  await suite.until(`${String(atOnce)} jobs run`, () => suite.pipeline.count('runTrainingJob') === atOnce);
  held.release();
  const status = await run.result();
  expect(status.candidates.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done', 'done']);
  expect(suite.pipeline.peak('runTrainingJob')).toBe(atOnce);
  expect(suite.pipeline.count('runTrainingJob')).toBe(5);
});

test('of equal candidates the one whose name sorts first wins, whatever order they are in', async () => {
  for (const name of CANDIDATES) suite.pipeline.scores.set(name, 0.8);
  expect((await suite.finished()).winner).toBe('boosted');
});

test('a gate that is not passed ends in rejected: told and reported, nothing released', async () => {
  suite.pipeline.holdOut = 0.7;
  const status = await suite.finished();
  expect(status).toMatchObject({ state: 'done', outcome: 'rejected', winner: 'boosted' });
  expect(status.reasons).toEqual([expect.stringContaining('roc_auc on the hold-out is 0.7')]);
  expect(stagesIn(status, 'skipped')).toEqual(['release']);
  expect(suite.pipeline.count('submitRelease')).toBe(0);
  expect(suite.production.calls).toEqual([]);
  expect(suite.pipeline.announced).toEqual(['rejected']);
  expect(suite.pipeline.reported).toHaveLength(1);
});

test('the model that the champion already is ends in unchanged, before anything is scored', async () => {
  suite.pipeline.champion = {
    version: '4',
    stepKey: artifactNamed('train', 'boosted').key,
    threshold: 0.4,
  };
  const status = await suite.finished();
  expect(status).toMatchObject({ outcome: 'unchanged', model: { name: suite.model, version: '4' } });
  expect(stagesIn(status, 'skipped')).toEqual(['gate', 'release']);
  expect(suite.pipeline.count('runScoringJob')).toBe(0);
  expect(suite.pipeline.announced).toEqual(['unchanged']);
});

test.each([
  { improvement: 0.01, outcome: 'deployed' },
  { improvement: -0.1, outcome: 'rejected' },
])('against a champion: an improvement of $improvement is $outcome', async ({ improvement, outcome }) => {
  suite.pipeline.resolved.gate = [{ metric: 'roc_auc', versusChampion: { tolerance: 0.005 }, minRows: 30 }];
  suite.pipeline.champion = { version: '1', model: artifactNamed('train', 'champion'), threshold: 0.5 };
  suite.production.champion = '1';
  suite.production.versions.push('the champion');
  suite.pipeline.improvement = improvement;
  const status = await suite.finished();
  expect(status).toMatchObject({ outcome, champion: { version: '1', comparable: true } });
  expect(suite.pipeline.count('runScoringJob champion')).toBe(1);
});

test('without a registry section the run ends stopped: measured, and nothing registered', async () => {
  delete suite.pipeline.resolved.model;
  const status = await suite.finished();
  expect(status).toMatchObject({ outcome: 'stopped', state: 'done' });
  expect(status.reasons.join()).toContain('no registry section');
  expect(suite.pipeline.count('findChampion')).toBe(0);
  expect(suite.pipeline.count('submitRelease')).toBe(0);
});

describe('--until', () => {
  test.each([
    { until: 'resolve', last: 'resolvePipeline', leaves: ['evaluations', 'spec'] },
    { until: 'acquire', last: 'acquireData', leaves: ['acquired', 'evaluations', 'spec'] },
    {
      until: 'validate',
      last: 'validateData',
      leaves: ['acquired', 'dataset', 'evaluations', 'profile', 'quality', 'spec'],
    },
    { until: 'train', last: 'recordCandidate' },
    { until: 'compare', last: 'recordCandidate', winner: 'boosted' },
    { until: 'holdout', last: 'evaluateHoldout', winner: 'boosted' },
    { until: 'gate', last: 'evaluateHoldout', winner: 'boosted' },
  ] as const)('$until: the run stops after it, reports what it has, and skips the rest', async (row) => {
    const { until, last } = row;
    const status = await suite.finished({ until });
    expect(status).toMatchObject({ outcome: 'stopped', state: 'done' });
    expect(status.winner).toBe('winner' in row ? row.winner : undefined);
    const done = STAGES.slice(0, STAGES.indexOf(until) + 1);
    // Nothing but the file was read: there is nothing to report of.
    expect(stagesIn(status, 'done')).toEqual(until === 'resolve' ? done : [...done, 'report']);
    const steps = suite.pipeline.calls
      .map(({ name }) => name)
      .filter((name) => !['startTracking', 'writeReport', 'finishTracking', 'announceRun'].includes(name));
    expect(steps.at(-1)).toBe(last);
    expect(suite.pipeline.announced).toEqual(['stopped']);
    const [report] = suite.pipeline.reported;
    if ('leaves' in row && until !== 'resolve')
      expect(Object.keys(report?.artifacts ?? {}).sort()).toEqual(row.leaves);
    if (until === 'holdout') expect(report?.artifacts.holdout).toBeDefined();
    if (until === 'gate') expect(report?.gate?.passed).toBe(true);
    expect(suite.production.calls).toEqual([]);
  });

  test('release: what was deployed is called deployed', async () => {
    expect(await suite.finished({ until: 'release' })).toMatchObject({ outcome: 'deployed' });
  });
});

describe('steps that must run again', () => {
  const freshSteps = (): string[] =>
    suite.pipeline.calls
      .filter(({ input }) => (input as { fresh?: boolean }).fresh === true)
      .map(({ name, subject }) => (subject === '' ? name : `${name} ${subject}`));

  test('none unless asked for', async () => {
    await suite.finished({ until: 'gate' });
    expect(freshSteps()).toEqual([]);
    expect(suite.pipeline.inputs<AcquireDataInput>('acquireData')[0]?.fresh).toBe(false);
  });

  test('--from split: the split and all after it', async () => {
    await suite.next(['only']);
    await suite.finished({ from: 'split', until: 'gate' });
    expect(freshSteps()).toEqual([
      ...['splitData', 'runTrainingJob only', 'evaluateCandidate only'],
      ...['runScoringJob winner', 'evaluateHoldout only'],
    ]);
  });

  test('--no-cache: every step', async () => {
    await suite.next(['only']);
    await suite.finished({ noCache: true, until: 'train' });
    expect(freshSteps().slice(0, 5)).toEqual([
      ...['acquireData', 'buildDataset', 'validateData', 'prepareFeatures', 'splitData'],
    ]);
    expect(suite.pipeline.inputs<RunTrainingJobInput>('runTrainingJob')[0]?.fresh).toBe(true);
  });
});

test('the input reaches the resolution whole: parameters, environment and sample', async () => {
  const input = { params: { max_depth: 8 }, environment: 'staging', sample: 500, until: 'resolve' as const };
  const status = await suite.finished(input);
  expect(suite.pipeline.inputs('resolvePipeline')).toEqual([
    { input: { pipeline: 'telco-churn', ...input }, workflowId: status.workflowId },
  ]);
});
