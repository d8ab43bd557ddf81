/**
 * Catches: a feature that gives the label away and passes (by its order, its values, by being missing, derived or joined), a strength that is not
 * what scikit-learn finds, rows copied under new keys that pass, honest data that is refused, limits that cannot be changed without splitting
 * again.
 */
import { join } from 'node:path';
import type { LeakageFindings } from '../../../src/activities/features/leakage/findings';
import type { Task } from '../../../src/contracts/trainer';
import type { SplitDataOutput } from '../../../src/contracts/steps';
import { FeatureProject, query, type PipelineSketch } from '../../support/feature-project';
import { runPython } from '../../support/python';

// Real stores and sessions, on a machine that may be busy.
jest.setTimeout(60_000);

let project: FeatureProject;

beforeAll(async () => {
  project = await FeatureProject.create();
});

afterAll(() => project.remove());

const dataset = { key: 'id', label: 'churn' };
type Sketch = Omit<PipelineSketch, 'dataset'>;

/** Honest columns of every kind, some of which tell something, and `more`. */
function rows(more = '1 AS nothing', count = 1500): string {
  return `SELECT *, ${more} FROM (
    SELECT 'r' || i AS __row_id, 'k' || i AS id, y AS churn, i AS step, h % 50 AS few, (h // 50 % 1000) / 7.0 + 30 * y AS amount,
      CASE WHEN h % 5 = 0 THEN NULL ELSE (h // 7 % 400) + 20 * y END AS holes, 'c' || (h // 11 % 30 + y) AS code, 'u' || i AS token,
      h % 3 = 0 AS flag, DATE '2024-01-01' + CAST(h // 13 % 500 AS INTEGER) AS day, TIMESTAMP '2024-01-01' + INTERVAL (h // 17 % 5000) MINUTE AS seen
    FROM (SELECT i, hash(i) AS h, CASE WHEN hash(i, 1) % 10 < 3 THEN 1 ELSE 0 END AS y FROM range(${count}) AS numbers(i)))`;
}

const honest = ['few', 'amount', 'holes', 'code', 'token', 'flag', 'day', 'seen'];

function split(
  select: string,
  sketch: Sketch = {},
  task: Task = 'binary',
  classes = ['0', '1'],
): Promise<SplitDataOutput> {
  return project.split(select, { dataset, ...sketch }, task, classes);
}

const findings = (output: SplitDataOutput): Promise<LeakageFindings> =>
  project.json<LeakageFindings>(output.leakage, 'leakage.json');

describe('strengths are what scikit-learn and SciPy find', () => {
  test.each<[task: Task, label: string, classes: string[]]>([
    ['binary', 'churn', ['0', '1']],
    [
      'multiclass',
      "CASE WHEN churn = 1 THEN 'gone' WHEN few > 25 THEN 'stays' ELSE 'asleep' END",
      ['asleep', 'gone', 'stays'],
    ],
    ['regression', 'amount + few', []],
  ])('%s', async (task, label, classes) => {
    const output = await split(
      `SELECT * REPLACE (${label} AS churn) FROM (${rows()})`,
      { features: { select: honest } },
      task,
      classes,
    );
    const { features, rows: measured, measure } = await findings(output);
    expect(measured).toBe(output.train);
    expect(measure).toBe(task === 'regression' ? 'rank_correlation' : 'auc');
    const { directory } = await project.store.open(output.artifact);
    const script = join(__dirname, '../../support/leakage_reference.py');
    const reference = JSON.parse(
      await runPython([script, join(directory, 'train.parquet'), 'churn', task]),
    ) as Record<string, { order: number | null; value: number }>;
    expect(features.map(({ feature }) => feature).sort()).toEqual([...honest].sort());
    for (const { feature, strength, by } of features) {
      const { order, value } = reference[feature]!;
      // The values of a number count where they are few.
      const isCode = ['few', 'code', 'token', 'flag'].includes(feature);
      const expected = Math.max(order ?? 0, isCode ? value : 0);
      // A value that each row has for itself has no correlation, and so no strength.
      expect(strength ?? 0).toBeCloseTo(expected, 9);
      if (expected > 0) expect(by).toBe(expected === order ? 'order' : 'value');
    }
    const strengths = features.map(({ strength }) => strength ?? 0);
    expect(strengths).toEqual([...strengths].sort((a, b) => b - a));
  });
});

