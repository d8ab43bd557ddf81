/** Catches a steering command that is taken and not heard: priority, place in the line, hold, resume, kept jobs, a date; each asked of the run afterwards. */
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PoolStatus } from '../../../../src/contracts/pools';
import type { RunStatus } from '../../../../src/contracts/runs';
import { isRunning } from '../../../support/faults/processes';
import { until } from '../../../support/faults/until';
import { CLI_TEST_MS, type CliProject, type StartedRun } from '../cli-project';

/** Types `pools`, `hold`, `resume`, `prioritise`, `cancel --keep`, `run --priority` and `run --date` at runs of which one may be active. */
export function testSteering(project: () => CliProject): void {
  describe('steering', () => {
    const DAY = '2026-11-20';
    const millrace = <Document = unknown>(code: number, ...words: string[]): Promise<Document> =>
      project().json<Document>(code, ...words);
    const show = (run: string): Promise<RunStatus> => millrace(0, 'show', run);
    const start = (...words: string[]): Promise<StartedRun> => millrace(0, 'run', ...words, '--detach');
    const error = (code: string): object => ({ error: expect.objectContaining({ code }) as object });
    const trainer = (candidate: string) =>
      until('the trainer waits', () => Promise.resolve(project().scripted.starts(candidate)[0]));
    const line = async (): Promise<(string | number)[][]> => {
      const { waiters } = await millrace<PoolStatus>(0, 'pools', 'runs-of.paced');
      return waiters.map(({ workflowId, priority }) => [workflowId, priority]);
    };

    beforeAll(async () => {
      const { scripted, root } = project();
      await copyFile(join(root, 'rows.csv'), join(root, `rows-${DAY}.csv`));
      await scripted.writePipeline('paced', [{ name: 'slow', params: { hold: true } }], {
        params: { date: { type: 'date' } },
        sources: { rows: { uri: 'rows-{{ params.date }}.csv' } },
        maxActiveRuns: 1,
      });
      await scripted.writePipeline('kept', [{ name: 'lasting', params: { hold: true, weight: 0.7 } }]);
    });
    afterEach(() => rm(join(project().scripted.notes, 'go'), { force: true }));

    test(
      'a run waits in line by its priority, which can be changed; a held one goes on when it is told to',
      async () => {
        expect(await millrace(2, 'run', 'paced', '--date', 'tomorrow')).toMatchObject(error('USAGE'));
        expect(await millrace(2, 'run', 'paced', '--date', DAY, '--priority', '9')).toMatchObject(
          error('USAGE'),
        );
        const run = (id: string, ...words: string[]) =>
          start('paced', '--date', DAY, '--id', `paced/${id}`, ...words);
        await run('first');
        await trainer('slow');
        await run('late', '--priority', '4');
        await until('one waits', async () => (await line()).length === 1);
        await run('plain');
        await until('two wait', async () => (await line()).length === 2);
        expect(await line()).toEqual([
          ['paced/plain', 3],
          ['paced/late', 4],
        ]);
        expect(await millrace(0, 'pools')).toContainEqual(
          expect.objectContaining({ pool: 'runs-of.paced', used: 1, limit: 1, waiting: 2 }),
        );
        expect((await project().millrace('pools', 'runs-of.paced')).out).toMatch(
          /1 of 1 units given out, 2 waiting\n[^]*paced\/first[^]*paced\/plain[^]*paced\/late/,
        );
        expect(await millrace(1, 'pools', 'nowhere')).toMatchObject(error('POOL_UNKNOWN'));

        expect(await millrace(2, 'prioritise', 'paced/late', '0')).toMatchObject(error('USAGE'));
        expect(await millrace(0, 'prioritise', 'paced/late', '1')).toMatchObject({ priority: 1 });
        await until('the late one is first', async () => (await line())[0]?.[0] === 'paced/late');
        expect(await show('paced/late')).toMatchObject({ priority: 1, nominalDate: `${DAY}T00:00:00Z` });

        await millrace(0, 'hold', 'paced/first', '--by', 'ada', '--why', 'a look first');
        await project().scripted.letGo();
        await until('it is held after the training', async () => {
          const { held, waiting } = await show('paced/first');
          return held?.by === 'ada' && held.why === 'a look first' && waiting !== undefined;
        });
        await millrace(0, 'resume', 'paced/first');
        for (const id of ['first', 'late', 'plain']) {
          const ended = await millrace<RunStatus>(0, 'follow', `paced/${id}`);
          expect([id, ended.state]).toEqual([id, 'done']);
        }
        expect(await millrace(1, 'hold', 'paced/first')).toMatchObject(error('RUN_CONFLICT'));
        expect(project().scripted.starts('slow')).toHaveLength(1);
      },
      CLI_TEST_MS,
    );

    test(
      'cancel --keep leaves the job, which the retry finds',
      async () => {
        const { workflowId } = await start('kept');
        const { pid } = await trainer('lasting');
        const { kept } = await millrace<{ kept: string[] }>(0, 'cancel', workflowId, '--keep');
        expect(kept).toEqual([expect.stringMatching(/^kept-lasting-/)]);
        expect(await millrace(3, 'follow', workflowId)).toMatchObject({ outcome: 'cancelled' });
        expect(isRunning(pid)).toBe(true);
        await project().scripted.letGo();
        await millrace(0, 'retry', workflowId);
        expect(project().scripted.starts('lasting')).toHaveLength(1);
      },
      CLI_TEST_MS,
    );
  });
}
