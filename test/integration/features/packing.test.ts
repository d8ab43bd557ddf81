/**
 * Catches: a label or key that becomes a feature, a column that is silently lost or silently kept, inputs whose types the trainers would read
 * otherwise, an expression that fails in every trainer instead of here, a message without the nearest name.
 */
import type { FeaturePacking } from '../../../src/contracts/trainer';
import { FeatureProject, type PipelineSketch } from '../../support/feature-project';

// Real stores and sessions, on a machine that may be busy.
jest.setTimeout(60_000);

let project: FeatureProject;

beforeAll(async () => {
  project = await FeatureProject.create();
});

afterAll(() => project.remove());

/** One column of each kind. */
const everything = `SELECT 'r' || i AS __row_id, i AS id, CASE WHEN i % 2 = 0 THEN 'Yes' ELSE 'No' END AS "Churn",
  i % 7 AS tenure, i / 3.0 AS charges, CAST(i AS DECIMAL(10, 2)) AS price, i % 3 = 0 AS active, 'plan ' || (i % 4) AS plan, 'text number ' || i AS note,
  DATE '2024-01-01' + CAST(i AS INTEGER) AS day, TIMESTAMP '2024-01-01' + INTERVAL (i) HOUR AS seen, CAST(i AS HUGEINT) AS huge,
  i * 10000000000000000 AS serial, 1 AS constant, NULL::VARCHAR AS nothing, [i] AS list, CASE WHEN i = 3 THEN 1 END AS rare,
  TIME '10:00:00' AS clock, md5('token ' || i) AS token, 'g' || (i % 5) AS household, TIMESTAMPTZ '2024-01-01 00:00:00+00' + INTERVAL (i) DAY AS zoned,
  'x' AS "__hidden", i % 11 AS "a ""quoted"" name"
  FROM range(200) AS numbers(i)`;

async function packing(
  sketch: PipelineSketch,
): Promise<{ packing: FeaturePacking; warnings: string[]; features: number; inputs: number }> {
  const output = await project.prepare(everything, sketch);
  return { ...output, packing: await project.json<FeaturePacking>(output.artifact, 'packing.json') };
}

const dataset = { key: 'id', label: 'churn' };

test('by default all that can say something, typed by the data; what is left out because of the data is said', async () => {
  const found = await packing({ dataset, split: { group: 'household' }, features: { text: ['note'] } });
  expect(found.packing).toEqual({
    inputs: [
      { name: 'tenure', type: 'integer' },
      { name: 'charges', type: 'double' },
      { name: 'price', type: 'double' },
      { name: 'active', type: 'boolean' },
      { name: 'plan', type: 'category' },
      { name: 'note', type: 'text' },
      { name: 'day', type: 'date' },
      { name: 'seen', type: 'timestamp' },
      // Parquet has no 128-bit integers.
      { name: 'huge', type: 'double' },
      { name: 'rare', type: 'integer' },
      { name: 'token', type: 'category' },
      { name: 'zoned', type: 'timestamp' },
      { name: 'a "quoted" name', type: 'integer' },
    ],
    select: [
      'tenure',
      'charges',
      'price',
      'active',
      'plan',
      'note',
      'day',
      'seen',
      'huge',
      'rare',
      'token',
      'zoned',
      'a "quoted" name',
    ],
    derive: {},
    text: ['note'],
  });
  expect(found.warnings).toEqual([
    'Column serial is left out of the features: it has whole numbers beyond ±2^53 (9007199254740992), as identifiers do.',
    'Column constant is left out of the features: it has the same value in every row.',
    'Column nothing is left out of the features: it has no value in any row.',
    'Column list is left out of the features: its type BIGINT[] is none that a feature can have.',
    'Column clock is left out of the features: its type TIME is none that a feature can have.',
    'Column token has another text in almost every row: leave it out with features.select, or name it in features.text.',
  ]);
  expect(found).toMatchObject({ features: 13, inputs: 13 });
});

test('time column, entities and moments of views are no features by default', async () => {
  const found = await packing({ dataset, split: { time: { column: 'seen' } } });
  expect(found.packing.select).not.toContain('seen');
  expect(found.packing.select).toContain('household');
});

test('inputs are what is selected or referred to, in the order of the data, whatever the case in the SQL', async () => {
  const found = await packing({
    dataset,
    features: {
      select: ['plan', 'tenure'],
      derive: {
        ratio: 'CHARGES / nullif(Tenure, 0)',
        words: 'upper(NOTE)',
        weekday: 'dayofweek(day)',
        late: "seen > TIMESTAMP '2024-01-03'",
        fixed: '1 + 1',
      },
      text: ['words'],
    },
  });
  expect(found.packing.inputs.map((input) => input.name)).toEqual([
    'tenure',
    'charges',
    'plan',
    'note',
    'day',
    'seen',
  ]);
  expect(found.packing.select).toEqual(['plan', 'tenure']);
  expect(found.packing.text).toEqual(['words']);
  expect(found.warnings).toEqual(['The derived feature fixed has the same value in every row.']);
  expect(found).toMatchObject({ features: 7, inputs: 6 });
});

