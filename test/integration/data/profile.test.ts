/**
 * Catches: a figure of the profile that is not what pandas and NumPy say of the same file; a column, a class or a value that is left out; a
 * histogram that loses rows; figures that are silently taken of a part of the rows, or depend on threads.
 */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runPython } from '../../support/python';
import type { ColumnProfile, Profile } from '../../../src/contracts/profile';
import { DataProject } from './data-project';

jest.setTimeout(120_000);

interface Reference {
  readonly rows: number;
  readonly duplicates: number;
  readonly columns: Record<
    string,
    Pick<ColumnProfile, 'count' | 'missing' | 'min' | 'max'> & {
      readonly distinct: number;
      readonly mean?: number;
      readonly std?: number;
      readonly percentiles?: Record<string, number>;
      readonly length?: { min: number; max: number; mean: number };
      readonly top?: [string, number][];
    }
  >;
}

let project: DataProject;

beforeAll(async () => {
  project = await DataProject.create();
});

afterAll(() => project.remove());

async function reference(file: string): Promise<Reference> {
  const script = join(__dirname, '..', '..', 'support', 'profile_reference.py');
  return JSON.parse(await runPython([script, join(project.root, file)])) as Reference;
}

async function profileOf(file: string, dataset: { key?: string; label: string }): Promise<Profile> {
  const { profile } = await project.validate({ sources: { rows: { uri: file } }, dataset });
  return project.profile(profile);
}

/** Equal to nine digits: two ways to add the same numbers differ in the last ones. */
function expectNear(found: unknown, expected: number): void {
  expect(Math.abs(Number(found) - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
}

function expectEqual(column: ColumnProfile, expected: Reference['columns'][string]): void {
  expect(column).toMatchObject({ count: expected.count, missing: expected.missing, extreme: 0 });
  expect(column.distinct).toEqual({ count: expected.distinct, exact: true });
  expect([column.min, column.max]).toEqual([expected.min, expected.max]);
  if (expected.mean !== undefined) expectNear(column.mean, expected.mean);
  if (expected.std !== undefined) expectNear(column.std, expected.std);
  for (const [percentile, value] of Object.entries(expected.percentiles ?? {}))
    expectNear(column.percentiles?.[percentile], value);
  if (expected.length !== undefined) {
    expect(column.length).toMatchObject({ min: expected.length.min, max: expected.length.max });
    expectNear(column.length?.mean, expected.length.mean);
    expect(column.top.map(({ value, count }) => [value, count])).toEqual(expected.top);
  }
  if (expected.mean !== undefined || column.histogram !== null) {
    const counted = column.histogram?.counts.reduce((sum, n) => sum + n, 0);
    expect(counted).toBe(expected.count);
    expect(column.histogram?.edges).toHaveLength((column.histogram?.counts.length ?? 0) + 1);
  }
}

test('the telco data: every figure of every column', async () => {
  const data = join(__dirname, '..', '..', '..', 'pipelines', 'data', 'telco-churn.csv');
  await copyFile(data, join(project.root, 'telco.csv')).catch((error: unknown) => {
    throw new Error('the data of the examples is missing: run `npm test` once, which fetches it', {
      cause: error,
    });
  });
  const expected = await reference('telco.csv');
  const profile = await profileOf('telco.csv', { key: 'customer_id', label: 'churn' });
  expect(profile).toMatchObject({
    rows: expected.rows,
    sampledRows: expected.rows,
    duplicates: expected.duplicates,
    label: {
      name: 'churn',
      task: 'binary',
      classes: [
        { name: 'No', count: 5174 },
        { name: 'Yes', count: 1869 },
      ],
    },
  });
  expect(profile.columns.map(({ name }) => name)).toEqual(Object.keys(expected.columns));
  for (const column of profile.columns) {
    const figures = expected.columns[column.name];
    if (figures === undefined) throw new Error(`pandas has no column ${column.name}`);
    expectEqual(column, figures);
  }
});

test('a larger table: figures of all rows but the percentiles, which say of how many they are', async () => {
  const rows = 300_000;
  const lines = ['id,normal,count,word,y'];
  // A linear congruential generator (Knuth's MMIX constants, the upper 32 bits), so that the table is always the same.
  let state = 1n;
  const random = (): number => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number(state >> 32n) / 2 ** 32;
  };
  for (let i = 0; i < rows; i++) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const count = random() < 0.1 ? '' : Math.floor(random() * 5);
    lines.push(
      `${i},${normal},${count},w${Math.floor(random() ** 3 * 5000)},${random() < 0.3 ? 'yes' : 'no'}`,
    );
  }
  await project.file('large.csv', `${lines.join('\n')}\n`);
  const expected = await reference('large.csv');
  const profile = await profileOf('large.csv', { key: 'id', label: 'y' });
  expect(profile).toMatchObject({ rows, sampledRows: 200_000 });
  for (const column of profile.columns) {
    const figures = expected.columns[column.name];
    if (figures === undefined) throw new Error(`pandas has no column ${column.name}`);
    expect(column).toMatchObject({
      count: figures.count,
      missing: figures.missing,
      min: figures.min,
      max: figures.max,
    });
    if (figures.mean !== undefined) expectNear(column.mean, figures.mean);
    if (figures.std !== undefined) expectNear(column.std, figures.std);
    // HyperLogLog's estimate says that it is one.
    expect(column.distinct.exact).toBe(false);
    expect(Math.abs(column.distinct.count / figures.distinct - 1)).toBeLessThan(0.15);
  }
  // A percentile of the sample lies within half a percentage point of its place in all rows: four times its standard error.
  const normal = profile.columns.find(({ name }) => name === 'normal');
  const sorted = lines
    .slice(1)
    .map((line) => Number(line.split(',')[1]))
    .sort((a, b) => a - b);
  for (const [percentile, value] of Object.entries(normal?.percentiles ?? {})) {
    const place = sorted.filter((each) => each <= Number(value)).length / rows;
    expect(Math.abs(place - Number(percentile) / 100)).toBeLessThan(0.005);
  }
});

