/**
 * Catches: a row that changes sides when others come or go, sides that depend on row order, threads or the share of validation, a group or an
 * instant that is parted, labels in a file that must not have them, a side too small to mean anything that passes, bytes that differ for
 * equal rows.
 */
import { createHash } from 'node:crypto';
import { FeatureProject, query } from '../../support/feature-project';
import { classes, dataset, rows, sidesOf, splitRows, type SplitSketch } from '../../support/split-rows';

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

const count = (map: ReadonlyMap<string, string>, side: string): number =>
  [...map.values()].filter((each) => each === side).length;

describe('by key', () => {
  test('the side is the first 64 bits of SHA-256 over seed and key, against thresholds', async () => {
    const found = await sides(rows(0, 3000), { split: { seed: 7, holdout: 0.25, validation: 0.1 } });
    const expected = Array.from({ length: 3000 }, (_, i): [string, string] => {
      const place = Number(createHash('sha256').update(`7/k${i}`).digest().readBigUInt64BE()) / 2 ** 64;
      return [`r${i}`, place < 0.25 ? 'holdout' : place < 0.35 ? 'validation' : 'train'];
    });
    expect(found).toEqual(new Map(expected.sort(([a], [b]) => (a < b ? -1 : 1))));
    // Within four standard deviations of the shares asked for.
    expect(Math.abs(count(found, 'holdout') / 3000 - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / 3000));
    expect(Math.abs(count(found, 'validation') / 3000 - 0.1)).toBeLessThan(4 * Math.sqrt((0.1 * 0.9) / 3000));
  });

  test('rows that come or go move no other; another seed moves some', async () => {
    const all = await sides(rows(0, 2000));
    const fewer = await sides(rows(500, 1500, 3));
    for (const [id, side] of fewer) expect(all.get(id)).toBe(side);
    const reseeded = await sides(rows(0, 2000), { split: { seed: 43 } });
    const moved = [...all].filter(([id, side]) => reseeded.get(id) !== side).length;
    expect(moved).toBeGreaterThan(500);
    expect(moved).toBeLessThan(1500);
  });

  test('the hold-out does not depend on the share of validation', async () => {
    const little = await sides(rows(0, 1500), { split: { validation: 0.05 } });
    const much = await sides(rows(0, 1500), { split: { validation: 0.5 } });
    for (const [id, side] of little) expect(much.get(id) === 'holdout').toBe(side === 'holdout');
    expect(count(much, 'validation')).toBeGreaterThan(5 * count(little, 'validation'));
  });

  test('without a key the row id decides', async () => {
    const output = await project.split(
      rows(0, 500),
      { dataset: { label: 'churn' }, features: { select: ['a'] } },
      'binary',
      classes,
    );
    const found = await project.rows(output.artifact, 'rows.parquet');
    for (const row of found) {
      const hash = createHash('sha256')
        .update(`42/${String(row.__row_id)}`)
        .digest();
      expect(row.__side === 'holdout').toBe(Number(hash.readBigUInt64BE()) / 2 ** 64 < 0.2);
    }
  });
});

test('rows in another order give the same bytes, on any number of threads', async () => {
  // Several row groups of Parquet, so that threads have something to share.
  const many = 400_000;
  const digests = new Set<string>();
  for (const [shuffle, threads] of [
    [0, 1],
    [1, 4],
    [2, 2],
  ] as const) {
    const other = await FeatureProject.create({ threads });
    try {
      const sketch = { dataset, features: { select: ['a', 'b'] } };
      const spec = await other.spec(sketch);
      const { artifact } = await other.activities.prepareFeatures({
        spec,
        dataset: await other.dataset(rows(0, many, shuffle)),
        task: 'binary',
        fresh: false,
      });
      const output = await other.activities.splitData({
        spec,
        features: artifact,
        task: 'binary',
        classes,
        fresh: false,
      });
      digests.add(output.artifact.digest);
    } finally {
      await other.remove();
    }
  }
  expect(digests.size).toBe(1);
}, 120_000);

