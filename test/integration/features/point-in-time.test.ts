/**
 * Catches: a row that sees a value from its own future, a value older than its time-to-live, rows lost or doubled by a join, the wrong one of
 * two values for the same moment, an entity that matches by accident, a view that is read from outside the project or not read again.
 */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FeatureProject, query, type PipelineSketch, type Row } from '../../support/feature-project';
import { runPython } from '../../support/python';

// Real stores and sessions, on a machine that may be busy.
jest.setTimeout(60_000);

let project: FeatureProject;

beforeAll(async () => {
  project = await FeatureProject.create();
});

afterAll(() => project.remove());

const dataset = { key: 'id', label: 'churn' };

function data(name: string): string {
  return join(project.projectRoot, 'data', name);
}

/** Writes a view as Parquet and returns its path in the project. */
async function view(name: string, select: string): Promise<string> {
  await query(`COPY (${select}) TO '${data(name)}' (FORMAT parquet)`);
  return `data/${name}`;
}

/** Joins and returns the rows by row id. */
async function joined(select: string, sketch: Omit<PipelineSketch, 'dataset'>): Promise<Map<string, Row>> {
  const output = await project.prepare(select, { dataset, ...sketch });
  const rows = await project.rows(output.artifact, 'joined.parquet');
  return new Map(rows.map((row) => [String(row.__row_id), row]));
}

/** Few entities and hours, so that ties, exact ages, gaps and misses all occur; some entities and times are missing. */
function timed(count: number, seed: number, columns: string): string {
  return `SELECT ${columns} FROM (
    SELECT i, lpad(CAST(i AS VARCHAR), 6, '0') AS padded, hash(i + ${seed} * 1000003) AS h FROM range(${count}) AS numbers(i))
    ORDER BY hash(h)`;
}
const entity = `CASE WHEN h % 19 = 0 THEN NULL ELSE 'e' || (h // 19 % 25) END AS customer_id`;
const hour = (name: string): string =>
  `CASE WHEN h // 500 % 29 = 0 THEN NULL ELSE TIMESTAMP '2024-01-01' + INTERVAL (h // 15000 % 120) HOUR END AS ${name}`;

test.each([1, 2, 3])('random data, compared with a search row by row (seed %d)', async (seed) => {
  const select = timed(
    400,
    seed,
    `'r' || padded AS __row_id, i AS id, ${entity}, ${hour('event_time')}, h % 2 AS churn`,
  );
  const files = [
    await view(
      `calls-${seed}.parquet`,
      timed(
        1500,
        seed + 10,
        `${entity}, ${hour('called_at')}, i AS calls, CASE WHEN h % 7 = 0 THEN NULL ELSE 'v' || i END AS plan`,
      ),
    ),
    await view(`usage-${seed}.parquet`, timed(60, seed + 20, `${entity}, ${hour('event_time')}, i AS calls`)),
  ];
  const pointInTime = [
    {
      view: files[0]!,
      entity: 'customer_id',
      at: 'event_time',
      timestamp: 'called_at',
      ttl: '3h',
      select: ['calls', 'plan'],
      prefix: '',
    },
    { view: files[1]!, entity: 'customer_id', at: 'event_time', select: ['calls'], prefix: 'usage_' },
  ];
  const output = await project.prepare(select, { dataset, features: { pointInTime } });
  const rows = await project.rows(output.artifact, 'joined.parquet');
  const given = await query(select);
  expect(rows.map((row) => row.__row_id)).toEqual(given.map((row) => String(row.__row_id)).sort());

  await query(`COPY (${select}) TO '${data(`rows-${seed}.parquet`)}' (FORMAT parquet)`);
  await writeFile(
    data('task.json'),
    JSON.stringify({
      dataset: data(`rows-${seed}.parquet`),
      entity: 'customer_id',
      at: 'event_time',
      views: pointInTime.map((spec) => ({
        file: join(project.projectRoot, spec.view),
        timestamp: 'timestamp' in spec ? spec.timestamp : spec.at,
        ttl: 'ttl' in spec ? 3 * 3600 : undefined,
        select: spec.select,
        prefix: spec.prefix,
      })),
    }),
  );
  const reference = JSON.parse(
    await runPython([join(__dirname, '../../support/point_in_time_reference.py'), data('task.json')]),
  ) as Record<string, Row>;
  let matched = 0;
  for (const row of rows) {
    const { calls, plan, usage_calls } = row;
    const number = (value: unknown): unknown => (value === null ? null : Number(value));
    expect({ calls: number(calls), plan, usage_calls: number(usage_calls) }).toEqual(
      reference[String(row.__row_id)],
    );
    if (calls !== null) matched++;
  }
  // Neither all nor none: the comparison means something.
  expect(matched).toBeGreaterThan(50);
  expect(matched).toBeLessThan(350);
  // Ties differ, and the output says how many gave way.
  expect(output.warnings.join()).toMatch(/\d+ rows of data\/calls-\d\.parquet differ from a later one/);
  expect(output.joined).toBe(3);
});

