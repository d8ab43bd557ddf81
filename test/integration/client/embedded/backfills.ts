/** Catches a backfill that promotes, that fills in no date, that says nothing of what failed, or runs again what is done: typed, with real runs. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PartitionPlan } from '../../../../src/activities/backfill';
import type { BackfillStatus } from '../../../../src/contracts/backfill';
import { CLI_TEST_MS, type CliProject } from '../cli-project';

type BackfillView = BackfillStatus & { readonly execution: string };
interface DryRun {
  readonly total: number;
  readonly due: number;
  readonly partitions: readonly PartitionPlan[];
}

/** Backfills three days of a pipeline whose training takes a tenth of a second; of one day there are no data at first. */
export function testBackfills(project: () => CliProject): void {
  describe('backfill', () => {
    const range = ['--from', '2026-01-01', '--to', '2026-01-03'];
    const backfill = <Document = BackfillView>(code: number, ...words: string[]): Promise<Document> =>
      project().json<Document>(code, 'backfill', ...words);
    const arrive = (day: string): Promise<void> =>
      copyFile(join(project().root, 'rows.csv'), join(project().root, `rows-${day}.csv`));

    beforeAll(async () => {
      await project().scripted.writePipeline('daily', [{ name: 'one', params: { weight: 0.8 } }], {
        params: { date: { type: 'date' } },
        sources: { rows: { uri: 'rows-{{ params.date }}.csv' } },
        registry: { model: 'daily' },
      });
      await arrive('2026-01-01');
      await arrive('2026-01-02');
    });

    test(
      'each day with its own data; the day without is listed, and runs once it has some; nothing is promoted or done twice',
      async () => {
        const plan = await backfill<DryRun>(0, 'daily', ...range, '--dry-run');
        expect([plan.total, plan.due]).toEqual([3, 3]);

        const first = await backfill(1, 'daily', ...range, '--parallel', '2');
        expect(first).toMatchObject({ total: 3, done: 2, failed: 1, outcomes: { stopped: 2 } });
        expect(first.failures).toEqual([
          expect.objectContaining({ nominalDate: '2026-01-03T00:00:00Z', code: 'SOURCE_NOT_FOUND' }),
        ]);
        const models = await project().json<{ name: string }[]>(0, 'models', 'list');
        expect(models.map(({ name }) => name)).not.toContain('daily');

        await arrive('2026-01-03');
        const mended = await backfill(0, 'daily', ...range, '--mode', 'failed');
        expect(mended).toMatchObject({ done: 1, failed: 0, skipped: 2 });
        expect(await backfill(0, 'daily', ...range)).toMatchObject({ done: 0, skipped: 3 });
        const after = await backfill<DryRun>(0, 'daily', ...range, '--dry-run');
        expect(after.due).toBe(0);
        expect(after.partitions[2]?.newest).toMatchObject({
          workflowId: 'daily/backfill/2026-01-03',
          outcome: 'stopped',
        });

        const listed = await backfill<{ workflowId: string }[]>(0, 'list');
        expect(listed.map(({ workflowId }) => workflowId)).toContain(first.workflowId);
        expect(await backfill(1, 'show', first.workflowId)).toMatchObject({
          execution: 'COMPLETED',
          failed: 1,
        });
        const over = await project().millrace('backfill', 'cancel', first.workflowId);
        expect([over.code, over.errors]).toEqual([1, expect.stringMatching(/RUN_CONFLICT.*is over/)]);
      },
      CLI_TEST_MS,
    );
  });
}
