// Catches a run whose table a Python function makes that reads the sources instead, runs the function where there is none, forgets its log, or asks for it
// to be run again on every run; and a failure of the function that does not end the run.
import type { BuildDatasetInput, RunFeatureJobInput, WriteTablesInput } from '../../src/contracts/steps';
import { artifactNamed } from '../support/release-requests';
import { quietTemporal } from '../support/temporal';
import { failureOf, PipelineSuite, stagesIn, statusOf } from './pipeline-suite';
import { final } from './scripted-activities';

jest.setTimeout(120_000);
quietTemporal();

const suite = new PipelineSuite();
beforeAll(() => suite.start());
afterAll(() => suite.stop());
beforeEach(async () => {
  await suite.next();
  suite.pipeline.resolved.featureCode = 'features.py:build';
});

const MADE = {
  tables: artifactNamed('tables', 'telco-churn'),
  table: artifactNamed('build', 'telco-churn'),
};
/** MLflow's run begins beside the stages, at no certain moment. */
const called = (): string[] =>
  suite.pipeline.calls.map(({ name }) => name).filter((name) => name !== 'startTracking');

test('the function runs between acquisition and dataset, on the queues of data and training, and its table is what is learnt from', async () => {
  const status = await suite.finished();
  expect(status).toMatchObject({ outcome: 'deployed' });
  expect(called().slice(0, 6)).toEqual([
    ...['resolvePipeline', 'acquireData', 'writeTables', 'runFeatureJob', 'buildDataset', 'validateData'],
  ]);
  const { pipeline } = suite;
  const { spec } = pipeline.resolved;
  const acquired = artifactNamed('acquire', 'telco-churn');
  expect(pipeline.inputs<WriteTablesInput>('writeTables')).toEqual([{ spec, fresh: false, acquired }]);
  expect(pipeline.inputs<RunFeatureJobInput>('runFeatureJob')).toMatchObject([
    { spec, fresh: false, tables: MADE.tables, run: { workflowId: status.workflowId } },
  ]);
  expect(pipeline.inputs<BuildDatasetInput>('buildDataset')).toEqual([
    { spec, fresh: false, acquired, made: MADE },
  ]);
  expect(status.stages.find(({ stage }) => stage === 'dataset')).toMatchObject({
    state: 'done',
    job: 'telco-churn-features-1',
  });
});

test('a data set is made in the same way', async () => {
  const { resolved } = suite.pipeline;
  resolved.publishes = 'churn.features';
  resolved.candidates = [];
  delete resolved.model;
  expect(await suite.finished()).toMatchObject({ outcome: 'published' });
  expect(called().slice(0, 7)).toEqual([
    ...['resolvePipeline', 'acquireData', 'writeTables', 'runFeatureJob', 'buildTable'],
    ...['validateData', 'publishDataset'],
  ]);
  expect(suite.pipeline.inputs<BuildDatasetInput>('buildTable')).toMatchObject([{ made: MADE }]);
});

test('it runs again where the stage is to run again', async () => {
  await suite.finished({ from: 'dataset' });
  expect(suite.pipeline.inputs<RunFeatureJobInput>('runFeatureJob')).toMatchObject([{ fresh: true }]);
});

test('nothing of it is called where there is no function', async () => {
  delete suite.pipeline.resolved.featureCode;
  await suite.finished();
  expect(suite.pipeline.count('writeTables') + suite.pipeline.count('runFeatureJob')).toBe(0);
  const [input] = suite.pipeline.inputs<BuildDatasetInput>('buildDataset');
  expect(input).not.toHaveProperty('made');
});

test('its failure fails the run in the stage dataset, in its own words', async () => {
  suite.pipeline.fail('runFeatureJob', final('FEATURE_CODE_FAILED', 'features.py:build raised KeyError'));
  const run = await suite.run();
  expect(await failureOf(run)).toMatchObject({
    type: 'FEATURE_CODE_FAILED',
    message: 'features.py:build raised KeyError',
  });
  expect(stagesIn(await statusOf(run), 'failed')).toEqual(['dataset']);
  expect(suite.pipeline.count('buildDataset')).toBe(0);
});