test('honest data passes without a word', async () => {
  const output = await split(rows(), { features: { select: honest } });
  expect(output.warnings).toEqual([]);
  const { twins, keys } = await findings(output);
  expect(twins).toMatchObject({ equal: 0, same: 0 });
  expect(keys).toEqual([{ column: 'id', values: 0, examples: [] }]);
});

describe('a feature that gives the label away', () => {
  test.each<[title: string, more: string, sketch?: Sketch]>([
    ['itself under another name', 'churn AS leak'],
    ['turned round', '-churn * 2.5 AS leak'],
    ['a text', "CASE WHEN churn = 1 THEN 'left' ELSE 'there' END AS leak"],
    [
      'a date that only those who left have',
      "CASE WHEN churn = 1 THEN DATE '2024-05-05' + CAST(step % 300 AS INTEGER) END AS leak",
    ],
    ['a date that only those who stayed have', 'CASE WHEN churn = 0 THEN day END AS leak'],
    [
      'codes without an order',
      'CASE WHEN churn = 1 THEN [3, 7, 11][step % 3 + 1] ELSE [2, 5, 9][step % 3 + 1] END AS leak',
    ],
    ['a time', 'seen + INTERVAL (churn * 10000) MINUTE AS leak'],
    ['almost always', 'CASE WHEN step % 500 = 0 THEN 1 - churn ELSE churn END AS leak'],
    [
      'derived',
      "CASE WHEN churn = 1 THEN 'x1' ELSE 'y1' END AS part",
      { features: { select: ['few', 'amount'], derive: { leak: 'left(part, 1)' } } },
    ],
  ])('%s', async (_, more, sketch = {}) => {
    const refused = split(rows(more), sketch);
    await expect(refused).rejects.toMatchObject({ code: 'LEAKAGE_FOUND', retryable: false });
    await expect(refused).rejects.toThrow(
      /Feature leak alone predicts the label: AUC (0\.99|1\.00)\d\d is above quality\.leakage\.maxAuc 0\.995\./,
    );
  });

  test('a joined one', async () => {
    await query(
      `COPY (SELECT id, TIMESTAMP '2023-01-01' AS seen, churn AS leak FROM (${rows()})) TO '${project.projectRoot}/data/leak.parquet' (FORMAT parquet)`,
    );
    const pointInTime = [{ view: 'data/leak.parquet', entity: 'id', at: 'seen', select: ['leak'] }];
    await expect(split(rows(), { features: { pointInTime } })).rejects.toThrow(/Feature leak alone/);
  });

  test('of several classes one is enough; a number by rank correlation', async () => {
    const select = (label: string, leak: string): string =>
      `SELECT * REPLACE (${label} AS churn) FROM (${rows(`${leak} AS leak`)})`;
    const classes = ['a', 'b', 'c'];
    const label = "CASE few % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' ELSE 'c' END";
    await expect(
      split(
        select(label, 'CASE WHEN few % 3 = 1 THEN step ELSE -step END'),
        { features: { select: ['amount', 'leak'] } },
        'multiclass',
        classes,
      ),
    ).rejects.toThrow(/Feature leak alone/);
    await expect(
      split(
        select('amount', 'exp(-amount / 50)'),
        { features: { select: ['few', 'leak'] } },
        'regression',
        [],
      ),
    ).rejects.toThrow(/Feature leak alone predicts the label: rank correlation 1\.0000/);
  });

  test('limits are applied anew each time; warn lets it pass with the same words', async () => {
    const select = rows('churn AS leak');
    const spec = (maxAuc: number, severity: 'warn' | 'fail'): Sketch => ({
      quality: { leakage: { maxAuc, severity } },
    });
    await expect(split(select, spec(0.995, 'fail'))).rejects.toMatchObject({ code: 'LEAKAGE_FOUND' });
    const warned = await split(select, spec(0.995, 'warn'));
    // The split was made before it was judged, and is found again.
    expect(warned.cached).toBe(true);
    expect(warned.warnings[0]).toMatch(/^Feature leak alone predicts the label/);
    expect((await split(select, spec(1, 'fail'))).warnings).toEqual([]);
  });
});

