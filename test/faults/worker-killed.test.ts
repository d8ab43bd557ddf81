/** Hunts: a training that is paid for twice, or lost, because the worker that followed it was killed; units of a pool that are lost, or given out twice, then. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
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

  test(
    'leaves its unit of a pool with its job: the others wait, and no two ever train at once',
    async () => {
      const { project, runs, worker } = stack;
      await project.clearNotes();
      const three = ['one', 'two', 'three'].map((name, index) => ({
        name,
        params: { hold: true, weight: 0.5 + index / 10 },
      }));
      await project.writePipeline('pooled', three, {
        registry: { model: 'pooled' },
        training: { pool: 'gpu', parallel: 3, timeout: '5m' },
      });
      const run = await runs.start('pooled');
      await until('a trainer starts', () => Promise.resolve(project.starts().length > 0));
      await worker.kill();
      expect(training()).toBe(1);
      await worker.start();
      await until('two wait for the unit', async () => {
        const { candidates } = await runs.status(run);
        return candidates.filter(({ waiting }) => waiting?.pool === 'gpu').length === 2;
      });
      await project.letGo();
      let most = 0;
      const ended = runs.ended(run);
      await until('the run has ended', async () => {
        most = Math.max(most, training());
        return (await runs.status(run)).outcome;
      });
      expect(most).toBe(1);
      expect(await ended).toMatchObject({ outcome: 'registered' });
      expect(
        project
          .starts()
          .map(({ candidate }) => candidate)
          .sort(),
      ).toEqual(['one', 'three', 'two']);
    },
    FAULT_TEST_MS,
  );

  test(
    'and whose run is terminated before the next one comes: the job ends, and then its unit is free',
    async () => {
      const { project, runs, worker } = stack;
      await project.clearNotes();
      const changes = {
        registry: { model: 'ended' },
        training: { pool: 'gpu', timeout: '5m' },
      } as const;
      await project.writePipeline(
        'ended',
        [{ name: 'first', params: { hold: true, weight: 0.55 } }],
        changes,
      );
      const first = await runs.start('ended');
      const [held] = await until('its trainer starts', () =>
        Promise.resolve(project.starts('first').length > 0 && project.starts('first')),
      );
      await worker.kill();
      await runs.client.workflow.getHandle(first.workflowId).terminate('the test ends it');
      expect(isRunning(held!.pid)).toBe(true);

      await project.writePipeline('ended', [{ name: 'second', params: { weight: 0.65 } }], changes);
      await worker.start();
      const second = await runs.start('ended');
      await until('the next trainer starts', () =>
        Promise.resolve(existsSync(join(project.notes, 'starts-second.jsonl'))),
      );
      expect(isRunning(held!.pid)).toBe(false);
      expect(await runs.ended(second)).toMatchObject({ outcome: 'registered', winner: 'second' });
    },
    FAULT_TEST_MS,
  );

  /** Trainers that run now. */
  function training(): number {
    return stack.project.starts().filter(({ pid }) => isRunning(pid)).length;
  }
});
