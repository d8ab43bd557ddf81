/**
 * Catches: a format, a compression, a glob or a list that reads as other rows than are there; a byte-order mark in the name of a column; a
 * type that follows the order of rows or the size of a sample; a dataset whose bytes depend on the order of rows or files, on names, on
 * threads or on memory; a file rewritten in place that goes unseen, one merely touched that is read as new.
 */
import { rename, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { DataProject } from './data-project';

jest.setTimeout(120_000);

let project: DataProject;

beforeEach(async () => {
  project = await DataProject.create();
});

afterEach(() => project.remove());

const ROWS = [
  { id: 1, when: '2024-01-31', at: '2024-01-31 10:00:00', n: 1.5, b: true, t: 'ä, "x"', y: 'no' },
  { id: 2, when: '2024-02-29', at: '2024-02-29 23:59:59', n: -2e-3, b: false, t: 'two\nlines', y: 'yes' },
  { id: 3, when: null, at: null, n: null, b: null, t: null, y: 'no' },
];
const NAMES = ['id', 'when', 'at', 'n', 'b', 't', 'y'] as const;

function separated(delimiter: string, lineEnd = '\n'): string {
  const field = (value: string | number | boolean | null): string => {
    const text = value === null ? '' : String(value);
    return /[",;|\t\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = ROWS.map((row) => NAMES.map((name) => field(row[name])).join(delimiter));
  return [NAMES.join(delimiter), ...lines, ''].join(lineEnd);
}

const jsonLines = `${ROWS.map((row) => JSON.stringify(row)).join('\n')}\n`;
const dataset = { key: 'id', label: 'y' };

async function parquet(path: string, select: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
}

test.each<[string, string | Buffer]>([
  ['a.csv', separated(',')],
  ['semicolon.csv', separated(';')],
  ['bar.csv', separated('|')],
  ['tabs.csv', separated('\t')],
  ['windows.csv', separated(',').replaceAll('\n', '\r\n').replace('two\r\nlines', 'two\nlines')],
  ['mark.csv', `\ufeff${separated(',')}`],
  ['a.tsv', separated('\t')],
  ['a.tab', separated('\t')],
  ['a.jsonl', jsonLines],
  ['a.ndjson', jsonLines],
  ['a.csv.gz', gzipSync(separated(','))],
  ['a.tsv.gz', gzipSync(separated('\t'))],
  ['a.jsonl.gz', gzipSync(jsonLines)],
  ['unfinished.csv', separated(',').trimEnd()],
])('%s gives the same table, byte for byte', async (name, content) => {
  await project.file('reference.csv', separated(','));
  const reference = await project.build({ sources: { rows: { uri: 'reference.csv' } }, dataset });
  await project.file(name, content);
  const built = await project.build({ sources: { rows: { uri: name } }, dataset });
  expect(built).toMatchObject({ rows: 3, columns: 7, classes: ['no', 'yes'] });
  expect(await project.json(built.artifact, 'columns.json')).toEqual([
    { name: 'id', type: 'integer', duckdbType: 'BIGINT' },
    { name: 'when', type: 'date', duckdbType: 'DATE' },
    { name: 'at', type: 'timestamp', duckdbType: 'TIMESTAMP' },
    { name: 'n', type: 'double', duckdbType: 'DOUBLE' },
    { name: 'b', type: 'boolean', duckdbType: 'BOOLEAN' },
    { name: 't', type: 'string', duckdbType: 'VARCHAR' },
    { name: 'y', type: 'string', duckdbType: 'VARCHAR' },
  ]);
  expect(
    await project.query(
      built.artifact,
      'SELECT __row_id, id, CAST("when" AS VARCHAR) AS "when", CAST("at" AS VARCHAR) AS "at", n, b, t, y FROM data ORDER BY id',
    ),
  ).toEqual(ROWS.map((row) => ({ __row_id: String(row.id), ...row })));
  expect(built.artifact.digest).toBe(reference.artifact.digest);
});

test('Parquet, with types that a dataset does not keep', async () => {
  await parquet(
    join(project.root, 'a.parquet'),
    `SELECT i::SMALLINT AS id, (i / 3)::FLOAT AS f, CASE WHEN i = 1 THEN 'NaN'::DOUBLE ELSE i END AS nan, (i * 1.25)::DECIMAL(9,2) AS price,
            [i, i] AS list, {'a': i} AS nested, TIMESTAMPTZ '2024-01-01 01:00:00+01' AS at, TIME '10:00' AS clock, i % 2 = 0 AS y
     FROM range(4) t(i)`,
  );
  const built = await project.build({ sources: { rows: { uri: 'a.parquet' } }, dataset });
  expect(built).toMatchObject({ rows: 4, task: 'binary', classes: ['false', 'true'] });
  expect(
    await project.query(
      built.artifact,
      'SELECT id, nan, price, list, nested, CAST("at" AS VARCHAR) AS "at", clock, y FROM data WHERE id < 2 ORDER BY id',
    ),
  ).toEqual([
    {
      id: 0,
      nan: 0,
      price: 0,
      list: '[0,0]',
      nested: '{"a":0}',
      at: '2024-01-01 00:00:00',
      clock: '10:00:00',
      y: true,
    },
    {
      id: 1,
      nan: null,
      price: 1.25,
      list: '[1,1]',
      nested: '{"a":1}',
      at: '2024-01-01 00:00:00',
      clock: '10:00:00',
      y: false,
    },
  ]);
});

test('a glob, a list and both; files of several formats; each file once', async () => {
  const lines = separated(',').split(/\n(?=\d,)|\n$/);
  const file = (row: number): string => `${lines[0]}\n${lines[row]}\n`;
  await project.file('in/2024/a.csv', file(1));
  await project.file('in/2024/b.csv', file(2));
  await project.file('in/2025/c.csv', file(3));
  await project.file('more.jsonl', `${JSON.stringify({ ...ROWS[0], id: 9 })}\n`);
  const whole = await project.build({ sources: { rows: { uri: 'in/**/*.csv' } }, dataset });
  expect(whole).toMatchObject({ rows: 3, acquired: { files: 3 } });
  const listed = await project.build({
    sources: { rows: { uri: ['in/2025/c.csv', 'in/2024/*.csv', 'in/2024/a.csv'] } },
    dataset,
  });
  expect(listed.artifact.digest).toBe(whole.artifact.digest);
  // The order of columns in a file, and that of files, says nothing.
  const mixed = await project.build({
    sources: { rows: { uri: ['more.jsonl', 'in/{2024,2025}/*.csv'] } },
    dataset,
  });
  expect(mixed.rows).toBe(4);
  expect(await project.query(mixed.artifact, 'SELECT t, n FROM data WHERE id IN (1, 9)')).toEqual([
    { t: 'ä, "x"', n: 1.5 },
    { t: 'ä, "x"', n: 1.5 },
  ]);
});

test('a file without a header line, set types and texts that mean missing', async () => {
  await project.file('a.csv', '007;n/a;no\n008;5;yes\n009;-;no\n');
  const built = await project.build({
    sources: { rows: { uri: 'a.csv', header: false, types: { column0: 'VARCHAR' }, nulls: ['n/a', '-'] } },
    dataset: { key: 'column0', label: 'column2' },
  });
  expect(await project.query(built.artifact, 'SELECT column0, column1 FROM data ORDER BY 1')).toEqual([
    { column0: '007', column1: null },
    { column0: '008', column1: 5 },
    { column0: '009', column1: null },
  ]);
});

describe('types do not follow a sample', () => {
  // More than the 32 MB and the 20,480 rows to which the first look is limited.
  const rows = 400_000;
  const wide = 'x'.repeat(80);
  const table = (value: (row: number) => string): string => {
    const lines = ['id,v,wide,y'];
    for (let i = 0; i < rows; i++) lines.push(`${i},${value(i)},${wide},${i % 2 === 0 ? 'no' : 'yes'}`);
    return `${lines.join('\n')}\n`;
  };

  test.each<[string, string, (row: number) => string]>([
    ['whole numbers, then fractions', 'double', (i) => (i < 300_000 ? String(i) : `${i}.5`)],
    ['whole numbers, then one fraction', 'double', (i) => (i === 399_999 ? '1.6' : String(i))],
    ['dates, then a time of day', 'timestamp', (i) => (i === 399_999 ? '2024-01-01 10:00:00' : '2024-01-31')],
    ['dates in the manner of Europe', 'date', (i) => `${10 + (i % 20)}/01/2024`],
    ['numbers with zeros in front', 'string', (i) => String(i % 1000).padStart(4, '0')],
    ['true, then yes', 'string', (i) => (i < 300_000 ? 'true' : 'yes')],
    ['numbers, then text', 'string', (i) => (i < 399_999 ? String(i) : 'n/a')],
    ['nothing, then numbers', 'integer', (i) => (i < 300_000 ? '' : String(i))],
    ['yes and no are no Booleans', 'string', (i) => (i % 2 === 0 ? 'yes' : 'no')],
    ['true and false are', 'boolean', (i) => (i % 2 === 0 ? 'true' : 'FALSE')],
  ])('%s', async (_name, type, value) => {
    await project.file('a.csv', table(value));
    const built = await project.build({ sources: { rows: { uri: 'a.csv' } }, dataset });
    const columns = await project.json<{ name: string; type: string }[]>(built.artifact, 'columns.json');
    expect(columns.find(({ name }) => name === 'v')?.type).toBe(type);
    expect(built.rows).toBe(rows);
  });
});

test('a field of a million characters', async () => {
  await project.file('a.csv', `id,t,y\n1,${'m'.repeat(1_000_000)},no\n2,"${'ü\n'.repeat(500_000)}",yes\n`);
  const { built, profile, quality } = await project.validate({
    sources: { rows: { uri: 'a.csv' } },
    dataset,
    quality: { columns: { t: { allowed: ['x'], severity: 'warn' } } },
  });
  expect(await project.query(built.artifact, 'SELECT length(t) AS n FROM data')).toEqual([
    { n: 1_000_000 },
    { n: 1_000_000 },
  ]);
  // What people are shown stays small.
  for (const file of [await project.profile(profile), await project.quality(quality)])
    expect(JSON.stringify(file).length).toBeLessThan(5_000);
});

describe('the same rows, the same bytes', () => {
  const lines = Array.from(
    { length: 30_000 },
    (_, i) => `k${i},${(i * 7919) % 1000},${i % 3 === 0 ? 'yes' : 'no'}`,
  );
  const header = 'id,v,y';
  const text = (rows: readonly string[]): string => `${header}\n${rows.join('\n')}\n`;

  test.each([
    ['with a key', { key: 'id', label: 'y' }],
    ['with a key, without duplicates', { key: 'id', label: 'y', dropDuplicates: ['v'] }],
    ['without a key', { label: 'y', dropDuplicates: true }],
    ['with SQL', { label: 'y', sql: 'SELECT v, y FROM rows' }],
  ])('%s: whatever the order, the files, their names, the threads and the memory', async (_name, given) => {
    await project.file('a.csv', text(lines));
    const first = await project.build({ sources: { rows: { uri: 'a.csv' } }, dataset: given });

    await project.file('b.csv', text(lines.toReversed()));
    const reversed = await project.build({ sources: { rows: { uri: 'b.csv' } }, dataset: given });
    expect(reversed.cached).toBe(false);
    expect(reversed.artifact.digest).toBe(first.artifact.digest);

    await project.file('parts/z.csv', text(lines.slice(0, 10_000)));
    await project.file('parts/a.csv', text(lines.slice(10_000)));
    const parts = await project.build({ sources: { rows: { uri: 'parts/*.csv' } }, dataset: given });
    expect(parts.artifact.digest).toBe(first.artifact.digest);

    const other = await DataProject.create({ threads: 1, memoryBytes: 128 * 2 ** 20 });
    try {
      await other.file('c.csv', text(lines));
      const alone = await other.build({ sources: { rows: { uri: 'c.csv' } }, dataset: given });
      expect(alone.artifact.digest).toBe(first.artifact.digest);
      expect(alone.rows).toBe(first.rows);
    } finally {
      await other.remove();
    }
  });

  test('rows that are repeated without a key are told apart by a number; with dropDuplicates one is kept', async () => {
    await project.file('a.csv', text(['k1,1,no', 'k1,1,no', 'k2,2,yes', 'k1,1,no']));
    const kept = await project.build({ sources: { rows: { uri: 'a.csv' } }, dataset: { label: 'y' } });
    expect(kept).toMatchObject({ rows: 4, duplicatesDropped: 0 });
    const ids = await project.query(kept.artifact, 'SELECT __row_id AS id FROM data WHERE v = 1 ORDER BY 1');
    const [plain] = ids;
    expect(ids.map(({ id }) => id)).toEqual([plain?.id, `${plain?.id}-1`, `${plain?.id}-2`]);
    const dropped = await project.build({
      sources: { rows: { uri: 'a.csv' } },
      dataset: { label: 'y', dropDuplicates: true },
    });
    expect(dropped).toMatchObject({ rows: 2, duplicatesDropped: 2 });
  });

  test('a sample is a part of the whole, and the same one each time', async () => {
    await project.file('a.csv', text(lines));
    const sections = { sources: { rows: { uri: 'a.csv' } }, dataset: { key: 'id', label: 'y' } };
    const sample = await project.build(sections, { sample: 500 });
    expect(sample.rows).toBe(500);
    await project.file('b.csv', text(lines.toReversed()));
    const again = await project.build({ ...sections, sources: { rows: { uri: 'b.csv' } } }, { sample: 500 });
    expect(again.artifact.digest).toBe(sample.artifact.digest);
  });
});

describe('by content', () => {
  const sections = { sources: { rows: { uri: 'a.csv' } }, dataset };

  test('touched, or moved: nothing is read again; rewritten in place with the same size and time: everything is', async () => {
    await project.file('a.csv', separated(','));
    const past = new Date('2024-01-01T00:00:00Z');
    await utimes(join(project.root, 'a.csv'), past, past);
    const first = await project.build(sections);
    expect(first).toMatchObject({ cached: false, acquired: { cached: false } });
    await utimes(join(project.root, 'a.csv'), new Date(), new Date());
    expect(await project.build(sections)).toMatchObject({ cached: true, acquired: { cached: true } });

    await rename(join(project.root, 'a.csv'), join(project.root, 'b.csv'));
    const moved = await project.build({ ...sections, sources: { rows: { uri: 'b.csv' } } });
    expect(moved).toMatchObject({ cached: true, artifact: first.artifact });

    await project.file('a.csv', separated(',').replace('1.5', '1.6'));
    await utimes(join(project.root, 'a.csv'), past, past);
    const rewritten = await project.build(sections);
    expect(rewritten.cached).toBe(false);
    expect(await project.query(rewritten.artifact, 'SELECT n FROM data WHERE id = 1')).toEqual([{ n: 1.6 }]);
  });

  test('what says how a file is read is part of the key; what is of other sources is not', async () => {
    await project.file('a.csv', separated(','));
    await project.file('other.csv', 'x\n1\n');
    await project.build(sections);
    expect(
      await project
        .build({
          ...sections,
          sources: { rows: { uri: 'a.csv', nulls: ['no'] }, other: { uri: 'other.csv' } },
          dataset: { ...dataset, from: 'rows', label: 'id', key: 't' },
        })
        .catch((error: unknown) => error),
    ).not.toMatchObject({ cached: true });
    expect(
      await project.build({
        sources: { ...sections.sources, other: { uri: 'other.csv' } },
        dataset: { ...dataset, from: 'rows' },
      }),
    ).toMatchObject({ cached: false });
    await project.file('other.csv', 'x\n2\n');
    expect(
      await project.build({
        sources: { ...sections.sources, other: { uri: 'other.csv' } },
        dataset: { ...dataset, from: 'rows' },
      }),
    ).toMatchObject({ cached: true });
  });

  test('fresh runs the step again, and comes to the same', async () => {
    await project.file('a.csv', separated(','));
    const first = await project.build(sections);
    const again = await project.build(sections, { fresh: true });
    expect(again).toMatchObject({ cached: false, artifact: { digest: first.artifact.digest } });
  });
});