test('dates, Booleans, nothing at all, infinities and one value only', async () => {
  await project.file(
    'odd.csv',
    'id,day,"at",flag,none,huge,one,y\n1,2024-01-01,2024-01-01 06:00:00,true,,1e200,5,a\n2,2024-01-03,2024-01-02 18:30:00.25,false,,inf,5,b\n3,,,,,-2,5,c\n4,2024-01-05,2024-01-01 06:00:00,true,,4,5,a\n',
  );
  const profile = await profileOf('odd.csv', { key: 'id', label: 'y' });
  const column = (name: string): ColumnProfile | undefined =>
    profile.columns.find((each) => each.name === name);
  expect(profile.label).toMatchObject({
    task: 'multiclass',
    classes: [
      { name: 'a', count: 2 },
      { name: 'b', count: 1 },
      { name: 'c', count: 1 },
    ],
  });
  expect(column('day')).toMatchObject({
    type: 'date',
    min: '2024-01-01',
    max: '2024-01-05',
    missing: 1,
    mean: null,
    percentiles: { 50: '2024-01-03' },
  });
  expect(column('at')).toMatchObject({
    type: 'timestamp',
    min: '2024-01-01T06:00:00',
    distinct: { count: 2, exact: true },
    percentiles: { 1: '2024-01-01T06:00:00' },
  });
  expect(String(column('at')?.max)).toMatch(/^2024-01-02T18:30:00\.250*$/);
  expect(column('flag')).toMatchObject({
    type: 'boolean',
    min: false,
    max: true,
    top: [
      { value: 'true', count: 2 },
      { value: 'false', count: 1 },
    ],
  });
  expectNear(column('flag')?.mean, 2 / 3);
  expect(column('none')).toMatchObject({
    count: 0,
    missing: 4,
    distinct: { count: 0, exact: true },
    min: null,
    max: null,
    mean: null,
    histogram: null,
  });
  // The mean of what can be squared; how many cannot is said.
  expect(column('huge')).toMatchObject({ extreme: 2, mean: 1, min: -2, count: 4 });
  expect(column('one')).toMatchObject({ std: 0, histogram: { counts: [4] } });
});

test('a regression has no classes', async () => {
  await project.file(
    'quantity.csv',
    `id,y\n${Array.from({ length: 50 }, (_, i) => `${i},${i * 1.5}`).join('\n')}\n`,
  );
  const profile = await profileOf('quantity.csv', { key: 'id', label: 'y' });
  expect(profile.label).toEqual({ name: 'y', task: 'regression', classes: [] });
});