test.each<[title: string, features: NonNullable<PipelineSketch['features']>, code: string, message: RegExp]>([
  ['the label', { select: ['tenure', 'CHURN'] }, 'LEAKAGE_FOUND', /label CHURN is selected/],
  ['the key', { select: ['Id'] }, 'LEAKAGE_FOUND', /key Id is selected/],
  [
    'the label in SQL',
    { derive: { x: 'tenure + length(churn)' } },
    'LEAKAGE_FOUND',
    /x reaches the label churn/,
  ],
  ['a reserved column in SQL', { derive: { x: '__hidden' } }, 'LEAKAGE_FOUND', /__hidden/],
  ['an unknown column', { select: ['tenuer'] }, 'FEATURE_INVALID', /no column tenuer; did you mean tenure\?/],
  ['a type that is no feature', { select: ['list'] }, 'FEATURE_INVALID', /type BIGINT\[\]/],
  ['rounded numbers', { select: ['serial'] }, 'FEATURE_INVALID', /2\^53/],
  ['rounded numbers in SQL', { derive: { x: 'serial % 10' } }, 'FEATURE_INVALID', /2\^53/],
  [
    'a column that no row can carry',
    { derive: { x: 'list[1]' } },
    'FEATURE_INVALID',
    /served row cannot carry/,
  ],
  ['twice', { select: ['tenure', 'tenure'] }, 'FEATURE_INVALID', /twice/],
  [
    'a derived name that is a column',
    { derive: { Tenure: 'charges' } },
    'FEATURE_INVALID',
    /Tenure has the name of a column/,
  ],
  [
    'derived names that differ in case',
    { derive: { x: '1', X: '2' } },
    'FEATURE_INVALID',
    /name of another one/,
  ],
  [
    'a derived feature of another',
    { derive: { x: 'tenure', y: 'x + 1' } },
    'FEATURE_INVALID',
    /x is a derived feature/,
  ],
  [
    'SQL that fails on a row',
    { derive: { x: 'CAST(plan AS INTEGER)' } },
    'FEATURE_INVALID',
    /fails on a row: Conversion Error/,
  ],
  [
    'SQL that fits no types',
    { derive: { x: "plan + DATE '2024-01-01'" } },
    'FEATURE_INVALID',
    /Binder Error/,
  ],
  ['a derived list', { derive: { x: '[tenure, 1]' } }, 'FEATURE_INVALID', /has the type/],
  ['a derived row', { derive: { x: 'tenure, charges' } }, 'FEATURE_INVALID', /has the type STRUCT/],
  [
    'a derived interval',
    { derive: { x: "seen - TIMESTAMP '2024-01-01'" } },
    'FEATURE_INVALID',
    /has the type INTERVAL/,
  ],
  ['text that is unknown', { text: ['notes'] }, 'FEATURE_INVALID', /no feature notes; did you mean note\?/],
  [
    'text that is not selected',
    { select: ['tenure', 'plan'], text: ['note'] },
    'FEATURE_INVALID',
    /no feature note/,
  ],
  ['text that is a number', { text: ['tenure'] }, 'FEATURE_INVALID', /tenure is integer, not text/],
])('refused: %s', async (_, features, code, message) => {
  const refused = project.prepare(everything, { dataset, features });
  await expect(refused).rejects.toMatchObject({
    code,
    retryable: false,
    where: expect.stringMatching(/^features\./) as string,
  });
  await expect(refused).rejects.toThrow(message);
});

test('no feature at all', async () => {
  const refused = project.prepare(
    `SELECT 'r' || i AS __row_id, i AS id, i % 2 AS churn FROM range(9) AS n(i)`,
    { dataset },
  );
  await expect(refused).rejects.toMatchObject({ code: 'FEATURE_INVALID', where: 'features' });
});

test('nothing half-written stays after a refusal', async () => {
  await expect(project.prepare(everything, { dataset, features: { select: ['no'] } })).rejects.toThrow();
  const spec = await project.spec({ dataset, features: { select: ['tenure'] } });
  const input = { spec, dataset: await project.dataset(everything), task: 'binary' as const, fresh: false };
  const first = await project.activities.prepareFeatures(input);
  const again = await project.activities.prepareFeatures(input);
  expect([first.cached, again.cached]).toEqual([false, true]);
  expect(again).toEqual({ ...first, cached: true });
  const fresh = await project.activities.prepareFeatures({ ...input, fresh: true });
  expect(fresh).toEqual(first);
});