const rowsAt = (moments: readonly string[]): string =>
  moments
    .map(
      (moment, index) =>
        `SELECT 'r${index}' AS __row_id, ${index} AS id, 'a' AS customer_id, ${moment} AS event_time, ${index} % 2 AS churn`,
    )
    .join(' UNION ALL ');

const one = (file: string, more: object = {}): Omit<PipelineSketch, 'dataset'> => ({
  features: {
    select: ['value'],
    pointInTime: [{ view: file, entity: 'customer_id', at: 'event_time', select: ['value'], ...more }],
  },
});

describe('the edges', () => {
  test('a value of exactly the moment is seen, one a microsecond later is not; an age of exactly the ttl counts', async () => {
    const file = await view(
      'edge.parquet',
      `SELECT 'a' AS customer_id, TIMESTAMP '2024-01-02 00:00:00' AS event_time, 7 AS value`,
    );
    const rows = await joined(
      rowsAt([
        `TIMESTAMP '2024-01-02 00:00:00'`,
        `TIMESTAMP '2024-01-01 23:59:59.999999'`,
        `TIMESTAMP '2024-01-03 00:00:00'`,
        `TIMESTAMP '2024-01-03 00:00:00.000001'`,
        `NULL::TIMESTAMP`,
        `'infinity'::TIMESTAMP`,
      ]),
      one(file, { ttl: '1d' }),
    );
    expect([...rows.values()].map((row) => row.value)).toEqual([7, null, 7, null, null, null]);
  });

  test('of several values for one moment the last in the file counts, also when it is missing', async () => {
    const file = await view(
      'ties.parquet',
      `SELECT 'a' AS customer_id, event_time, value FROM (VALUES (1, DATE '2024-01-01', 9), (2, DATE '2024-01-01', 3), (3, DATE '2024-01-02', 4), (4, DATE '2024-01-02', NULL)) AS t(i, event_time, value) ORDER BY i`,
    );
    const rows = await joined(rowsAt([`DATE '2024-01-01'`, `DATE '2024-01-02'`]), one(file));
    expect([...rows.values()].map((row) => row.value)).toEqual([3, null]);
  });

  test('a day in the view is known when it has ended, where rows have a time of day', async () => {
    const file = await view(
      'days.parquet',
      `SELECT 'a' AS customer_id, DATE '2024-01-02' AS event_time, 7 AS value`,
    );
    const rows = await joined(
      rowsAt([
        `TIMESTAMP '2024-01-02 00:00:00'`,
        `TIMESTAMP '2024-01-02 23:59:59'`,
        `TIMESTAMP '2024-01-03 00:00:00'`,
      ]),
      one(file),
    );
    expect([...rows.values()].map((row) => row.value)).toEqual([null, null, 7]);
    const days = await joined(rowsAt([`DATE '2024-01-01'`, `DATE '2024-01-02'`]), one(file));
    expect([...days.values()].map((row) => row.value)).toEqual([null, 7]);
  });

  test('nanoseconds round towards not knowing; an instant with zone is the same moment in UTC', async () => {
    const nanoseconds = await view(
      'nanoseconds.parquet',
      `SELECT 'a' AS customer_id, '2024-01-02 00:00:00.000000500'::TIMESTAMP_NS AS event_time, 7 AS value`,
    );
    const rows = await joined(
      rowsAt([`TIMESTAMP '2024-01-02 00:00:00'`, `TIMESTAMP '2024-01-02 00:00:00.000001'`]),
      one(nanoseconds),
    );
    expect([...rows.values()].map((row) => row.value)).toEqual([null, 7]);
    const zoned = await view(
      'zoned.parquet',
      `SELECT 'a' AS customer_id, '2024-01-02 01:00:00+01'::TIMESTAMPTZ AS event_time, 8 AS value`,
    );
    const utc = await joined(
      rowsAt([`TIMESTAMP '2024-01-01 23:59:59'`, `TIMESTAMP '2024-01-02 00:00:00'`]),
      one(zoned),
    );
    expect([...utc.values()].map((row) => row.value)).toEqual([null, 8]);
  });

  test('CSV and JSON lines; a CSV entity keeps its leading zeros', async () => {
    await writeFile(
      data('zeros.csv'),
      'customer_id,event_time,value\n007,2024-01-01 00:00:00,1\n7,2024-01-01 00:00:00,2\n',
    );
    await writeFile(
      data('zeros.jsonl'),
      '{"customer_id":"7","event_time":"2024-01-01T00:00:00","value":3}\n{"customer_id":"007","event_time":"2024-01-01T00:00:00","value":4}\n',
    );
    const select = rowsAt([`TIMESTAMP '2024-01-02'`]).replace(`'a' AS customer_id`, `'007' AS customer_id`);
    expect((await joined(select, one('data/zeros.csv'))).get('r0')?.value).toEqual('1');
    expect((await joined(select, one('data/zeros.jsonl'))).get('r0')?.value).toEqual('4');
  });
});

