/** Hunts: a training that is paid for twice, or lost, because the worker that followed it was killed. */
import { isRunning } from '../support/faults/processes';
import { FAULT_TEST_MS, FaultStack, STACK_START_MS } from '../support/faults/stack';
import { until } from '../support/faults/until';

describe('a worker that is killed', () => {
  let stack: FaultStack;
  beforeAll(async () => {
    stack = await FaultStack.start();
  }, STACK_START_MS);
  afterAll(() => stack.stop(), STACK_START_MS);

  test(
    'leaves its training to the next one, which adopts it: the trainer runs exactly once',
    async () => {
      const { project, runs, worker } = stack;
      await project.writePipeline('killed', [{ name: 'one', params: { hold: true } }], {
        registry: { model: 'killed' },
      });
      const run = await runs.start('killed');
      const [start] = await until('the trainer starts', () =>
        Promise.resolve(project.starts().slice(0, 1)[0] && project.starts()),
      );
      await worker.kill();
      expect(isRunning(start!.pid)).toBe(true);

      await worker.start();
      await project.letGo();
      const status = await runs.ended(run);
      expect(status).toMatchObject({ outcome: 'registered', winner: 'one', model: { version: '1' } });
      expect(status.candidates).toMatchObject([{ name: 'one', state: 'done', attempts: 1 }]);
      expect(project.starts()).toEqual([start]);
    },
    FAULT_TEST_MS,
  );
});