test('each file has what its reader may see, sorted by row id, in the types of the inputs', async () => {
  const output = await project.split(
    `SELECT *, CAST(step AS DECIMAL(12, 2)) AS price, [step] AS list FROM (${rows(0, 900, 5)})`,
    { dataset, features: { select: ['price', 'day', 'a'], derive: { twice: '2 * b' } } },
    'binary',
    classes,
  );
  const { directory } = await project.store.open(output.artifact);
  const columns = async (file: string): Promise<Record<string, string>> =>
    Object.fromEntries(
      (await query(`DESCRIBE SELECT * FROM read_parquet('${directory}/${file}')`)).map((row) => [
        String(row.column_name),
        String(row.column_type),
      ]),
    );
  const inputs = { a: 'BIGINT', b: 'DOUBLE', day: 'DATE', price: 'DOUBLE' };
  expect(await columns('train.parquet')).toEqual({ __row_id: 'VARCHAR', ...inputs, churn: 'INTEGER' });
  expect(await columns('validation.parquet')).toEqual({ __row_id: 'VARCHAR', ...inputs });
  const rest = { id: 'VARCHAR', household: 'VARCHAR', seen: 'TIMESTAMP', step: 'BIGINT', list: 'BIGINT[]' };
  expect(await columns('holdout.parquet')).toEqual({ __row_id: 'VARCHAR', ...inputs, ...rest });
  expect(await columns('rows.parquet')).toMatchObject({
    __side: 'VARCHAR',
    __label: 'INTEGER',
    churn: 'BOOLEAN',
    price: 'DECIMAL(12,2)',
  });
  expect(Object.keys(await columns('rows.parquet'))).not.toContain('__cluster');

  const all = await project.rows(output.artifact, 'rows.parquet');
  const ids = all.map((row) => String(row.__row_id));
  expect(ids).toEqual([...ids].sort());
  for (const row of all) expect(row.__label).toBe(row.churn === true ? 1 : 0);
  for (const side of ['train', 'validation', 'holdout'] as const) {
    const own = all.filter((row) => row.__side === side);
    const file = await project.rows(output.artifact, `${side}.parquet`);
    expect(file.map((row) => row.__row_id)).toEqual(own.map((row) => row.__row_id));
    expect(output[side]).toBe(own.length);
    if (side === 'train') expect(file.map((row) => row.churn)).toEqual(own.map((row) => row.__label));
  }
  expect(output.train + output.validation + output.holdout).toBe(900);
  expect(await project.json(output.artifact, 'split.json')).toMatchObject({
    by: 'key',
    column: 'id',
    seed: 42,
    dropped: 0,
  });
});

test('several classes: the name where trainers read it, the place where metrics do; regression: the number', async () => {
  const names = ['blue', "o'clock", 'red'];
  const select = `SELECT * REPLACE (CASE step % 3 WHEN 0 THEN 'red' WHEN 1 THEN 'blue' ELSE 'o''clock' END AS churn) FROM (${rows(0, 400)})`;
  const multiclass = await project.split(
    select,
    { dataset, features: { select: ['a'] } },
    'multiclass',
    names,
  );
  for (const row of await project.rows(multiclass.artifact, 'rows.parquet'))
    expect(names[Number(row.__label)]).toBe(row.churn);
  const trained = await project.rows(multiclass.artifact, 'train.parquet');
  expect(new Set(trained.map((row) => row.churn))).toEqual(new Set(names));

  const number = `SELECT * REPLACE (CAST(step * 1.5 AS DECIMAL(10, 1)) AS churn) FROM (${rows(0, 400)})`;
  const regression = await project.split(number, { dataset, features: { select: ['a'] } }, 'regression', []);
  for (const row of await project.rows(regression.artifact, 'rows.parquet'))
    expect(row.__label).toBe(Number(row.churn));
});

