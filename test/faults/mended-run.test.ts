/** Hunts: a failed run that cannot be finished after its cause is mended, or only by paying for what was done once more. */
import type { RunStatus } from '../../src/contracts/runs';
import { FAULT_TEST_MS, FaultStack, STACK_START_MS } from '../support/faults/stack';

const DATA_STAGES = ['acquire', 'dataset', 'validate', 'features', 'split'];

describe('a failed run whose cause is mended', () => {
  let stack: FaultStack;
  beforeAll(async () => {
    stack = await FaultStack.start();
  }, STACK_START_MS);
  afterAll(() => stack.stop(), STACK_START_MS);
  beforeEach(() => stack.project.clearNotes());

  /** A run that failed late: one candidate was refused, the other trained, and its model cannot be loaded for the hold-out. */
  async function failedRun(pipeline: string, weight: number) {
    const { project, runs } = stack;
    await project.writePipeline(
      pipeline,
      [
        { name: 'good', params: { fragile: true, weight } },
        { name: 'mendable', params: { mendable: true, weight: weight - 0.5 } },
      ],
      { registry: { model: pipeline } },
    );
    await project.breakPart('model');
    await project.breakPart('mendable');
    const run = await runs.start(pipeline);
    const status = await runs.ended(run);
    expect(status).toMatchObject({ outcome: 'failed', winner: 'good', error: { code: 'TRAINER_BAD_INPUT' } });
    expect(states(status)).toEqual({ good: 'done', mendable: 'failed' });
    expect(startCounts()).toEqual({ good: 1, mendable: 1 });
    await project.mendPart('model');
    await project.mendPart('mendable');
    return run;
  }

  test(
    'is finished by `millrace retry`: only what failed runs again',
    async () => {
      const { runs } = stack;
      const failed = await failedRun('retried', 0.8);
      const status = await runs.ended(await runs.retry(failed));

      expect(status).toMatchObject({ outcome: 'registered', winner: 'good', model: { version: '1' } });
      expect(status.workflowId).toBe(failed.workflowId);
      expect(states(status)).toEqual({ good: 'cached', mendable: 'done' });
      expect(startCounts()).toEqual({ good: 1, mendable: 2 });
      for (const { stage, state } of status.stages)
        if (DATA_STAGES.includes(stage)) expect({ stage, state }).toEqual({ stage, state: 'cached' });
    },
    FAULT_TEST_MS,
  );

  test(
    'is finished by `temporal workflow reset` to points before the failure, without a second training',
    async () => {
      const { runs } = stack;
      const failed = await failedRun('reset', 0.85);
      const points = sampleOf(await runs.resetPoints(failed));
      const outcomes: (string | undefined)[] = [];
      for (const point of points) outcomes.push((await runs.ended(await runs.reset(failed, point))).outcome);
      // To the last points the failure itself is in the history that is kept.
      const kept = outcomes.indexOf('failed');
      expect(kept).toBeGreaterThan(3);
      expect(outcomes).toEqual(outcomes.map((_, index) => (index < kept ? 'registered' : 'failed')));
      expect(startCounts()).toEqual({ good: 1, mendable: 2 });
      expect(await versionsOf('reset')).toEqual([1]);
    },
    FAULT_TEST_MS,
  );

  test(
    'that has ended well can be reset into its release, too: it ends again, with the same version',
    async () => {
      const { project, runs } = stack;
      await project.writePipeline('released', [{ name: 'good', params: { weight: 0.75 } }], {
        registry: { model: 'released' },
      });
      const run = await runs.start('released');
      expect(await runs.ended(run)).toMatchObject({ outcome: 'registered' });
      for (const point of (await runs.resetPoints(run)).slice(-6))
        expect(await runs.ended(await runs.reset(run, point))).toMatchObject({
          outcome: 'registered',
          model: { version: '1' },
        });
      expect(project.starts()).toHaveLength(1);
      expect(await versionsOf('released')).toEqual([1]);
    },
    FAULT_TEST_MS,
  );

  async function versionsOf(model: string): Promise<number[]> {
    const versions: number[] = [];
    for await (const { version } of stack.mlflow.modelVersions.search({ filter: `name = '${model}'` }))
      versions.push(version);
    return versions;
  }

  function startCounts(): Record<string, number> {
    const { project } = stack;
    return { good: project.starts('good').length, mendable: project.starts('mendable').length };
  }
});

function states({ candidates }: RunStatus): Record<string, string> {
  return Object.fromEntries(candidates.map(({ name, state }) => [name, state]));
}

/** The first, the last, and every third between: each takes a whole run. */
function sampleOf<Item>(items: readonly Item[]): Item[] {
  return items.filter((_, index) => index % 3 === 0 || index === items.length - 1);
}
