/**
 * Catches: a row that trains on what came after, an instant that is parted, a gap that leaves rows in, an old row that comes back into the
 * hold-out as data grows, clusters that cut through an instant.
 */
import { FeatureProject, type Row } from '../../support/feature-project';
import { rows, sidesOf, splitRows, type SplitSketch } from '../../support/split-rows';

// Real stores and sessions, on a machine that may be busy.
jest.setTimeout(60_000);

let project: FeatureProject;
const split = (select: string, sketch?: SplitSketch): ReturnType<typeof splitRows> =>
  splitRows(project, select, sketch);
const sides = (select: string, sketch?: SplitSketch): ReturnType<typeof sidesOf> =>
  sidesOf(project, select, sketch);

beforeAll(async () => {
  project = await FeatureProject.create();
});

afterAll(() => project.remove());

const byTime = (more: object = {}, column = 'seen') => ({ split: { time: { column, ...more } } });

test('the oldest train, the newest are held out; shares are of rows', async () => {
  const output = await split(rows(0, 1000), byTime());
  expect(output).toMatchObject({ train: 650, validation: 150, holdout: 200, dropped: 0 });
  const found = await project.rows(output.artifact, 'rows.parquet');
  const times = (side: string): string[] =>
    found
      .filter((row) => row.__side === side)
      .map((row) => String(row.seen))
      .sort();
  expect(times('train').at(-1)! < times('validation')[0]!).toBe(true);
  expect(times('validation').at(-1)! < times('holdout')[0]!).toBe(true);
});

test('rows within the gap before a boundary are dropped from every file', async () => {
  const output = await split(rows(0, 1000), byTime({ gap: '12h' }));
  expect(output).toMatchObject({ train: 638, validation: 138, holdout: 200, dropped: 24 });
  const found = await project.rows(output.artifact, 'rows.parquet');
  const steps = found.filter((row) => row.__side !== 'holdout').map((row) => Number(row.step));
  expect(steps.filter((step) => (step >= 638 && step < 650) || (step >= 788 && step < 800))).toEqual([]);
  expect(steps).toContain(637);
  expect(steps).toContain(650);
});

test('rows of one instant are never parted; clusters follow time and keep instants whole', async () => {
  const output = await split(rows(0, 3000), byTime({}, 'day'));
  const found = await project.rows(output.artifact, 'rows.parquet');
  const key = (row: Row, name: string): string => `${String(row.day)}|${String(row[name])}`;
  expect(new Set(found.map((row) => key(row, '__side'))).size).toBe(125);
  expect(new Set(found.map((row) => key(row, '__cluster'))).size).toBe(125);
  const holdout = found.filter((row) => row.__side === 'holdout');
  const ordered = [...holdout]
    .sort((a, b) => (String(a.day) < String(b.day) ? -1 : 1))
    .map((row) => Number(row.__cluster));
  expect(ordered).toEqual([...ordered].sort((a, b) => a - b));
  const blocks = new Set(ordered).size;
  expect(blocks).toBeGreaterThan(10);
  expect(blocks).toBeLessThanOrEqual(Math.ceil(holdout.length ** (2 / 3)));
});

test('with newer rows an old one moves towards training only', async () => {
  const rank = { holdout: 0, validation: 1, train: 2 } as Record<string, number>;
  const before = await sides(rows(0, 1000), byTime());
  const after = await sides(rows(0, 1300), byTime());
  for (const [id, side] of before) expect(rank[after.get(id)!]).toBeGreaterThanOrEqual(rank[side]!);
  expect([...before].some(([id, side]) => after.get(id) !== side)).toBe(true);
});

test('a number may be the time, and then no gap has a unit', async () => {
  expect(await split(rows(0, 1000), byTime({}, 'step'))).toMatchObject({
    train: 650,
    validation: 150,
    holdout: 200,
  });
  await expect(split(rows(0, 1000), byTime({ gap: '1h' }, 'step'))).rejects.toMatchObject({
    code: 'DATASET_INVALID',
  });
  await expect(split(rows(0, 1000), byTime({}, 'household'))).rejects.toMatchObject({
    code: 'DATASET_INVALID',
  });
});

test('a row without a time belongs nowhere', async () => {
  const select = `SELECT * REPLACE (CASE WHEN step < 3 THEN NULL ELSE seen END AS seen) FROM (${rows(0, 500)})`;
  const refused = split(select, byTime());
  await expect(refused).rejects.toMatchObject({
    code: 'DATASET_INVALID',
    where: 'split.time.column: seen',
  });
  await expect(refused).rejects.toThrow('3 of 500 rows have no time');
});
