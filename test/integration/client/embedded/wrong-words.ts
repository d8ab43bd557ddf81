/** Catches a mistake that starts a run, is told without its place, or ends with an exit code that a script takes for something else. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLI_TEST_MS, type CliProject } from '../cli-project';

interface Refusal {
  readonly error: { code: string; message: string; where?: string; mend?: string };
}

const NOT_YET = `apiVersion: millrace/v1
name: later
sources: { rows: { uri: rows.csv } }
dataset: { key: id, label: label, positive: "yes" }
candidates:
  - { name: one, trainer: sklearn/logistic-regression }
registry: { model: later }
deploy: { target: kubernetes }
`;

/** Types what is wrong, on a stack that is up. */
export function testWrongWords(project: () => CliProject): void {
  describe('what is typed wrong', () => {
    test.each<[string[], number, string, RegExp]>([
      [['run', 'mi'], 2, 'PIPELINE_NOT_FOUND', /Did you mean my\?/],
      [['validate', 'mi'], 2, 'PIPELINE_NOT_FOUND', /Did you mean my\?/],
      [['run', 'my', '--param', 'depth=1'], 2, 'PIPELINE_PARAMETER_INVALID', /depth/],
      [['run', 'my', '--param', 'depth'], 2, 'USAGE', /name=value/],
      [['run', 'my', '--until', 'nowhere'], 2, 'USAGE', /nowhere/],
      [['run', 'my', '--sample', '0'], 2, 'USAGE', /above 0/],
      [['run', 'my', '--sample', '1e99'], 2, 'USAGE', /whole number/],
      [['cancel', 'model/my'], 1, 'RUN_CONFLICT', /owner of a model/],
      [['runs', '--outcome', 'splendid'], 2, 'USAGE', /splendid/],
      [['runs', '--since', 'whenever'], 2, 'USAGE', /whenever/],
      [['worker', '--queue', 'nope'], 2, 'USAGE', /nope/],
      [['nonsense'], 2, 'USAGE', /nonsense/],
      [['status', '--env', 'nowhere'], 2, 'PROJECT_FILE_INVALID', /nowhere/],
      [['show', 'my/no-such-run'], 1, 'RUN_NOT_FOUND', /my\/no-such-run/],
      [['follow', 'my/no-such-run'], 1, 'RUN_NOT_FOUND', /my\/no-such-run/],
      [['logs', 'my/no-such-run', 'one'], 1, 'RUN_NOT_FOUND', /my\/no-such-run/],
      [['cancel', 'my/no-such-run'], 1, 'RUN_NOT_FOUND', /my\/no-such-run/],
      [['approve', 'my/no-such-run'], 1, 'RUN_NOT_FOUND', /my\/no-such-run/],
      [['retry', 'my/no-such-run'], 1, 'RUN_NOT_FOUND', /my\/no-such-run/],
      [['models', 'show', 'nobody'], 1, 'MODEL_NOT_FOUND', /nobody/],
      [['models', 'promote', 'my', '99'], 1, 'MODEL_NOT_FOUND', /99/],
    ])(
      'millrace %j: exit code %i, %s',
      async (words, exitCode, code, message) => {
        const { error } = await project().json<Refusal>(exitCode, ...words);
        expect(error.code).toBe(code);
        expect(error.message).toMatch(message);
      },
      CLI_TEST_MS,
    );

    test(
      'an id that Temporal refuses is told in its words, cut short',
      async () => {
        const { error } = await project().json<Refusal>(2, 'run', 'my', '--id', 'x'.repeat(1500));
        expect(error).toMatchObject({ code: 'USAGE', where: 'x'.repeat(100) });
        expect(error.message).toMatch(/^Temporal refused the request: /);
      },
      CLI_TEST_MS,
    );

    test(
      'a run that is over is neither cancelled, approved nor retried, and what it lacks is named',
      async () => {
        const [run] = await project().json<{ workflowId: string }[]>(
          0,
          'runs',
          '--pipeline',
          'my',
          '--limit',
          '1',
        );
        const { workflowId } = run!;
        const refused = async (exitCode: number, ...words: string[]): Promise<Refusal['error']> =>
          (await project().json<Refusal>(exitCode, ...words)).error;
        expect(await refused(1, 'cancel', workflowId)).toMatchObject({ code: 'RUN_CONFLICT' });
        expect(await refused(1, 'retry', workflowId)).toMatchObject({ code: 'RUN_CONFLICT' });
        expect(await refused(1, 'approve', workflowId)).toMatchObject({ code: 'RUN_NOT_FOUND' });
        expect((await refused(2, 'logs', workflowId, 'logistics')).mend).toContain('logistic');
        expect(await refused(1, 'logs', workflowId, 'logistic', '--attempt', '7')).toMatchObject({
          code: 'RUN_CONFLICT',
        });
        expect((await refused(2, 'artifacts', 'get', workflowId, 'nowhere')).mend).toContain('split');
      },
      CLI_TEST_MS,
    );

    test(
      'a broken pipeline file is told with line and column by validate and run, and leaves the others alone',
      async () => {
        const file = join(project().root, 'pipelines', 'later.yaml');
        const before = await project().json<unknown[]>(0, 'runs');
        try {
          await writeFile(file, 'apiVersion: millrace/v1\nname: later\nsources: { rows: [\n');
          for (const command of ['validate', 'run'])
            expect((await project().json<Refusal>(2, command, 'later')).error).toMatchObject({
              code: 'PIPELINE_FILE_INVALID',
              message: expect.stringMatching(/pipelines\/later\.yaml:\d+:\d+ /) as string,
            });

          await writeFile(file, NOT_YET);
          const { error } = await project().json<Refusal>(2, 'validate', 'later');
          expect(error.code).toBe('NOT_SUPPORTED_YET');
          expect(error.message).toMatch(/later\.yaml:8:\d+ deploy\.target: /);

          const all = await project().json<{
            valid: boolean;
            pipelines: { file: string; problem?: object }[];
          }>(2, 'validate');
          expect(all.valid).toBe(false);
          expect(all.pipelines.filter((one) => one.problem !== undefined).map((one) => one.file)).toEqual([
            'pipelines/later.yaml',
          ]);
          expect(await project().json(0, 'validate', 'my')).toMatchObject({ valid: true });
        } finally {
          await rm(file, { force: true });
        }
        expect(await project().json(0, 'runs')).toEqual(before);
      },
      CLI_TEST_MS,
    );
  });
}
