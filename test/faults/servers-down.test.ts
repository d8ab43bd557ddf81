/** Hunts: a run that fails, or records something twice, because Temporal or MLflow was away for a while. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FAULT_TEST_MS, FaultStack, STACK_START_MS } from '../support/faults/stack';
import { until } from '../support/faults/until';

describe('servers that go down', () => {
  let stack: FaultStack;
  beforeAll(async () => {
    stack = await FaultStack.start();
  }, STACK_START_MS);
  afterAll(() => stack.stop(), STACK_START_MS);
  beforeEach(() => stack.project.clearNotes());

  test(
    'Temporal, killed during training and started again on its data: the run finishes, the trainer ran once',
    async () => {
      const { project, runs, temporal } = stack;
      await project.writePipeline('no-temporal', [{ name: 'one', params: { hold: true } }], {
        registry: { model: 'no-temporal' },
      });
      const run = await runs.start('no-temporal');
      await until('the trainer starts', () => Promise.resolve(project.starts().length > 0));
      await temporal.kill();
      // The training ends while nobody can be told.
      await project.letGo();
      const [start] = project.starts();
      await until('the trainer has ended', () =>
        Promise.resolve(existsSync(join(start?.job ?? '', 'exit.json'))),
      );
      await temporal.restart();

      expect(await runs.ended(run)).toMatchObject({
        outcome: 'registered',
        candidates: [{ name: 'one', state: 'done', attempts: 1 }],
        model: { version: '1' },
      });
      expect(project.starts()).toHaveLength(1);
    },
    FAULT_TEST_MS,
  );

  test(
    'MLflow, during a training and at the start of a run: both wait and finish, with one MLflow run a candidate and one version',
    async () => {
      const { project, runs, mlflow, mlflowServer } = stack;
      const candidates = [
        { name: 'one', params: { hold: true, weight: 0.7 } },
        { name: 'two', params: { hold: true, weight: 0.6 } },
      ];
      for (const name of ['training', 'starting'])
        await project.writePipeline(name, candidates, { registry: { model: name } });
      const training = await runs.start('training');
      await until('both train', () => Promise.resolve(project.starts().length === 2));

      await mlflowServer.kill();
      await project.letGo();
      const starting = await runs.start('starting');
      expect(await runs.failingActivity(starting)).toBe('startTracking');
      const [one] = (await runs.status(training)).candidates;
      expect(await runs.failingActivity({ workflowId: one?.workflowId ?? '', runId: '' })).toBe(
        'recordCandidate',
      );
      await mlflowServer.restart();

      for (const [name, run] of Object.entries({ training, starting })) {
        expect(await runs.ended(run)).toMatchObject({ outcome: 'registered', model: { name, version: '1' } });
        const recorded = await stack.mlflowRuns(name);
        expect(recorded.map((each) => each.name).sort()).toEqual(['one', run.workflowId, 'two'].sort());
        expect(recorded.map(({ status }) => status)).toEqual(['FINISHED', 'FINISHED', 'FINISHED']);
        const versions: number[] = [];
        for await (const { version } of mlflow.modelVersions.search({ filter: `name = '${name}'` }))
          versions.push(version);
        expect(versions).toEqual([1]);
      }
      // The second run asks for the same two trainings, and finds them.
      expect(project.starts()).toHaveLength(2);
    },
    FAULT_TEST_MS,
  );
});
