// Catches a table of features.python that is not the one that the same SQL gives, that is made again for nothing or not made again when it should be, a
// function that sees the label, and a failure of it without a name, a place in the user's file, or as many tries as can help.
import { readFile } from 'node:fs/promises';
import { acquireData } from '../../../src/activities/data/acquire/acquire-data';
import { buildTable } from '../../../src/activities/data/dataset/build-dataset';
import type { PipelineFile } from '../../../src/contracts/pipeline-file';
import { isMillraceError, type MillraceError } from '../../../src/contracts/errors';
import { FeatureCodeProject } from '../../support/feature-code';
import { quietTemporal } from '../../support/temporal';

jest.setTimeout(120_000);
quietTemporal();

let world: FeatureCodeProject;
beforeAll(async () => {
  world = await FeatureCodeProject.create();
  await world.project.file('people.csv', people());
  await world.project.file('bills.csv', bills());
});
afterAll(() => world.remove());

const SOURCES = { people: { uri: 'people.csv' }, bills: { uri: 'bills.csv' } };
/** Every type that a data set has; of the order of rows and of threads nothing depends. */
const SQL = `
  SELECT people.*, CAST(sum(amount) AS BIGINT) AS spent, max(amount) / 4.0 AS quarter, count(*) > 2 AS often
  FROM people JOIN bills USING (id) GROUP BY ALL`;
const CODE = `
import pyarrow

def build(tables, params):
    count()
    bills = tables["bills"].to_pandas()
    spent = bills.groupby("id")["amount"].agg(["sum", "max", "count"]).reset_index()
    made = pyarrow.table({
        "id": spent["id"],
        "spent": spent["sum"],
        "quarter": spent["max"] / params["by"],
        "often": spent["count"] > 2,
    })
    return tables["people"].join(made, keys="id", join_type="inner")
`;

const sections = (changes: Partial<PipelineFile> = {}): Parameters<FeatureCodeProject['make']>[0] => ({
  candidates: undefined,
  sources: SOURCES,
  dataset: { key: 'id' },
  features: { python: { function: 'features.py:build', params: { by: 4 } } },
  publish: { dataset: 'churn.features' },
  ...changes,
});

describe('the table of a function', () => {
  beforeAll(() => world.code(CODE));

  test('is byte for byte the one that SQL makes, is made once, and is made again for what it depends on', async () => {
    const { project } = world;
    const made = await world.make(sections());
    expect(made).toMatchObject({ cached: false, job: { cached: false, attempts: 1 } });
    const spec = sections({ features: undefined, dataset: { key: 'id', sql: SQL } });
    const bySql = await bySqlOf(spec);
    expect(made.rows).toBe(bySql.rows);
    expect(await readFile(await project.path(made.artifact, 'columns.json'), 'utf8')).toBe(
      await readFile(await project.path(bySql.artifact, 'columns.json'), 'utf8'),
    );
    expect(await readFile(await project.path(made.artifact, 'dataset.parquet'))).toEqual(
      await readFile(await project.path(bySql.artifact, 'dataset.parquet')),
    );
    expect(
      await project.query(made.artifact, 'SELECT count(*) AS rows, sum(spent) AS spent FROM data'),
    ).toEqual([{ rows: 180, spent: bySql.spent }]);

    const starts = await world.starts();
    expect(starts).toBe(1);
    await project.file('unrelated.py', 'x = 1');
    expect(await world.make(sections())).toEqual({
      ...made,
      cached: true,
      job: { ...made.job, cached: true },
    });
    expect(await world.starts()).toBe(starts);

    const other = { python: { function: 'features.py:build', params: { by: 8 } } };
    const changed = await world.make(sections({ features: other }));
    expect(changed.artifact.digest).not.toBe(made.artifact.digest);
    // Other code with the same table: the function runs, and what follows is there already.
    await world.code(`${CODE}\n# A comment.`);
    expect(await world.make(sections())).toMatchObject({ cached: true, job: { cached: false } });
    const again = await world.make(sections(), { fresh: true });
    expect(again).toMatchObject({ cached: false, job: { cached: false }, artifact: made.artifact });
    expect(await world.starts()).toBe(4);
  });

  test('keeps a log', async () => {
    const { job } = await world.make(sections());
    const log = await readFile(await world.project.path(job.artifact, 'log.txt'), 'utf8');
    expect(log).toContain('running features.py:build');
    expect(log).toContain('people: 200 rows, bills: 900 rows');
  });

  test('may come from a pandas frame with its index, whose columns have the types of their values', async () => {
    await world.code(`
def build(tables, params):
    people = tables["people"].to_pandas()
    people["missing"] = None
    people["since"] = people["since"].astype("datetime64[ns]")
    return people.set_index("id")[["town", "since", "missing"]].sample(frac=1)
`);
    const { artifact } = await world.make(sections());
    const columns = await world.project.json<{ name: string; type: string }[]>(artifact, 'columns.json');
    expect(columns.map(({ name, type }) => [name, type])).toEqual([
      ['id', 'integer'],
      ['town', 'string'],
      ['since', 'timestamp'],
      ['missing', 'string'],
    ]);
  });
});

