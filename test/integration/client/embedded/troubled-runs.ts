/** Catches a failed run that scripts take for a good one, a retry that trains again, logs of the wrong attempt, and a cancelled run whose job goes on. */
import { isRunning } from '../../../support/faults/processes';
import { until } from '../../../support/faults/until';
import { CLI_TEST_MS, type CliProject, type StartedRun } from '../cli-project';

/** Runs that fail, wait and are cancelled. */
export function testTroubledRuns(project: () => CliProject): void {
  describe('runs in trouble', () => {
    beforeAll(async () => {
      await project().scripted.writePipeline('fragile', [
        { name: 'flaky', params: { fails: 1 } },
        { name: 'broken', params: { mendable: true } },
      ]);
      await project().scripted.writePipeline('doomed', [{ name: 'lonely', params: { mendable: true } }], {
        registry: { model: 'doomed' },
      });
      await project().scripted.writePipeline('slow', [{ name: 'patient', params: { hold: true } }]);
    });

    test(
      'a candidate’s log is found by attempt, whether the training ended well or not',
      async () => {
        const { scripted } = project();
        await scripted.breakPart('broken');
        const { workflowId } = await project().json<StartedRun>(0, 'run', 'fragile', '--until', 'train');
        const log = async (candidate: string, ...words: string[]): Promise<string> => {
          const { code, out } = await project().millrace('logs', workflowId, candidate, ...words);
          expect(code).toBe(0);
          return out;
        };
        expect(await log('flaky')).toContain('start 2 of flaky');
        expect(await log('flaky', '--attempt', '2')).toContain('start 2 of flaky');
        expect(await log('flaky', '--attempt', '1')).toContain('start 1 of flaky');
        expect(await log('broken')).toContain('start 1 of broken');
        expect(await project().json(0, 'logs', workflowId, 'broken')).toMatchObject({
          path: expect.stringContaining('log.txt') as string,
        });
        expect(await project().json(1, 'logs', workflowId, 'broken', '--attempt', '2')).toMatchObject({
          error: { code: 'RUN_CONFLICT', message: expect.stringContaining('attempt 2') as string },
        });
      },
      CLI_TEST_MS,
    );

    test(
      'a failed run ends with exit code 1 wherever it is looked at; mended, retry finishes it, once',
      async () => {
        const { scripted } = project();
        await scripted.breakPart('lonely');
        const failed = await project().json<StartedRun>(1, 'run', 'doomed');
        const { workflowId } = failed;
        expect(failed).toMatchObject({ outcome: 'failed', error: { code: 'ALL_CANDIDATES_FAILED' } });
        expect(await project().json(1, 'show', workflowId)).toMatchObject({ outcome: 'failed' });
        expect(await project().json(1, 'follow', workflowId)).toMatchObject({ outcome: 'failed' });
        expect(await project().json(0, 'runs', '--pipeline', 'doomed', '--outcome', 'failed')).toMatchObject([
          { workflowId, execution: 'FAILED' },
        ]);

        await scripted.mendPart('lonely');
        const again = await project().json<StartedRun>(0, 'retry', workflowId, '--detach');
        expect(again.workflowId).toBe(workflowId);
        expect(again.runId).not.toBe(failed.runId);
        expect(await project().json(0, 'follow', workflowId)).toMatchObject({
          outcome: 'registered',
          runId: again.runId,
        });
        expect(scripted.starts('lonely')).toHaveLength(2);
        expect(await project().json(1, 'retry', workflowId)).toMatchObject({
          error: { code: 'RUN_CONFLICT' },
        });
      },
      CLI_TEST_MS,
    );

    test(
      'a detached run is followed by several, which see the training’s words; cancelled, it ends with exit code 3 and its trainer is gone',
      async () => {
        const { workflowId } = await project().json<StartedRun>(0, 'run', 'slow', '--detach');
        const trainer = await until('the trainer waits', () =>
          Promise.resolve(project().scripted.starts('patient')[0]),
        );
        expect(await project().json(1, 'retry', workflowId)).toMatchObject({
          error: { code: 'RUN_CONFLICT', message: expect.stringContaining('RUNNING') as string },
        });
        const followed = project().start('follow', workflowId, '--json');
        const log = project().start('logs', workflowId, 'patient', '--follow');
        await until('the log is shown while the training goes on', () =>
          Promise.resolve(log.said().includes('start 1 of patient')),
        );
        expect(isRunning(trainer.pid)).toBe(true);

        expect(await project().json(0, 'cancel', workflowId)).toMatchObject({ cancelling: true });
        const end = await followed.ended;
        expect(end.code).toBe(3);
        expect(JSON.parse(end.out)).toMatchObject({ outcome: 'cancelled' });
        expect((await log.ended).code).toBe(0);
        expect(isRunning(trainer.pid)).toBe(false);
        expect(await project().json(3, 'show', workflowId)).toMatchObject({ outcome: 'cancelled' });
      },
      CLI_TEST_MS,
    );
  });
}
