/** Catches a newcomer who is left without a model: a written pipeline that does not validate, run or serve; and two projects that share a server. */
import { join } from 'node:path';
import { CLI_TEST_MS, CliProject, type StatusDocument } from '../cli-project';
import { ask, writeCustomers } from '../customers';

interface EndedRun {
  readonly outcome: string;
  readonly workflowId: string;
  readonly model: { name: string; version: string; endpoint: string };
}

/** Three commands in a fresh folder, then a second project beside it. */
export function testFirstModel(project: () => CliProject): void {
  describe('the first model', () => {
    test(
      'is three commands away from a CSV file: init, validate, run',
      async () => {
        const csv = join(project().scripted.folder, 'my.csv');
        await writeCustomers(csv);
        const made = await project().json<{ pipeline: string; files: string[] }>(
          0,
          'init',
          '--from',
          csv,
          '--label',
          'churn',
        );
        expect(made).toMatchObject({
          pipeline: 'my',
          files: expect.arrayContaining(['pipelines/my.yaml']) as string[],
        });
        expect(await project().json(0, 'validate')).toMatchObject({
          valid: true,
          pipelines: [{ name: 'my' }],
        });
        const run = await project().json<EndedRun>(0, 'run', 'my');
        expect(run).toMatchObject({ outcome: 'deployed', model: { name: 'my', version: '1' } });
        const predictions = await ask(run.model.endpoint);
        expect(predictions).toHaveLength(2);
      },
      CLI_TEST_MS,
    );

    test(
      'is served by what status and doctor know of, with exit code 0',
      async () => {
        const status = await project().json<StatusDocument>(0, 'status');
        expect(status.parts.map(({ answers, from }) => [answers, from])).toEqual(
          Array(4).fill([true, 'embedded']),
        );
        expect(status.endpoints).toMatchObject([{ model: 'my', version: '1', server: 'running' }]);
        expect(await project().json(0, 'doctor')).toMatchObject({ ok: true });
      },
      CLI_TEST_MS,
    );

    test(
      'is found by the commands that look at it, each with one JSON document',
      async () => {
        const [run] = await project().json<{ workflowId: string; outcome: string }[]>(
          0,
          'runs',
          '--pipeline',
          'my',
        );
        expect(run).toMatchObject({ outcome: 'deployed' });
        const { workflowId } = run!;
        expect(await project().json(0, 'show', workflowId)).toMatchObject({
          outcome: 'deployed',
          execution: 'COMPLETED',
        });
        expect(await project().json(0, 'follow', workflowId)).toMatchObject({ outcome: 'deployed' });
        expect(await project().json(0, 'report', workflowId)).toMatchObject({
          report: expect.stringMatching(/report\.html$/) as string,
        });
        expect(await project().json(0, 'models')).toMatchObject([{ name: 'my', aliases: { champion: 1 } }]);
        expect(await project().json(0, 'models', 'show', 'my')).toMatchObject({
          model: 'my',
          versions: [{ version: 1, aliases: ['champion'], lineage: { workflowId } }],
          owner: { champion: { version: '1' } },
        });
      },
      CLI_TEST_MS,
    );

    test(
      'stands alone: a second project gets ports and a Temporal of its own, and up twice is up once',
      async () => {
        const other = await CliProject.create();
        try {
          const csv = join(other.scripted.folder, 'my.csv');
          await writeCustomers(csv);
          await other.json(0, 'init', '--from', csv, '--label', 'churn');
          // The first project's server, at Temporal's usual address or not, is none of the second's.
          const before = await other.json<{ checks: { title: string; ok: boolean }[] }>(4, 'doctor');
          expect(before.checks).toContainEqual(
            expect.objectContaining({ title: 'Temporal server', ok: false }),
          );
          await other.json(0, 'up');
          const [mine, theirs] = [other.stack(), project().stack()];
          // At once: a build of the code in between would rightly start the workers anew.
          await other.json(0, 'up');
          expect(other.stack()).toEqual(mine);
          const addresses = ({ temporal, mlflow, worker }: typeof mine): unknown[] => [
            temporal?.address,
            temporal?.uiUrl,
            mlflow?.uri,
            worker?.healthUrl,
          ];
          expect(new Set([...addresses(mine), ...addresses(theirs)]).size).toBe(8);
          expect(await other.json(0, 'runs')).toEqual([]);
          expect(await other.json(0, 'models')).toEqual([]);
          const run = await other.json<EndedRun>(0, 'run', 'my', '--until', 'validate');
          expect(run.outcome).toBe('stopped');
          expect(await other.json(0, 'runs')).toMatchObject([{ workflowId: run.workflowId }]);
          const here = await project().json<{ workflowId: string }[]>(0, 'runs');
          expect(here.map(({ workflowId }) => workflowId)).not.toContain(run.workflowId);

          expect(await other.json(0, 'down')).toEqual({ stopped: ['temporal', 'mlflow', 'worker', 'serve'] });
          await project().json(0, 'status');
        } finally {
          await other.remove();
        }
      },
      CLI_TEST_MS,
    );
  });
}
