/**
 * Catches: SQL of a pipeline file that reads a file, loads an extension, changes the session or the store, or gives another dataset each time;
 * SQL that fails in the engine's words, without the place; names with quotes that become SQL.
 */
import type { MillraceError } from '../../../src/contracts/errors';
import { DataProject } from './data-project';

jest.setTimeout(60_000);

let project: DataProject;

beforeAll(async () => {
  project = await DataProject.create();
  await project.file('customers.csv', 'id,plan,y\n1,a,no\n2,b,yes\n3,a,no\n4,c,yes\n');
  await project.file('plans.tsv', 'plan\tprice\na\t10\nb\t20\n');
  await project.file('calls.jsonl', '{"id":1,"seconds":5}\n{"id":1,"seconds":7}\n{"id":3,"seconds":1}\n');
});

afterAll(() => project.remove());

const sources = {
  customers: { uri: 'customers.csv' },
  plans: { uri: 'plans.tsv' },
  calls: { uri: 'calls.jsonl' },
};

function refusal(sql: string): Promise<MillraceError> {
  return project.refusal({ sources, dataset: { key: 'id', label: 'y', sql } });
}

test('several sources of several formats, joined and grouped', async () => {
  const built = await project.build({
    sources,
    dataset: {
      key: 'id',
      label: 'y',
      sql: `WITH spoken AS (SELECT id, sum(seconds) AS seconds FROM calls GROUP BY id)
            SELECT c.*, p.price, coalesce(s.seconds, 0) AS seconds
            FROM customers c LEFT JOIN plans p USING (plan) LEFT JOIN spoken s ON s.id = c.id`,
    },
  });
  expect(built).toMatchObject({ rows: 4, columns: 5, task: 'binary', classes: ['no', 'yes'] });
  expect(
    await project.query(built.artifact, 'SELECT id, plan, y, price, seconds FROM data ORDER BY id'),
  ).toEqual([
    { id: 1, plan: 'a', y: 'no', price: 10, seconds: 12 },
    { id: 2, plan: 'b', y: 'yes', price: 20, seconds: 0 },
    { id: 3, plan: 'a', y: 'no', price: 10, seconds: 1 },
    { id: 4, plan: 'c', y: 'yes', price: null, seconds: 0 },
  ]);
});

test('a source that the SQL does not read need not be readable', async () => {
  await project.file('broken.csv', 'id,a\n1\n2,3,4\n');
  const built = await project.build({
    sources: { ...sources, broken: { uri: 'broken.csv' } },
    dataset: { key: 'id', label: 'y', sql: 'SELECT * FROM customers' },
  });
  expect(built.rows).toBe(4);
});

describe('reaching out', () => {
  test.each([
    ["SELECT * FROM read_csv('/etc/passwd')", /read_csv\(\) reads what is not a source/],
    ["SELECT * FROM customers, (SELECT * FROM read_csv('/etc/passwd'))", /read_csv\(\)/],
    ["SELECT (SELECT max(content) FROM read_text('/etc/passwd')) AS a, * FROM customers", /read_text\(\)/],
    ["WITH x AS (SELECT * FROM read_parquet('a.parquet')) SELECT * FROM x", /read_parquet\(\)/],
    ["SELECT * FROM customers WHERE id IN (SELECT size FROM read_blob('/etc/*'))", /read_blob\(\)/],
    ["SELECT * FROM glob('/**')", /glob\(\)/],
    ["SELECT * FROM query('SELECT 1')", /query\(\)/],
    ['SELECT * FROM duckdb_settings()', /duckdb_settings\(\)/],
    ["SELECT * FROM '/etc/passwd'", /\/etc\/passwd is not a source/],
    ['SELECT * FROM "plans.tsv"', /plans\.tsv is not a source of this pipeline/],
    ['SELECT * FROM information_schema.tables', /is not a source/],
    ['SELECT * FROM main.customers', /is not a source/],
    ['SELECT * FROM custmers', /did you mean customers\?/],
    ["COPY customers TO 'stolen.csv'", /exactly one SELECT/],
    ["COPY (SELECT 1) TO '/tmp/stolen.csv'", /exactly one SELECT/],
    ["ATTACH 'other.db'", /exactly one SELECT/],
    ['INSTALL httpfs', /exactly one SELECT/],
    ['LOAD httpfs', /exactly one SELECT/],
    ['SET threads = 1', /exactly one SELECT/],
    ['PRAGMA enable_profiling', /exactly one SELECT/],
    ['CREATE TABLE x AS SELECT * FROM customers', /exactly one SELECT/],
    ['SELECT * FROM customers; SELECT * FROM plans', /exactly one SELECT/],
    ["SELECT * FROM customers; COPY customers TO 'stolen.csv'", /exactly one SELECT/],
  ])('%s', async (sql, message) => {
    const error = await refusal(sql);
    expect(error).toMatchObject({ code: 'DATASET_INVALID', where: 'dataset.sql' });
    expect(error.message).toMatch(message);
  });
});

