// Catches building blocks that compose only into trainingPipeline: a workflow of one's own that trains a candidate which was screened out,
// that meets the hold-out while it screens, that cannot be steered like a run, or that leaves its screening behind.
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { TrainingPipelineInput } from '../../src/contracts/runs';
import { TASK_QUEUES } from '../../src/contracts/task-queues';
import { finalistsOf } from '../../pipelines/examples/own-workflow/finalists';
import type { ScreenThenTrainInput } from '../../pipelines/examples/own-workflow/input';
import { quietTemporal } from '../support/temporal';
import { cancelled, failureOf, PipelineSuite, stagesIn, statusOf, type Run } from './pipeline-suite';
import { final } from './scripted-activities';

jest.setTimeout(60_000);
quietTemporal();

const root = join(__dirname, '..', '..');
const suite = new PipelineSuite();
beforeAll(() => suite.start({ bundle: bundleExample() }));
afterAll(() => suite.stop());
beforeEach(() => suite.next());

/** The example with the sources of the package that it imports; a worker takes what is built. */
function bundleExample(): Promise<WorkflowBundleWithSourceMap> {
  const source = join(root, 'src');
  return bundleWorkflowCode({
    workflowsPath: join(root, 'pipelines', 'examples', 'own-workflow', 'screen-then-train.ts'),
    logger: new DefaultLogger('ERROR'),
    webpackConfigHook: (config) => ({
      ...config,
      resolve: {
        ...config.resolve,
        alias: {
          // The SDK's own, by which a bundle finds its payload converter.
          ...(config.resolve?.alias as Record<string, string>),
          'millrace/workflows$': join(source, 'workflows', 'library.ts'),
          'millrace/contracts$': join(source, 'contracts', 'index.ts'),
        },
      },
    }),
  });
}

let started = 0;
async function start(
  input: unknown = { pipeline: 'telco-churn' } satisfies ScreenThenTrainInput,
): Promise<Run> {
  started += 1;
  return suite.client.workflow.start<(input: unknown) => ReturnType<Run['result']>>('screenThenTrain', {
    workflowId: `telco-churn/screened/${String(started)}`,
    taskQueue: TASK_QUEUES.pipelines,
    args: [input],
  });
}

const trained = (): string[] =>
  suite.pipeline.calls.filter(({ name }) => name === 'runTrainingJob').map(({ subject }) => subject);

test('all candidates are screened on a sample; the two best go on to all rows, and the best of them is deployed', async () => {
  const status = await (await start()).result();
  expect(status).toMatchObject({
    outcome: 'deployed',
    winner: 'boosted',
    model: { name: suite.model, version: '1' },
    report: 'reports/report.html',
  });
  expect(trained().slice(0, 3).sort()).toEqual(['boosted', 'forest', 'logistic']);
  expect(trained().slice(3).sort()).toEqual(['boosted', 'forest']);
  expect(status.candidates.map(({ name, state }) => [name, state])).toEqual([
    ['forest', 'done'],
    ['boosted', 'done'],
  ]);
  const inputs = suite.pipeline
    .inputs<{ input: TrainingPipelineInput }>('resolvePipeline')
    .map(({ input }) => input);
  expect(inputs).toEqual([
    { pipeline: 'telco-churn' },
    { pipeline: 'telco-churn', sample: 2000, until: 'compare' },
  ]);
});

test('the screening never meets the hold-out and hands nothing over', async () => {
  await (await start()).result();
  expect(suite.pipeline.count('evaluateHoldout')).toBe(1);
  expect(suite.pipeline.count('submitRelease')).toBe(1);
  expect(suite.pipeline.announced).toEqual(['stopped', 'deployed']);
});

test('a gate that is not passed ends in rejected, as in trainingPipeline', async () => {
  suite.pipeline.holdOut = 0.7;
  const status = await (await start()).result();
  expect(status).toMatchObject({ outcome: 'rejected', winner: 'boosted' });
  expect(suite.pipeline.count('submitRelease')).toBe(0);
});

test('it waits for approval, and is approved by the same update', async () => {
  suite.pipeline.resolved.approval.required = true;
  const run = await start();
  await suite.until(
    'a person is waited for',
    async () => (await statusOf(run)).state === 'awaiting-approval',
  );
  await run.executeUpdate('approve', { args: [{ by: 'ada' }] });
  expect(await run.result()).toMatchObject({ outcome: 'deployed' });
});

test('cancelled while it screens: the jobs are stopped, screening and run are both concluded', async () => {
  suite.pipeline.hold('runTrainingJob');
  const run = await start();
  await suite.until('two jobs run', () => suite.pipeline.count('runTrainingJob') === 2);
  await run.cancel();
  const status = await cancelled(run);
  expect(status).toMatchObject({ outcome: 'cancelled', reasons: ['the run was cancelled'] });
  expect(stagesIn(status, 'skipped')).toContain('train');
  expect(suite.pipeline.stopped).toHaveLength(2);
  expect(suite.pipeline.announced).toEqual(['cancelled', 'cancelled']);
});

test('a screening that fails for bad data fails the run with its error', async () => {
  suite.pipeline.fail('validateData', final('QUALITY_FAILED', 'too few rows'));
  const run = await start();
  expect(await failureOf(run)).toMatchObject({ type: 'QUALITY_FAILED', message: 'too few rows' });
  expect(trained()).toEqual([]);
  expect(suite.pipeline.announced).toEqual(['failed', 'failed']);
});

test.each([
  { what: 'a stage to stop after', input: { pipeline: 'telco-churn', until: 'train' } },
  { what: 'no finalists', input: { pipeline: 'telco-churn', finalists: 0 } },
])('an input with $what is refused at once', async ({ input }) => {
  const failure = await failureOf(await start(input));
  expect(failure.type).toBe('PIPELINE_PARAMETER_INVALID');
  expect(suite.pipeline.calls).toEqual([]);
});

describe('the finalists', () => {
  const candidate = (name: string, value: number | null, metric = 'roc_auc') => ({
    name,
    trainer: 'any',
    state: 'done' as const,
    metric: { name: metric, value },
  });
  const failed = {
    name: 'broken',
    trainer: 'any',
    state: 'failed' as const,
    error: { code: 'X', message: 'x' },
  };

  test.each([
    {
      what: 'are the best',
      of: [candidate('a', 0.7), candidate('b', 0.9), candidate('c', 0.8)],
      are: ['b', 'c'],
    },
    {
      what: 'are those with the least loss where the metric is one',
      of: [candidate('a', 0.7, 'log_loss'), candidate('b', 0.9, 'log_loss'), candidate('c', 0.8, 'log_loss')],
      are: ['a', 'c'],
    },
    {
      what: 'are by name where they are equal',
      of: [candidate('b', 0.8), candidate('c', 0.8), candidate('a', 0.8)],
      are: ['a', 'b'],
    },
    {
      what: 'have not failed and have a metric',
      of: [failed, candidate('a', null), candidate('b', 0.6)],
      are: ['b'],
    },
  ])('$what', ({ of, are }) => {
    expect(finalistsOf({ candidates: of }, 2)).toEqual(are);
  });

  test('there are none when nothing could be measured', () => {
    expect(() => finalistsOf({ candidates: [failed, candidate('a', null)] }, 2)).toThrow(
      'no candidate could be measured on the sample',
    );
  });
});
