/**
 * Catches: SQL that reads or writes a file that its session was not given, or loosens its own confinement; values that change on their way
 * into JavaScript; results that depend on the machine's time zone; spill folders that stay behind; a crash when a session closes under a statement.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDuckDbEngine } from '../../src/adapters/table-engine/duckdb';
import type { TableSession } from '../../src/ports/table-engine';

let root: string;
let session: TableSession;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'millrace-engine-'));
  await mkdir(join(root, 'staging'));
  await writeFile(join(root, 'given.csv'), 'a,b\n1,x\n2,y\n');
  await writeFile(join(root, 'secret.csv'), 'password\nhunter2\n');
  session = await createDuckDbEngine({ spillRoot: join(root, 'spill') }).open({
    readable: [join(root, 'given.csv')],
    writable: [join(root, 'staging')],
  });
});

afterEach(async () => {
  session.close();
  await rm(root, { recursive: true, force: true });
});

test('a session reads what it was given and writes into its folder', async () => {
  expect(await session.rows(`SELECT * FROM read_csv('${root}/given.csv')`)).toEqual([
    { a: 1, b: 'x' },
    { a: 2, b: 'y' },
  ]);
  await session.run(`COPY (SELECT 7 AS seven) TO '${root}/staging/out.csv'`);
  expect(await readFile(join(root, 'staging', 'out.csv'), 'utf8')).toBe('seven\n7\n');
});

test.each([
  ["SELECT * FROM read_csv('/etc/passwd')", /disabled by configuration/],
  ["SELECT * FROM read_text('/etc/passwd')", /disabled by configuration/],
  ["SELECT * FROM read_blob('/etc/passwd')", /disabled by configuration/],
  ["SELECT * FROM sniff_csv('/etc/passwd')", /disabled by configuration/],
  ["SELECT * FROM parquet_metadata('/etc/passwd')", /disabled by configuration/],
  ["SELECT * FROM '/etc/passwd'", /does not exist/],
  ["SELECT * FROM '/etc/hosts.csv'", /does not exist|disabled by configuration/],
  ["SELECT * FROM glob('/etc/*')", /disabled by configuration/],
  ["SELECT * FROM read_csv('https://example.com/a.csv')", /disabled by configuration/],
  ["SELECT * FROM read_csv('ROOT/secret.csv')", /disabled by configuration/],
  ["SELECT * FROM read_csv('ROOT/*.csv')", /disabled by configuration/],
  ["SELECT * FROM read_csv('ROOT/staging/../secret.csv')", /disabled by configuration/],
  ["SELECT * FROM query('SELECT * FROM read_csv(''ROOT/secret.csv'')')", /disabled by configuration/],
  ["ATTACH 'ROOT/other.db'", /disabled by configuration/],
  ["COPY (SELECT 1) TO 'ROOT/out.csv'", /disabled by configuration/],
  ["COPY (SELECT 1) TO 'ROOT/given.csv'", /disabled by configuration/],
  ["COPY (SELECT 1) TO 'ROOT/staging/../out.csv'", /disabled by configuration/],
  ["EXPORT DATABASE 'ROOT/dump'", /disabled by configuration/],
  ["SET memory_limit = '64GB'", /configuration has been locked/],
  ['SET threads = 64', /configuration has been locked/],
  ['RESET threads', /configuration has been locked/],
  ['PRAGMA threads = 64', /configuration has been locked/],
  ['SET enable_external_access = true', /configuration has been locked|Cannot change/],
  ["SET allowed_directories = ['/']", /configuration has been locked|Cannot change/],
  ["SET allowed_paths = ['/etc/passwd']", /configuration has been locked|Cannot change/],
  ["SET temp_directory = '/'", /configuration has been locked|Cannot change/],
  ["SET TimeZone = 'Asia/Tokyo'", /configuration has been locked/],
  ['SET lock_configuration = false', /configuration has been locked/],
  ['INSTALL httpfs', /disabled by configuration/],
  ['LOAD httpfs', /disabled/],
  ["LOAD '/tmp/evil.duckdb_extension'", /disabled/],
  ["SELECT getenv('HOME')", /getenv does not exist/],
])('refused by the engine: %s', async (sql, words) => {
  await expect(session.run(sql.replaceAll('ROOT', root))).rejects.toThrow(words);
  expect((await readdir(root)).sort()).toEqual(['given.csv', 'secret.csv', 'spill', 'staging']);
  expect(await readFile(join(root, 'given.csv'), 'utf8')).toBe('a,b\n1,x\n2,y\n');
});

test('a path that is not absolute is refused before anything opens', async () => {
  const engine = createDuckDbEngine();
  await expect(engine.open({ readable: ['given.csv'], writable: [] })).rejects.toMatchObject({
    code: 'INTERNAL',
  });
});

test('names with quotes are given as they are', async () => {
  const odd = join(root, "o'neil.csv");
  await writeFile(odd, 'a\n5\n');
  const other = await createDuckDbEngine().open({ readable: [odd], writable: [] });
  expect(await other.row(`SELECT * FROM read_csv('${odd.replaceAll("'", "''")}')`)).toEqual({ a: 5 });
  other.close();
});

test('every kind of value arrives as a cell that JSON can hold', async () => {
  const row = await session.row(`SELECT
    1::TINYINT AS tiny, 9007199254740991::BIGINT AS safe, 9007199254740993::BIGINT AS large, (-9223372036854775807)::BIGINT AS low,
    sum(5) AS huge, 12.50::DECIMAL(9,2) AS dec, 0.1::DOUBLE AS dbl, 'nan'::DOUBLE AS nan, '-inf'::DOUBLE AS inf, true AS yes,
    'é𝄞' AS txt, NULL AS nothing, DATE '2024-02-29' AS d, TIMESTAMP '2024-02-29 10:11:12.5' AS ts, TIMESTAMP_NS '2024-02-29 10:11:12.123456789' AS ns,
    TIMESTAMPTZ '2024-02-29 10:11:12+02' AS tz, TIME '10:11:12' AS t, [1, NULL, 3] AS list, {'a': 1, 'b': 'x'} AS struct,
    MAP {'k': 1} AS map, INTERVAL 3 DAY AS iv, '\\xAB'::BLOB AS blob, 'a'::ENUM('a', 'b') AS en,
    '12345678-1234-1234-1234-123456789abc'::UUID AS uuid`);
  expect(row).toEqual({
    tiny: 1,
    safe: 9007199254740991,
    large: '9007199254740993',
    low: '-9223372036854775807',
    huge: 5,
    dec: '12.50',
    dbl: 0.1,
    nan: 'NaN',
    inf: '-Infinity',
    yes: true,
    txt: 'é𝄞',
    nothing: null,
    d: '2024-02-29',
    ts: '2024-02-29T10:11:12.5',
    ns: '2024-02-29T10:11:12.123456789',
    tz: '2024-02-29T08:11:12Z',
    t: '10:11:12',
    list: '[1,null,3]',
    struct: '{"a":1,"b":"x"}',
    map: '[{"key":"k","value":1}]',
    iv: '3 days',
    blob: '\\xAB',
    en: 'a',
    uuid: '12345678-1234-1234-1234-123456789abc',
  });
  expect(JSON.parse(JSON.stringify(row))).toEqual(row);
});

test('a result does not depend on the time zone of the machine', () => {
  const script = `
    const { createDuckDbEngine } = require('./src/adapters/table-engine/duckdb.ts');
    createDuckDbEngine().open({ readable: [], writable: [] }).then(async (session) => {
      console.log(JSON.stringify(await session.row("SELECT TIMESTAMPTZ '2024-07-01 00:00:00+00' AS at, hour(TIMESTAMPTZ '2024-07-01 00:00:00+00') AS hour")));
      session.close();
    });`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', join(__dirname, '../support/typescript-hook.cjs'), '-e', script],
    { cwd: join(__dirname, '../..'), env: { ...process.env, TZ: 'Asia/Tokyo' }, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({ at: '2024-07-01T00:00:00Z', hour: 0 });
});

test('parameters are bound, integers exactly', async () => {
  const values = ['x', 9007199254740991, 1e300, 0.5, true, null, "o'x"] as const;
  expect(
    await session.row('SELECT ? AS a, ?::BIGINT AS b, ? AS c, ? AS d, ? AS e, ? AS f, ? AS g', values),
  ).toEqual({ a: 'x', b: 9007199254740991, c: 1e300, d: 0.5, e: true, f: null, g: "o'x" });
});

test('row refuses none and two', async () => {
  await expect(session.row('SELECT 1 WHERE false')).rejects.toMatchObject({ code: 'INTERNAL' });
  await expect(session.row('SELECT * FROM range(2)')).rejects.toMatchObject({ code: 'INTERNAL' });
});

test('numeric columns come whole, in order, null as NaN', async () => {
  const [number, half, flag, large, decimal] = await session.numericColumns(`
    SELECT i::INTEGER, CASE WHEN i % 2 = 0 THEN i / 2.0::DOUBLE END, i % 3 = 0, i::BIGINT, i::DECIMAL(18,3)
    FROM range(100000) t(i) ORDER BY i`);
  expect(number).toHaveLength(100_000);
  for (const index of [0, 1, 2047, 2048, 2049, 99_999]) {
    expect(number![index]).toBe(index);
    expect(half![index]).toBe(index % 2 === 0 ? index / 2 : Number.NaN);
    expect(flag![index]).toBe(index % 3 === 0 ? 1 : 0);
    expect(large![index]).toBe(index);
    expect(decimal![index]).toBe(index);
  }
  await expect(session.numericColumns("SELECT 'x'")).rejects.toThrow(/not numeric/);
  expect(await session.numericColumns('SELECT 1 WHERE false')).toEqual([new Float64Array(0)]);
});

test('describe names types and runs nothing', async () => {
  expect(await session.describe('SELECT 1::INTEGER AS a, [DATE \'2024-01-01\'] AS "b c"')).toEqual([
    { name: 'a', type: 'INTEGER' },
    { name: 'b c', type: 'DATE[]' },
  ]);
  await session.run('CREATE TABLE kept AS SELECT 1 AS one');
  await expect(session.describe('DROP TABLE kept; SELECT 1')).rejects.toThrow(/one statement/);
  expect(await session.row('SELECT * FROM kept')).toEqual({ one: 1 });
});

test('what does not fit in memory spills into a folder that goes with the session', async () => {
  const small = await createDuckDbEngine({
    spillRoot: join(root, 'spill'),
    memoryBytes: 64 * 2 ** 20,
    threads: 1,
  }).open({ readable: [], writable: [] });
  await small.run(
    'CREATE TABLE big AS SELECT i, hash(i) AS h, md5(i::VARCHAR) AS m FROM range(2000000) t(i)',
  );
  await small.run('CREATE TABLE sorted AS SELECT * FROM big ORDER BY h');
  expect((await readdir(join(root, 'spill'))).length).toBe(1);
  small.close();
  expect(await readdir(join(root, 'spill'))).toEqual([]);
});

test('the spill folder of a process that died is swept by the next session', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  await mkdir(join(root, 'spill', `millrace-spill-${pid}-0123456789ab`), { recursive: true });
  await mkdir(join(root, 'spill', `millrace-spill-${process.pid}-0123456789ab`));
  await symlink(root, join(root, 'spill', 'other'));
  (await createDuckDbEngine({ spillRoot: join(root, 'spill') }).open({ readable: [], writable: [] })).close();
  expect((await readdir(join(root, 'spill'))).sort()).toEqual([
    `millrace-spill-${process.pid}-0123456789ab`,
    'other',
  ]);
});

test('closing under a running statement interrupts it', async () => {
  const running = session.run('SELECT count(*) FROM range(100000000000) a, range(1000) b');
  session.close();
  await expect(running).rejects.toThrow(/interrupt/i);
  await expect(session.run('SELECT 1')).rejects.toMatchObject({ code: 'INTERNAL' });
});