describe('the same row under two keys', () => {
  /** The rows, and `count` of them again under new keys. */
  const copied = (count: number, columns = '*'): string =>
    `SELECT ${columns} FROM (${rows()}) UNION ALL SELECT ${columns} FROM (SELECT * REPLACE ('z' || __row_id AS __row_id, 'z' || id AS id) FROM (${rows()}) WHERE step < ${count})`;
  const sketch = { features: { select: ['few', 'amount'] } };

  test('many copies fail by name', async () => {
    const refused = split(copied(150), sketch);
    await expect(refused).rejects.toMatchObject({ code: 'LEAKAGE_FOUND' });
    await expect(refused).rejects.toThrow(
      /\d+ of \d+ rows that models are measured on equal one on another side in all columns but the key \(k\d+ = zk\d+; .*more than quality.leakage.maxTwins/,
    );
  });

  test('all rows copied fail too, though no column is then nearly unique', async () => {
    await expect(split(copied(1500), sketch)).rejects.toMatchObject({ code: 'LEAKAGE_FOUND' });
  });

  test('as many as are permitted are said', async () => {
    const output = await split(copied(150), { ...sketch, quality: { leakage: { maxTwins: 0.5 } } });
    expect(output.warnings[0]).toMatch(/rows that models are measured on equal one/);
    const { twins } = await findings(output);
    // Counted by brute force: rows of validation and hold-out with an equal row on another side.
    const all = await project.rows(output.artifact, 'rows.parquet');
    const sides = new Map(all.map((row) => [String(row.id), row.__side]));
    const other = (id: string): string => (id.startsWith('z') ? id.slice(1) : `z${id}`);
    const expected = [...sides].filter(
      ([id, side]) => side !== 'train' && sides.has(other(id)) && sides.get(other(id)) !== side,
    );
    expect(expected.length).toBeGreaterThan(20);
    expect(twins).toMatchObject({
      equal: expected.length,
      same: expected.length,
      measured: output.validation + output.holdout,
    });
    expect(twins.identifying).toEqual(expect.arrayContaining(['step', 'token']));
  });

  test('people who are alike by chance are no copies', async () => {
    // Two columns of few values: most rows equal another, and nothing tells whether they are the same.
    const output = await split(copied(0, '__row_id, id, churn, few, flag'), {
      features: { select: ['few', 'flag'] },
    });
    const { twins } = await findings(output);
    expect(twins.equal).toBeGreaterThan(200);
    expect(twins.same).toBe(0);
    expect(output.warnings.join()).toMatch(/no column tells whether they are the same/);
  });

  test('without a key, repeats stand on one side', async () => {
    const select = `SELECT md5(CAST(step AS VARCHAR)) || CASE WHEN copy = 0 THEN '' ELSE '-' || copy END AS __row_id, * EXCLUDE (__row_id, id, copy)
      FROM (${rows()}), range(3) AS copies(copy)`;
    const output = await project.split(select, { dataset: { label: 'churn' }, ...sketch }, 'binary', [
      '0',
      '1',
    ]);
    expect((await findings(output)).twins.equal).toBe(0);
  });
});

test('a key that repeats in a split by group stands on both sides: the run fails by name', async () => {
  const select = `SELECT * REPLACE ('k' || (step % 700) AS id) FROM (${rows("'g' || (hash(step, 5) % 40) AS household")})`;
  const refused = split(select, { split: { group: 'household' }, features: { select: ['few', 'amount'] } });
  await expect(refused).rejects.toMatchObject({ code: 'LEAKAGE_FOUND' });
  await expect(refused).rejects.toThrow(
    /\d+ keys stand on more than one side of the split \(id: k\d+, k\d+, k\d+\)/,
  );
});

test('an entity on both sides is worth a word, unless the split is by time', async () => {
  await query(
    `COPY (SELECT few, TIMESTAMP '2023-01-01' AS seen, hash(few) % 1000 AS balance FROM (${rows()}) GROUP BY few) TO '${project.projectRoot}/data/few.parquet' (FORMAT parquet)`,
  );
  const features = {
    select: ['amount', 'balance'],
    pointInTime: [{ view: 'data/few.parquet', entity: 'few', at: 'seen', select: ['balance'] }],
  };
  const byKey = await split(rows(), { features });
  expect(byKey.warnings).toEqual([
    '50 values of few stand on more than one side (0, 1, 2). Consider split.group: few.',
  ]);
  expect((await split(rows(), { features, split: { time: { column: 'seen' } } })).warnings).toEqual([]);
});
