// Catches a run that reads its data before what it waits for is there, waits for ever, goes on after a failure upstream, or is left in the ledger; and a
// pipeline that publishes a data set but trains, asks for MLflow, or announces what it has not published.
import type { Announcement, ResolvedWait } from '../../src/contracts/announcements';
import { ANNOUNCED_SIGNAL } from '../../src/contracts/announcements';
import type { AnnounceOutcomeInput } from '../../src/contracts/steps';
import { quietTemporal } from '../support/temporal';
import { cancelled, failureOf, PipelineSuite, stagesIn, statusOf } from './pipeline-suite';
import { final } from './scripted-activities';

jest.setTimeout(120_000);
quietTemporal();

const suite = new PipelineSuite();
beforeAll(() => suite.start());
afterAll(() => suite.stop());
beforeEach(() => suite.next());

const FEATURES: ResolvedWait = { dataset: 'churn.features', within: 3600, failed: ['failed'], timeout: 7200 };
const CLEANING: ResolvedWait = {
  pipeline: 'cleaning',
  outcomes: ['published'],
  within: 3600,
  failed: ['failed', 'cancelled'],
  timeout: 3600,
};
const said = (kind: Announcement['kind'], name: string, outcome: Announcement['outcome']): Announcement => ({
  id: `${kind} ${name} ${outcome}`,
  kind,
  name,
  outcome,
  pipeline: 'upstream',
  workflowId: `upstream/manual/${name}`,
  runId: 'r',
  at: '2026-01-01T00:00:00.000Z',
});

test('a run that waits shows for what, goes on when all is announced, and says who announced it', async () => {
  suite.pipeline.resolved.waitFor = [FEATURES, CLEANING];
  const run = await suite.run();
  await suite.until('it waits', async () => (await statusOf(run)).waiting !== undefined);
  expect(await statusOf(run)).toMatchObject({
    waiting: { for: 'the data set churn.features and the pipeline cleaning' },
    stages: expect.arrayContaining([expect.objectContaining({ stage: 'wait', state: 'running' })]) as unknown,
  });
  await run.signal(ANNOUNCED_SIGNAL, said('dataset', 'others', 'published'));
  await run.signal(ANNOUNCED_SIGNAL, { nonsense: true });
  await run.signal(ANNOUNCED_SIGNAL, said('pipeline', 'cleaning', 'published'));
  await suite.until(
    'it waits for one',
    async () => (await statusOf(run)).waiting?.for === 'the data set churn.features',
  );
  expect(suite.pipeline.count('acquireData')).toBe(0);
  await run.signal(ANNOUNCED_SIGNAL, said('dataset', 'churn.features', 'published'));
  const status = await run.result();
  expect(status.outcome).toBe('deployed');
  expect(status.waiting).toBeUndefined();
  expect(status.stages.map(({ stage }) => stage).slice(0, 3)).toEqual(['resolve', 'wait', 'acquire']);
  expect(status.stages[1]?.note).toContain('churn.features: published by upstream/manual/churn.features');
  expect(suite.pipeline.count('awaitAnnouncements')).toBe(1);
  expect(suite.pipeline.count('endWait')).toBe(0);
});

test('what was announced before is found at once', async () => {
  suite.pipeline.resolved.waitFor = [FEATURES];
  suite.pipeline.found.push(said('dataset', 'churn.features', 'published'));
  expect(await suite.finished()).toMatchObject({ outcome: 'deployed' });
});