describe('another result each time', () => {
  test.each([
    ['SELECT *, random() AS r FROM customers', /random gives another result/],
    ['SELECT *, now() AS r FROM customers', /now gives another result/],
    ["SELECT * FROM customers WHERE current_date > DATE '2024-01-01'", /current_date gives another result/],
    ['SELECT *, current_timestamp AS r FROM customers', /gives another result/],
    ["SELECT *, getenv('HOME') AS r FROM customers", /getenv gives another result/],
    ['SELECT *, uuid() AS r FROM customers', /uuid gives another result/],
    ['SELECT * FROM customers USING SAMPLE 50%', /sample gives another result/],
    ['SELECT * FROM customers TABLESAMPLE 50%', /sample gives another result/],
    ['SELECT * FROM (SELECT * FROM customers TABLESAMPLE 2 ROWS)', /sample gives another result/],
  ])('%s', async (sql, message) => {
    const error = await refusal(sql);
    expect(error).toMatchObject({ code: 'DATASET_INVALID', where: 'dataset.sql' });
    expect(error.message).toMatch(message);
    expect(error.mend).toContain('{{ params.date }}');
  });
});

describe('SQL that does not fit', () => {
  test.each([
    ['SELECT id, pla, y FROM customers', /"pla" not found/],
    ['SELECT id y FROM customers WHERE', /syntax error/],
    ['SELECT id, y, CAST(plan AS INTEGER) AS n FROM customers', /Could not convert string 'a'/],
    ['SELECT * FROM customers WHERE false', /gives no rows/],
    ['SELECT *, plan FROM customers', /The column "plan" is there twice/],
    ['SELECT *, 1 AS Plan FROM customers', /differ in case only/],
    ['SELECT *, 1 AS __row_id FROM customers', /begins with __/],
    ["SELECT *, 'x'::BLOB AS bytes FROM customers", /holds bytes/],
  ])('%s', async (sql, message) => {
    const error = await refusal(sql);
    expect(error.code).toBe('DATASET_INVALID');
    expect(error.message).toMatch(message);
  });

  test('the rows of a join that repeats a key', async () => {
    const error = await refusal('SELECT c.*, seconds FROM customers c JOIN calls USING (id)');
    expect(error).toMatchObject({
      code: 'DATASET_INVALID',
      where: 'dataset.key',
      details: { values: 1, examples: ['1 (2 rows)'] },
    });
  });

  test('sources whose names differ in case only', async () => {
    const error = await project.refusal({
      sources: { rows: { uri: 'customers.csv' }, Rows: { uri: 'plans.tsv' } },
      dataset: { label: 'y', sql: 'SELECT * FROM rows' },
    });
    expect(error).toMatchObject({ code: 'DATASET_INVALID', where: 'sources' });
  });
});

test('quotes, commas and line ends in names and values stay names and values', async () => {
  const name = `a"b'c; DROP TABLE x --`;
  const quoted = `"${name.replaceAll('"', '""')}"`;
  await project.file(
    `it's "data".csv`,
    `id,${quoted},"two, words","two\nlines",y\n1,"x""; DROP TABLE y",p,"1\n2",no\n2,'b',q,c,yes\n`,
  );
  const built = await project.build({
    sources: { rows: { uri: `it's "data".csv` } },
    dataset: { key: 'id', label: 'y' },
  });
  const columns = await project.json<{ name: string }[]>(built.artifact, 'columns.json');
  expect(columns.map((column) => column.name)).toEqual(['id', name, 'two, words', 'two\nlines', 'y']);
  expect(
    await project.query(built.artifact, `SELECT ${quoted} AS a, "two\nlines" AS b FROM data ORDER BY id`),
  ).toEqual([
    { a: 'x"; DROP TABLE y', b: '1\n2' },
    { a: "'b'", b: 'c' },
  ]);
  // As key and as label too, through the quality rules and the profile.
  const swapped = { key: name, label: 'two, words' };
  const validated = await project.validate({
    sources: { rows: { uri: `it's "data".csv` } },
    dataset: swapped,
    quality: {
      duplicates: { max: 0 },
      columns: { [name]: { unique: true, allowed: [`x"; DROP TABLE y`, "'b'"], pattern: '.*' } },
    },
  });
  expect(validated.checked).toBe(4);
});
