/** Catches options that are taken and ignored: parameters, samples, ends, cached steps, filters; and paths that no data scientist can open. */
import { runPython } from '../../../support/python';
import { CLI_TEST_MS, type CliProject } from '../cli-project';

interface Shown {
  readonly workflowId: string;
  readonly outcome: string;
  readonly stages: readonly { stage: string; state: string; note?: string }[];
  readonly candidates: readonly { name: string; state: string }[];
}

/** Runs a pipeline whose training takes a tenth of a second in all the ways that `run` knows. */
export function testRunOptions(project: () => CliProject): void {
  describe('the options of run', () => {
    let first: Shown;
    const run = (...words: string[]): Promise<Shown> => project().json<Shown>(0, 'run', 'quick', ...words);
    const starts = (): number => project().scripted.starts('one').length;
    const stateOf = ({ stages }: Shown, stage: string): string | undefined =>
      stages.find((one) => one.stage === stage)?.state;

    beforeAll(async () => {
      await project().scripted.writePipeline(
        'quick',
        [{ name: 'one', params: { weight: '{{ params.weight }}' } }],
        {
          params: { weight: { type: 'number', default: 0.8 } },
          registry: { model: 'quick' },
        },
      );
      first = await run();
    }, CLI_TEST_MS);

    test(
      'nothing is trained twice, unless --no-cache or --from says so',
      async () => {
        expect(first.outcome).toBe('registered');
        expect(starts()).toBe(1);
        const again = await run();
        expect([again.outcome, stateOf(again, 'split'), starts()]).toEqual(['registered', 'cached', 1]);
        const late = await run('--from', 'compare');
        expect([stateOf(late, 'split'), starts()]).toEqual(['cached', 1]);
        const middle = await run('--from', 'train', '--until', 'train');
        expect([stateOf(middle, 'split'), middle.outcome, starts()]).toEqual(['cached', 'stopped', 2]);
        const whole = await run('--no-cache', '--until', 'train');
        expect([stateOf(whole, 'split'), starts()]).toEqual(['done', 3]);
      },
      CLI_TEST_MS,
    );

    test(
      '--until ends after that stage, --sample uses about so many rows, --param reaches the trainer, --id names the run',
      async () => {
        const early = await run('--until', 'split', '--sample', '100', '--id', 'quick/sampled');
        expect(early).toMatchObject({ outcome: 'stopped', workflowId: 'quick/sampled' });
        expect(early.stages.filter(({ stage }) => stage === 'train')).toEqual([
          expect.objectContaining({ state: expect.stringMatching(/pending|skipped/) as string }),
        ]);
        const path = await pathOf(project(), 'quick/sampled', 'dataset');
        const rows = Number(await pandas(path, 'len(frame)'));
        expect(rows).toBeGreaterThan(50);
        expect(rows).toBeLessThan(160);

        const repeated = await project().json<{ error: { code: string } }>(
          1,
          'run',
          'quick',
          '--id',
          'quick/sampled',
        );
        expect(repeated.error.code).toBe('RUN_ALREADY_EXISTS');

        const before = starts();
        const other = await run('--param', 'weight=0.25', '--until', 'train');
        expect(starts()).toBe(before + 1);
        const input = await pathOf(
          project(),
          other.workflowId,
          'train',
          '--candidate',
          'one',
          '--file',
          'input.json',
        );
        expect(
          await runPython([
            '-c',
            'import json, sys; print(json.load(open(sys.argv[1]))["params"]["weight"])',
            input,
          ]),
        ).toBe('0.25\n');
      },
      CLI_TEST_MS,
    );

    test(
      'artifacts get prints one path, which pandas opens',
      async () => {
        const { out } = await project().millrace('artifacts', 'get', first.workflowId, 'split');
        expect(out).toMatch(/^\/\S+\.parquet\n$/);
        expect(await pandas(out.trim(), 'len(frame)')).toBe('400\n');
        const predictions = await pathOf(project(), first.workflowId, 'train', '--candidate', 'one');
        expect(await pandas(predictions, 'list(frame.columns)')).toBe("['__row_id', 'score']\n");
      },
      CLI_TEST_MS,
    );

    test(
      'runs are listed newest first, by pipeline, outcome, moment and number',
      async () => {
        const list = (
          ...words: string[]
        ): Promise<{ workflowId: string; outcome: string; startedAt: string; pipeline: string }[]> =>
          project().json(0, 'runs', ...words);
        const all = await list();
        const moments = all.map(({ startedAt }) => startedAt);
        expect(moments).toEqual([...moments].sort().reverse());
        expect(new Set(all.map(({ pipeline }) => pipeline))).toEqual(new Set(['my', 'quick']));
        const stopped = await list('--pipeline', 'quick', '--outcome', 'stopped');
        expect(stopped.length).toBe(4);
        expect(stopped.every(({ outcome }) => outcome === 'stopped')).toBe(true);
        expect(await list('--pipeline', 'quick', '--limit', '2')).toEqual(all.slice(0, 2));
        expect(await list('--since', '1h')).toEqual(all);
        expect(await list('--since', '2999-01-01')).toEqual([]);
      },
      CLI_TEST_MS,
    );
  });
}

async function pathOf(project: CliProject, run: string, stage: string, ...words: string[]): Promise<string> {
  return (await project.json<{ path: string }>(0, 'artifacts', 'get', run, stage, ...words)).path;
}

/** What Python makes of `expression` on the table at `path`. It leaves at once: Arrow's threads now and then abort an orderly end (apache/arrow issue 34314). */
function pandas(path: string, expression: string): Promise<string> {
  return runPython([
    '-c',
    `import os, sys, pandas; frame = pandas.read_parquet(sys.argv[1]); print(${expression}, flush=True); os._exit(0)`,
    path,
  ]);
}