test('a failure upstream fails the run, which is struck off and tells its own downstream', async () => {
  suite.pipeline.resolved.waitFor = [FEATURES, CLEANING];
  const run = await suite.run();
  await suite.until('it waits', async () => (await statusOf(run)).waiting !== undefined);
  await run.signal(ANNOUNCED_SIGNAL, said('pipeline', 'cleaning', 'cancelled'));
  expect(await failureOf(run)).toMatchObject({
    type: 'UPSTREAM_FAILED',
    message: expect.stringContaining('upstream/manual/cleaning') as unknown,
    mend: expect.stringContaining('millrace retry') as unknown,
  });
  expect(stagesIn(await statusOf(run), 'failed')).toEqual(['wait']);
  expect(suite.pipeline.count('endWait')).toBe(1);
  expect(suite.pipeline.count('acquireData')).toBe(0);
  expect(suite.pipeline.toldOthers).toEqual([expect.objectContaining({ outcome: 'failed' })]);
});

test('after a rejected run upstream the mend is not a retry, which would be refused', async () => {
  suite.pipeline.resolved.waitFor = [{ ...CLEANING, failed: ['rejected'] }];
  suite.pipeline.found.push(said('pipeline', 'cleaning', 'rejected'));
  expect(await failureOf(await suite.run())).toMatchObject({
    type: 'UPSTREAM_FAILED',
    mend: 'mend the cause and run it again with `millrace run upstream`, then retry this run',
  });
});

test('nothing in time fails the run after it has looked once more; what it finds then lets it go on', async () => {
  suite.pipeline.resolved.waitFor = [FEATURES];
  expect(await failureOf(await suite.run())).toMatchObject({
    type: 'UPSTREAM_FAILED',
    message: expect.stringContaining('2h') as unknown,
  });
  expect(suite.pipeline.count('awaitAnnouncements')).toBe(2);
  expect(suite.pipeline.count('endWait')).toBe(1);
});

test('a run that is cancelled while it waits is struck off', async () => {
  suite.pipeline.resolved.waitFor = [{ ...FEATURES, timeout: 90 * 86_400 }];
  const run = await suite.run();
  await suite.until('it waits', async () => (await statusOf(run)).waiting !== undefined);
  await run.cancel();
  expect((await cancelled(run)).outcome).toBe('cancelled');
  expect(suite.pipeline.count('endWait')).toBe(1);
});

describe('a pipeline that publishes a data set', () => {
  beforeEach(() => {
    const { resolved } = suite.pipeline;
    resolved.publishes = 'churn.features';
    resolved.candidates = [];
    delete resolved.model;
  });

  test('makes, checks and publishes the table, and nothing else', async () => {
    const nominalDate = '2026-01-02T00:00:00Z';
    const status = await suite.finished({ nominalDate });
    expect(status).toMatchObject({
      outcome: 'published',
      state: 'done',
      published: { dataset: 'churn.features', version: { rows: 7043 } },
    });
    expect(stagesIn(status, 'done')).toEqual([
      'resolve',
      'acquire',
      'dataset',
      'validate',
      'publish',
      'report',
    ]);
    expect(stagesIn(status, 'skipped')).toHaveLength(7);
    expect(suite.pipeline.calls.map(({ name }) => name)).toEqual([
      ...['resolvePipeline', 'acquireData', 'buildTable', 'validateData', 'publishDataset'],
      ...['writeReport', 'announceRun'],
    ]);
    expect(suite.pipeline.toldOthers).toEqual([
      expect.objectContaining({
        outcome: 'published',
        pipeline: 'telco-churn',
        nominalDate,
        dataset: { name: 'churn.features', version: status.published?.version },
      } satisfies Partial<AnnounceOutcomeInput>),
    ]);
  });

  test('announces a failure of the data set, without a version', async () => {
    suite.pipeline.fail('validateData', final('QUALITY_FAILED'));
    await failureOf(await suite.run());
    expect(suite.pipeline.toldOthers).toEqual([
      expect.objectContaining({ outcome: 'failed', dataset: { name: 'churn.features' } }),
    ]);
  });

  test('moves and announces nothing without promotion', async () => {
    const status = await suite.finished({ promote: false });
    expect(status).toMatchObject({ outcome: 'stopped' });
    expect(suite.pipeline.count('publishDataset')).toBe(0);
    expect(suite.pipeline.toldOthers).toEqual([]);
  });
});