test.each<[title: string, label: string, task: 'binary' | 'regression']>([
  ['a missing label', 'CASE WHEN step = 5 THEN NULL ELSE churn END', 'binary'],
  ['a label of no class', "CASE WHEN step = 5 THEN 'maybe' ELSE CAST(churn AS VARCHAR) END", 'binary'],
  ['a number that is none', "CASE WHEN step = 5 THEN CAST('NaN' AS DOUBLE) ELSE step END", 'regression'],
])('refused: %s', async (_, label, task) => {
  const select = `SELECT * REPLACE (${label} AS churn) FROM (${rows(0, 300)})`;
  await expect(
    project.split(select, { dataset, features: { select: ['a'] } }, task, task === 'binary' ? classes : []),
  ).rejects.toMatchObject({
    code: 'DATASET_INVALID',
    message: expect.stringMatching(/^1 rows have a label/) as string,
  });
});

describe('by group', () => {
  test('a group is never parted; clusters are its groups', async () => {
    const output = await split(rows(0, 2000), { split: { group: 'household' } });
    const found = await project.rows(output.artifact, 'rows.parquet');
    const byGroup = new Map<unknown, Set<unknown>>();
    const clusters = new Map<unknown, Set<unknown>>();
    for (const row of found) {
      byGroup.set(row.household, (byGroup.get(row.household) ?? new Set()).add(row.__side));
      clusters.set(row.household, (clusters.get(row.household) ?? new Set()).add(row.__cluster));
    }
    expect([...byGroup.values()].every((set) => set.size === 1)).toBe(true);
    expect([...clusters.values()].every((set) => set.size === 1)).toBe(true);
    expect(new Set([...clusters.values()].map((set) => [...set][0])).size).toBe(60);
    expect([...byGroup.values()].some((set) => set.has('holdout'))).toBe(true);
  });

  test('rows without a group stay together, and it is said how many', async () => {
    const select = `SELECT * REPLACE (CASE WHEN step % 50 = 0 THEN NULL ELSE household END AS household) FROM (${rows(0, 2000)})`;
    const output = await split(select, { split: { group: 'household' } });
    expect(output.warnings).toContain(
      '40 rows have no household: they count as one group and stand on one side.',
    );
    const found = await project.rows(output.artifact, 'rows.parquet');
    expect(new Set(found.filter((row) => row.household === null).map((row) => row.__side)).size).toBe(1);
  });
});

describe('too small', () => {
  test.each<[title: string, select: string, sketch: SplitSketch, message: RegExp]>([
    ['an empty side', rows(0, 3), {}, /leaves no row for (validation|holdout): \d for train/],
    [
      'a side without a class',
      `SELECT * REPLACE (step = 1 AS churn) FROM (${rows(0, 600)})`,
      {},
      /no row of class true for/,
    ],
    [
      'a gap that swallows validation',
      rows(0, 1000),
      { split: { time: { column: 'seen', gap: '10d' } } },
      /no row for validation/,
    ],
    ['one instant', rows(0, 1000), { split: { time: { column: 'household', gap: '0s' } } }, /./],
  ])('%s', async (title, select, sketch, message) => {
    const refused =
      title === 'one instant'
        ? split(`SELECT * REPLACE (DATE '2024-01-01' AS day) FROM (${select})`, {
            split: { time: { column: 'day' } },
          })
        : split(select, sketch);
    await expect(refused).rejects.toMatchObject({
      code: 'SPLIT_TOO_SMALL',
      retryable: false,
      details: { classes: { train: {}, validation: {}, holdout: {} } },
    });
    await expect(refused).rejects.toThrow(message);
  });
});

test('a column to split by that is not there', async () => {
  await expect(split(rows(0, 100), { split: { group: 'houshold' } })).rejects.toThrow(
    /no column houshold to split by; did you mean household/,
  );
});