describe('a pipeline that trains on it', () => {
  const training = (changes: Partial<PipelineFile> = {}) =>
    sections({
      candidates: [{ name: 'one', trainer: 'sklearn/logistic-regression' }],
      dataset: { from: 'people', key: 'id', label: 'left', positive: true },
      publish: undefined,
      ...changes,
    });

  test('has the label joined by its key, and the function never sees it', async () => {
    await world.code(`
def build(tables, params):
    for table in tables.values():
        assert not any(name.lower() == "left" for name in table.column_names), table.column_names
    people = tables["people"].to_pandas()
    return people[people["town"].notna()][["id", "town"]]
`);
    const made = await world.make(training());
    expect(made).toMatchObject({ task: 'binary', classes: ['false', 'true'] });
    const rows = await world.project.query(made.artifact, 'SELECT id, "left" FROM data ORDER BY id');
    expect(rows).toHaveLength(made.rows);
    for (const { id, left } of rows) expect([id, left]).toEqual([id, isGone(Number(id))]);
  });

  test.each([
    ['made a column "Left", which is the label', 'people.assign(Left=True)'],
    ['has no column "id", which is the key', 'people[["town"]]'],
    ['The label left is missing in 1 of 200 rows', 'people.assign(id=people["id"].replace(7, 7000))'],
    ['does not identify a row', 'people.assign(id=people["id"].replace(7, 8))'],
    ['made a table without rows', 'people[people["id"] < 0]'],
  ])('is refused where the function %s', async (message, expression) => {
    await world.code(
      `def build(tables, params):\n    people = tables["people"].to_pandas()\n    return ${expression}`,
    );
    expect(await refusal(training())).toMatchObject({
      code: 'DATASET_INVALID',
      retryable: false,
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('a function that fails', () => {
  test('says what it raised and where, in the words of Python, and is not tried again', async () => {
    await world.code(`
def spent_by(day, bills):
    if len(bills) > 0:
        raise ValueError(f"no bills on {day}")

def build(tables, params):
    return spent_by("2026-01-01", tables["bills"])
`);
    const before = await world.attempts();
    const error = await refusal(sections());
    expect(error).toMatchObject({ code: 'FEATURE_CODE_FAILED', retryable: false });
    expect(error.message).toMatch(
      new RegExp(
        [
          /^features\.py:build raised ValueError: no bills on 2026-01-01/,
          / {2}File "features\.py", line 7, in build\n {4}return spent_by\(.*/,
          / {2}File "features\.py", line 4, in spent_by\n {4}raise ValueError\(.*/,
          /\(job test-features-[0-9a-f]{16}, attempt 1 of at most 3\)$/,
        ]
          .map(({ source }) => source)
          // Python may underline what is meant.
          .join('\\n(?: +[~^]+\\n)?'),
      ),
    );
    expect(error.mend).toContain('millrace logs RUN features');
    expect((await world.attempts()) - before).toBe(1);
  });

  test.each<[string, string, string]>([
    ['is not there', 'def other(tables, params): pass', 'has no function `build`'],
    ['takes other arguments', 'def build(table): pass', 'must accept (tables, params)'],
    ['is no Python', 'def build(tables, params)\n    pass', 'line 1: expected'],
    [
      'imports what is not installed',
      'import no_such_package',
      'imports `no_such_package`, which is not installed',
    ],
    ['fails when it is imported', 'x = {}["y"]', "raised KeyError: 'y'"],
    ['returns no table', 'def build(tables, params): return 3', 'returned int, which is no table'],
    [
      'returns a mixed column',
      'import pandas\ndef build(tables, params): return pandas.DataFrame({"id": [1, "a"]})',
      'values of different kinds',
    ],
    [
      'opens what is not there',
      'def build(tables, params): open("/no/such/file")',
      'raised FileNotFoundError',
    ],
    [
      'refuses',
      'from millrace_trainer.errors import BadInput\ndef build(tables, params): raise BadInput("two days are missing")',
      'features.py:build: two days are missing',
    ],
  ])('is final when it %s', async (_, code, message) => {
    await world.code(code);
    const before = await world.attempts();
    expect(await refusal(sections())).toMatchObject({
      code: 'FEATURE_CODE_FAILED',
      retryable: false,
      message: expect.stringContaining(message) as string,
    });
    expect((await world.attempts()) - before).toBe(1);
  });

  const quick = { attempts: 3, initial: '10ms', max: '10ms' };

  test('is tried again where the machine was short of something', async () => {
    await world.code(`
def build(tables, params):
    if count() < params["good"]:
        raise OSError(28, "No space left on device")
    return tables["people"]
`);
    const good = (await world.starts()) + 3;
    const features = { python: { function: 'features.py:build', params: { good }, retries: quick } };
    expect(await world.make(sections({ features }))).toMatchObject({ job: { attempts: 3 } });
    const hopeless = { python: { ...features.python, params: { good: good + 100 } } };
    expect(await refusal(sections({ features: hopeless }))).toMatchObject({
      code: 'TRAINER_CRASHED',
      retryable: false,
      message: expect.stringMatching(
        /^features\.py:build: [\s\S]*OSError: \[Errno 28\] No space left on device$/m,
      ) as string,
    });
  });

  test('is ended at its timeout, and above its memory', async () => {
    await world.code('def build(tables, params):\n    while True: pass');
    const features = { python: { function: 'features.py:build', timeout: '3s' } };
    expect(await refusal(sections({ features }))).toMatchObject({
      code: 'TRAINER_TIMEOUT',
      message: expect.stringContaining('after 3 seconds') as string,
    });
    await world.code(
      'import os\ndef build(tables, params):\n    held = []\n    while True: held.append(os.urandom(2**24))',
    );
    const small = {
      function: 'features.py:build',
      resources: { memory: '400Mi' },
      retries: { ...quick, attempts: 1 },
    };
    expect(await refusal(sections({ features: { python: small } }))).toMatchObject({
      code: 'TRAINER_OUT_OF_MEMORY',
    });
  });
});

async function refusal(given: Parameters<FeatureCodeProject['make']>[0]): Promise<MillraceError> {
  const error: unknown = await world.make(given).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isMillraceError(error)) throw new Error(`not refused by Millrace: ${String(error)}`, { cause: error });
  return error;
}

/** The same by SQL, and its sum. */
async function bySqlOf(given: Parameters<FeatureCodeProject['make']>[0]) {
  const { project } = world;
  const spec = await project.spec(given);
  const acquired = (await acquireData(project.dependencies, { spec, fresh: false })).artifact;
  const built = await buildTable(project.dependencies, { spec, acquired, fresh: false });
  const [sums] = await project.query(built.artifact, 'SELECT sum(spent) AS spent FROM data');
  return { ...built, spent: sums?.spent };
}

/** 200 people, with gaps, whole numbers, text, dates and moments; 20 of them have no bill. */
function people(): string {
  const lines = Array.from({ length: 200 }, (_, index) => {
    const day = String((index % 28) + 1).padStart(2, '0');
    const town = index % 9 === 0 ? '' : ['Ulm', 'Bonn', 'Köln'][index % 3];
    const size = index % 7 === 0 ? '' : String(index / 8);
    const clock = `2026-01-${day} 10:${String(index % 60).padStart(2, '0')}:00`;
    return `${index},${town},2020-02-${day},${clock},${size},${index % 5 === 0 ? '' : index * 3},${isGone(index)}`;
  });
  return ['id,town,since,seen,size,children,left', ...lines, ''].join('\n');
}

function isGone(id: number): boolean {
  return id % 4 === 1;
}

function bills(): string {
  const lines = Array.from(
    { length: 900 },
    (_, index) => `${(index * 7) % (index < 450 ? 180 : 97)},${(index * 13) % 101}`,
  );
  return ['id,amount', ...lines, ''].join('\n');
}
