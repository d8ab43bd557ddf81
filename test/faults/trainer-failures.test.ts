/** Hunts: a trainer's failure without a name, one that is tried again in vain or not at all, and one that takes its siblings with it. */
import type { RunStatus } from '../../src/contracts/runs';
import { isRunning, processesOf } from '../support/faults/processes';
import { FAULT_TEST_MS, FaultStack, STACK_START_MS } from '../support/faults/stack';

describe('trainers that fail', () => {
  let stack: FaultStack;
  beforeAll(async () => {
    stack = await FaultStack.start();
  }, STACK_START_MS);
  afterAll(() => stack.stop(), STACK_START_MS);
  beforeEach(() => stack.project.clearNotes());

  test(
    'each has an error of its own and as many attempts as can help, and the others go on',
    async () => {
      const { project, runs } = stack;
      await project.writePipeline('failing', [
        { name: 'steady' },
        { name: 'flaky', params: { fails: 2, weight: 0.6 } },
        { name: 'hopeless', params: { fails: 99 } },
        { name: 'refusing', params: { behave: 'refuse' } },
        { name: 'hungry', params: { behave: 'hungry' }, resources: { memory: '160Mi' } },
        { name: 'silent', params: { behave: 'no-result' } },
        { name: 'foreign', params: { behave: 'foreign-rows' } },
        { name: 'not-a-number', params: { behave: 'nan' } },
        { name: 'sparing', params: { behave: 'too-few' } },
      ]);
      const status = await runs.run('failing', { until: 'compare' });

      expect(status).toMatchObject({ outcome: 'stopped', winner: 'steady' });
      expect(outcomes(status)).toEqual({
        steady: 'done',
        flaky: 'done',
        hopeless: 'TRAINER_CRASHED',
        refusing: 'TRAINER_BAD_INPUT',
        hungry: 'TRAINER_OUT_OF_MEMORY',
        silent: 'TRAINER_NO_RESULT',
        foreign: 'TRAINER_BAD_RESULT',
        'not-a-number': 'TRAINER_BAD_RESULT',
        sparing: 'TRAINER_BAD_RESULT',
      });
      const messageOf = (name: string) =>
        status.candidates.find((candidate) => candidate.name === name)?.error?.message;
      expect(messageOf('refusing')).toContain('these rows can never be learnt from');
      expect(messageOf('foreign')).toMatch(
        /1 rows have no prediction, 1 predictions are for rows that were not asked for/,
      );
      expect(messageOf('not-a-number')).toMatch(/1 scores are missing, NaN or infinite/);
      expect(messageOf('sparing')).toMatch(/5 rows have no prediction/);
      const counts = Object.fromEntries(
        status.candidates.map(({ name }) => [name, project.starts(name).length]),
      );
      expect(counts).toEqual({
        steady: 1,
        flaky: 3,
        hopeless: 3,
        refusing: 1,
        hungry: 3,
        silent: 1,
        foreign: 1,
        'not-a-number': 1,
        sparing: 1,
      });
    },
    FAULT_TEST_MS,
  );

  test(
    'one that never ends is ended at its timeout, with all its processes, and not tried again',
    async () => {
      const { project, runs } = stack;
      await project.writePipeline(
        'endless',
        [
          { name: 'steady', params: { weight: 0.7 } },
          { name: 'endless', params: { behave: 'endless' } },
        ],
        { training: { timeout: '12s', parallel: 2 } },
      );
      const status = await runs.run('endless', { until: 'compare' });

      expect(outcomes(status)).toEqual({ steady: 'done', endless: 'TRAINER_TIMEOUT' });
      const starts = project.starts('endless');
      expect(starts).toHaveLength(1);
      for (const { pid, job } of starts) {
        expect(isRunning(pid)).toBe(false);
        expect(processesOf(job)).toEqual([]);
      }
    },
    FAULT_TEST_MS,
  );

  test(
    'a run that has no candidate left fails, and says what befell each',
    async () => {
      const { project, runs } = stack;
      await project.writePipeline('all-failing', [
        { name: 'refusing', params: { behave: 'refuse' } },
        { name: 'silent', params: { behave: 'no-result' } },
      ]);
      const { outcome, error } = await runs.run('all-failing');
      expect(outcome).toBe('failed');
      expect(error).toMatchObject({ code: 'ALL_CANDIDATES_FAILED' });
      expect(error?.message).toMatch(/refusing: TRAINER_BAD_INPUT .*; silent: TRAINER_NO_RESULT /);
    },
    FAULT_TEST_MS,
  );
});

/** Candidate → its state, or the code of its failure. */
function outcomes({ candidates }: RunStatus): Record<string, string> {
  return Object.fromEntries(candidates.map(({ name, state, error }) => [name, error?.code ?? state]));
}
