// Catches an example that only works inside this repository's tests: the worker that cannot bundle a user's file with the built package, a workflow
// that the plain Temporal CLI cannot start, trainings that the screening should have saved, and runs that Millrace's own commands do not see.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listRuns, readRun } from '../../src/client';
import { runStatusSchema, type RunStatus } from '../../src/contracts/runs';
import { FaultStack, FAULT_TEST_MS, STACK_START_MS } from '../support/faults/stack';
import { pythonFolder } from '../support/python';

const run = promisify(execFile);
const EXAMPLE = join(__dirname, '..', '..', 'pipelines', 'examples', 'own-workflow', 'screen-then-train.ts');

describe('the example workflow on real servers', () => {
  let stack: FaultStack;
  let status: RunStatus;
  const workflowId = 'screened/by-hand/1';

  const temporal = async (...words: string[]): Promise<string> =>
    (
      await run(join(pythonFolder(), 'temporal'), [
        ...words,
        ...['--address', stack.temporal.address, '--output', 'json'],
        ...['--disable-config-env', '--disable-config-file'],
      ])
    ).stdout;

  beforeAll(async () => {
    stack = await FaultStack.start({ workerOptions: ['--workflows', EXAMPLE] });
    await stack.project.writePipeline(
      'screened',
      [
        { name: 'good', params: { weight: 1 } },
        { name: 'fair', params: { weight: 0.6 } },
        { name: 'poor', params: { weight: 0.05 } },
        { name: 'refusing', params: { behave: 'refuse' } },
      ],
      { registry: { model: 'screened' } },
    );
    await temporal(
      ...['workflow', 'start', '--type', 'screenThenTrain', '--task-queue', 'millrace-pipelines'],
      ...['--workflow-id', workflowId],
      ...['--input', JSON.stringify({ pipeline: 'screened', sampleRows: 200, finalists: 2 })],
    );
    status = runStatusSchema.parse(await stack.runs.client.workflow.getHandle(workflowId).result());
  }, STACK_START_MS + FAULT_TEST_MS);
  afterAll(() => stack.stop(), STACK_START_MS);

  test('the winner is registered, and only the finalists were trained on all rows', () => {
    expect(status).toMatchObject({
      outcome: 'registered',
      winner: 'good',
      model: { name: 'screened', version: '1' },
    });
    expect(status.candidates.map(({ name, state }) => [name, state])).toEqual([
      ['good', 'done'],
      ['fair', 'done'],
    ]);
    const starts = (name: string): number => stack.project.starts(name).length;
    expect([starts('good'), starts('fair'), starts('poor'), starts('refusing')]).toEqual([2, 2, 1, 1]);
  });

  test('MLflow has a run for the screening and one for the finals, each with its candidates', async () => {
    const names = (await stack.mlflowRuns('screened')).map(({ name }) => name).sort();
    expect(names).toHaveLength(8);
    expect(names.filter((name) => name === 'good')).toHaveLength(2);
    expect(names.filter((name) => name === 'poor')).toHaveLength(1);
  });

  test('`millrace runs` and `millrace show` know both the run and its screening', async () => {
    const { client } = stack.runs;
    const listed = await listRuns(client, { pipeline: 'screened', limit: 10 });
    expect(listed.map(({ outcome }) => outcome).sort()).toEqual(['registered', 'stopped']);
    expect(listed.find(({ outcome }) => outcome === 'registered')).toMatchObject({ workflowId });
    const screeningId = listed.find(({ outcome }) => outcome === 'stopped')!.workflowId;
    expect((await readRun(client, workflowId)).status).toEqual(status);
    const screening = await readRun(client, screeningId);
    expect(screening.status.candidates.map(({ name, state }) => [name, state])).toEqual([
      ['good', 'done'],
      ['fair', 'done'],
      ['poor', 'done'],
      ['refusing', 'failed'],
    ]);
  });

  test('the plain Temporal CLI reads its status', async () => {
    const answer = await temporal('workflow', 'query', '--workflow-id', workflowId, '--name', 'status');
    expect(answer).toContain('"outcome": "registered"');
  });
});
