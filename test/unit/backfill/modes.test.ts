// Catches a backfill that runs again what is done, leaves out what failed, or loses a partition between two looks at the ledger.
import { planBackfill } from '../../../src/activities/backfill/plan-backfill';
import {
  instantText,
  shallRun,
  type BackfillMode,
  type NominalRun,
  type PartitionRange,
} from '../../../src/contracts/backfill';

const run = (nominalDate: string, outcome: string, startedAt = '2026-06-01T00:00:00.000Z'): NominalRun => ({
  nominalDate: instantText(nominalDate),
  workflowId: `p/manual/${outcome}`,
  outcome,
  startedAt,
});
const DAY = '2026-01-01T00:00:00Z';
const later = '2026-06-02T00:00:00.000Z';

test.each<[string, NominalRun[], Record<BackfillMode, boolean>]>([
  ['no run', [], { missing: true, failed: false, all: true }],
  ['one that failed', [run(DAY, 'failed')], { missing: true, failed: true, all: true }],
  ['one that was cancelled', [run(DAY, 'cancelled')], { missing: true, failed: false, all: true }],
  ...['deployed', 'registered', 'unchanged', 'published', 'rejected', 'stopped', 'running'].map(
    (outcome): [string, NominalRun[], Record<BackfillMode, boolean>] => [
      `one that is ${outcome}`,
      [run(DAY, outcome)],
      { missing: false, failed: false, all: true },
    ],
  ),
  [
    'one that failed after one that did not',
    [run(DAY, 'stopped'), run(DAY, 'failed', later)],
    { missing: false, failed: true, all: true },
  ],
  [
    'one that did not fail after one that did, in any order',
    [run(DAY, 'stopped', later), run(DAY, 'failed')],
    { missing: false, failed: false, all: true },
  ],
])('%s', (_, runs, expected) => {
  for (const mode of ['missing', 'failed', 'all'] as const) expect(shallRun(mode, runs)).toBe(expected[mode]);
});

describe('looks at the ledger', () => {
  const range: PartitionRange = { from: '2020-01-01', to: '2023-12-31', every: 'day', timezone: 'UTC' };
  /** Every third day is done. */
  const ledger = {
    listNominalRuns: ({ from, to }: { from: string; to: string }) => {
      const runs: NominalRun[] = [];
      for (let at = Date.parse(from), end = Date.parse(to); at <= end; at += 86_400_000)
        if ((at / 86_400_000) % 3 === 0) runs.push(run(new Date(at).toISOString(), 'stopped'));
      return Promise.resolve(runs);
    },
  };

  test('page by page: every partition is either due or skipped, once', async () => {
    const due: string[] = [];
    let skipped = 0;
    let after: string | undefined;
    do {
      const look = await planBackfill(
        { ledger },
        { pipeline: 'p', range, mode: 'missing', ...(after !== undefined && { after }) },
      );
      expect(look.total).toBe(1461);
      expect(look.due.length).toBeLessThanOrEqual(50);
      due.push(...look.due.map(({ date }) => date));
      skipped += look.skipped;
      ({ after } = look);
    } while (after !== undefined);
    expect(due).toEqual([...new Set(due)].sort());
    expect([due.length, skipped]).toEqual([974, 487]);
  });

  test('a failure after the partition’s own run had ended well gets an id of its own, the same for every backfill that sees it', async () => {
    const own = { ...run(DAY, 'stopped'), workflowId: 'p/backfill/2026-01-01' };
    const look = async (runs: NominalRun[]) => {
      const known = { listNominalRuns: () => Promise.resolve(runs) };
      const day = { from: '2026-01-01', to: '2026-01-01', every: 'day', timezone: 'UTC' } as const;
      return (await planBackfill({ ledger: known }, { pipeline: 'p', range: day, mode: 'failed' })).due;
    };
    const failure = run(DAY, 'failed', later);
    const [due] = await look([own, failure]);
    expect(due?.again).toMatch(/^[0-9a-f]{8}$/);
    expect(await look([own, failure])).toEqual([due]);
    const anew = run(DAY, 'failed', '2026-06-03T00:00:00.000Z');
    expect((await look([own, failure, anew]))[0]?.again).not.toBe(due?.again);
    expect(await look([{ ...own, outcome: 'failed' }, failure])).toEqual([
      { nominalDate: DAY, date: '2026-01-01' },
    ]);
  });

  test('a range of which nothing is due is one look', async () => {
    const done = { listNominalRuns: () => Promise.resolve([run('2020-01-01T00:00:00Z', 'stopped')]) };
    expect(
      await planBackfill(
        { ledger: done },
        { pipeline: 'p', range: { ...range, to: '2020-01-01' }, mode: 'missing' },
      ),
    ).toEqual({ total: 1, due: [], skipped: 1 });
  });
});