test('the bytes of a view are part of the key: rewritten in place it is joined again, moved it would be the same', async () => {
  const select = rowsAt([`TIMESTAMP '2024-02-01'`, `TIMESTAMP '2024-02-02'`]);
  const spec = await project.spec({ dataset, ...one('data/changing.csv') });
  const input = { spec, dataset: await project.dataset(select), task: 'binary' as const, fresh: false };
  await writeFile(data('changing.csv'), 'customer_id,event_time,value\na,2024-01-01 00:00:00,1.5\n');
  const first = await project.activities.prepareFeatures(input);
  expect((await project.activities.prepareFeatures(input)).cached).toBe(true);
  await writeFile(data('changing.csv'), 'customer_id,event_time,value\na,2024-01-01 00:00:00,2.5\n');
  const second = await project.activities.prepareFeatures(input);
  expect(second.cached).toBe(false);
  expect(second.artifact.digest).not.toBe(first.artifact.digest);
  const inputs = (await project.store.open(second.artifact)).manifest.inputs;
  expect(Object.keys(inputs)).toEqual(['dataset', 'view:0']);
});

describe('what is refused, at once and by name', () => {
  const select = rowsAt([`TIMESTAMP '2024-01-02'`]);

  test.each<[title: string, more: object, code: string, message: RegExp]>([
    [
      'an unknown column',
      { select: ['valeu'] },
      'FEATURE_INVALID',
      /no column valeu in the view; did you mean value\?/,
    ],
    [
      'an unknown moment',
      { at: 'event_tim' },
      'FEATURE_INVALID',
      /event_tim in the dataset; did you mean event_time/,
    ],
    ['an unknown entity', { entity: 'customer' }, 'FEATURE_INVALID', /no column customer in the dataset/],
    [
      'no time',
      { at: 'customer_id', timestamp: 'event_time' },
      'FEATURE_INVALID',
      /not a date or a timestamp/,
    ],
    [
      'another type',
      { entity: 'id' },
      'FEATURE_INVALID',
      /id is INTEGER in the dataset and VARCHAR in the view/,
    ],
    [
      'a name that is taken',
      { select: ['Churn'] },
      'FEATURE_INVALID',
      /Churn has the name of another column/,
    ],
    ['a reserved name', { prefix: '__' }, 'FEATURE_INVALID', /reserved/],
    ['twice the same', { select: ['value', 'value'] }, 'FEATURE_INVALID', /name of another column/],
    ['a missing file', { view: 'data/absent.parquet' }, 'SOURCE_NOT_FOUND', /./],
    ['a way out', { view: '../outside.parquet' }, 'PATH_OUTSIDE_ROOT', /./],
    ['an absolute way out', { view: '/etc/outside.csv' }, 'PATH_OUTSIDE_ROOT', /./],
    ['a link out', { view: 'data/link.csv' }, 'PATH_OUTSIDE_ROOT', /./],
    ['no format', { view: 'data/view.xlsx' }, 'SOURCE_UNREADABLE', /format/],
    ['no Parquet', { view: 'data/broken.parquet' }, 'SOURCE_UNREADABLE', /not a Parquet file/],
  ])('%s', async (_, more, code, message) => {
    await view(
      'good.parquet',
      `SELECT 'a' AS customer_id, 'x' AS id, TIMESTAMP '2024-01-01' AS event_time, 1 AS value, 1 AS "Churn"`,
    );
    await writeFile(data('broken.parquet'), 'nothing');
    await writeFile(data('view.xlsx'), 'nothing');
    await mkdir(join(project.root, 'elsewhere'), { recursive: true });
    await writeFile(join(project.root, 'elsewhere', 'secret.csv'), 'customer_id,event_time,value\n');
    await symlink(join(project.root, 'elsewhere', 'secret.csv'), data('link.csv')).catch(() => undefined);
    const refused = project.prepare(select, { dataset, ...one('data/good.parquet', more) });
    await expect(refused).rejects.toMatchObject({
      code,
      retryable: false,
      where: expect.stringMatching(/^features\.pointInTime\[0\]|^data\/broken/) as string,
    });
    await expect(refused).rejects.toThrow(message);
  });
});
