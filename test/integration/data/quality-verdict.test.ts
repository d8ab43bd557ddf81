/**
 * Catches: a broken rule that goes unnamed because another one is broken too; a warning that fails the run, or a failure that only warns; a
 * failure that may be tried again, or fills the history; freshness that is judged once and never again; rules that run again for nothing.
 */
import type { PipelineFile } from '../../../src/contracts/pipeline-file';
import { isMillraceError, type MillraceError } from '../../../src/contracts/errors';
import { validateData } from '../../../src/activities/data/quality/validate-data';
import { DataProject, type DataSections } from './data-project';

jest.setTimeout(60_000);

let project: DataProject;
const HOUR = 3_600_000;
/** The newest row is three hours old at this moment. */
const NOW = Date.parse('2024-06-01T12:00:00Z');

beforeAll(async () => {
  project = await DataProject.create();
  await project.file(
    'rows.csv',
    'id,v,kind,seen,y\n1,5,a,2024-06-01 08:00:00,no\n2,-6,b,2024-06-01 09:00:00,yes\n3,,b,2024-05-01 09:00:00,no\n4,-1,c,,no\n',
  );
});

afterAll(() => project.remove());
afterEach(() => jest.restoreAllMocks());

function sections(quality: PipelineFile['quality']): DataSections {
  return { sources: { rows: { uri: 'rows.csv' } }, dataset: { key: 'id', label: 'y' }, quality };
}

async function failure(quality: PipelineFile['quality']): Promise<MillraceError> {
  const error: unknown = await project.validate(sections(quality)).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isMillraceError(error)) throw new Error(`not refused by Millrace: ${String(error)}`, { cause: error });
  return error;
}

test('every broken rule is named, with what was found, how many rows and some of them', async () => {
  const error = await failure({
    rows: { min: 10 },
    balance: { min: 0.9, severity: 'warn' },
    columns: {
      v: { min: 0, nulls: { max: 0.1 }, max: 100 },
      kind: { allowed: ['a', 'b'] },
      gone: { type: 'string' },
    },
  });
  expect(error).toMatchObject({ code: 'QUALITY_FAILED', retryable: false, where: 'quality' });
  expect(error.message).toBe(
    [
      '5 of 7 quality rules are broken.',
      'rows: expected at least 10 rows, found 4 rows.',
      'nulls of v: expected at most 10% missing, found 25% missing (1 row) (rows 3).',
      'min of v: expected no value below 0, found 2 rows, smallest -6 (rows 4: "-1", 2: "-6").',
      'allowed of kind: expected only "a", "b", found 1 row with another value (rows 4: "c").',
      'present of gone: expected the column is there, found there is no such column; known are id, v, kind, seen, y.',
    ].join(' '),
  );
  expect(error.mend).toContain('severity: warn');
  expect(error.details).toMatchObject({
    broken: [
      { rule: 'rows', count: null },
      { rule: 'nulls', column: 'v', count: 1, share: 0.25 },
      {
        rule: 'min',
        column: 'v',
        count: 2,
        share: 2 / 3,
        samples: [
          { row: '4', value: '-1' },
          { row: '2', value: '-6' },
        ],
      },
      { rule: 'allowed', column: 'kind', count: 1, samples: [{ row: '4', value: 'c' }] },
      { rule: 'present', column: 'gone' },
    ],
  });
});

test('one broken rule is told with its place in the file', async () => {
  expect(await failure({ columns: { v: { min: 0 } } })).toMatchObject({ where: 'quality.columns.v.min' });
  expect(await failure({ rows: { min: 5 } })).toMatchObject({ where: 'quality.rows' });
});

test('a sample is not judged by the number of its rows, and says so', async () => {
  const rows = Array.from({ length: 40 }, (_, row) => `${String(row)},1,${String(row % 2)}`);
  await project.file('many.csv', ['id,v,y', ...rows].join('\n'));
  const { checked, warnings } = await project.validate(
    {
      ...sections({ rows: { min: 30 }, columns: { v: { max: 1000 } } }),
      sources: { rows: { uri: 'many.csv' } },
    },
    { sample: 20 },
  );
  expect({ checked, warnings }).toEqual({
    checked: 1,
    warnings: ['rows: not judged, because the run takes a sample'],
  });
});

test('severity warn: the run goes on, and the same sentences come back as warnings, from the cache too', async () => {
  const warned = sections({
    rows: { min: 10, severity: 'warn' },
    columns: { v: { min: 0, severity: 'warn' }, kind: { allowed: ['a', 'b', 'c'] } },
  });
  const first = await project.validate(warned);
  expect(first).toMatchObject({
    checked: 3,
    cached: false,
    warnings: [
      'rows: expected at least 10 rows, found 4 rows.',
      'min of v: expected no value below 0, found 2 rows, smallest -6 (rows 4: "-1", 2: "-6").',
    ],
  });
  expect(await project.validate(warned)).toMatchObject({ cached: true, warnings: first.warnings });
});

test('a failure fails again from the cache, and its report is kept', async () => {
  const quality = { columns: { v: { max: 1 } } };
  const first = await failure(quality);
  const again = await failure(quality);
  expect(again.message).toBe(first.message);
  expect(again.details).toEqual(first.details);
});

test('with very many broken rules the error stays small and names them', async () => {
  const columns = Object.fromEntries(
    Array.from({ length: 500 }, (_, i) => [`missing_${i}`, { type: 'string' as const }]),
  );
  const error = await failure({ columns });
  expect(error.message).toContain('500 of 500 quality rules are broken');
  expect(error.message).toContain('present of missing_11:');
  expect(error.message).toContain('Also broken: present of missing_12, ');
  expect(error.message).toContain('and 388 more.');
  expect(error.describe().length + JSON.stringify(error.details).length).toBeLessThan(16_000);
  const warned = Object.fromEntries(
    Object.entries(columns).map(([name, rules]) => [name, { ...rules, severity: 'warn' as const }]),
  );
  const { warnings } = await project.validate(sections({ columns: warned }));
  expect(warnings).toHaveLength(20);
  expect(warnings.at(-1)).toBe('And 481 more.');
});

describe('freshness', () => {
  const at = (moment: number): void => void jest.spyOn(Date, 'now').mockReturnValue(moment);
  const quality = { freshness: { column: 'seen', max: '4h' } };

  test('is judged each time anew, though nothing else is', async () => {
    at(NOW);
    const first = await project.validate(sections(quality));
    expect(first).toMatchObject({ checked: 1, warnings: [] });
    at(NOW + HOUR);
    expect(await project.validate(sections(quality))).toMatchObject({ cached: true, quality: first.quality });
    at(NOW + HOUR + 1);
    const error = await failure(quality);
    expect(error).toMatchObject({ code: 'QUALITY_FAILED', where: 'quality.freshness' });
    expect(error.message).toContain(
      'freshness of seen: expected newest value at most 4h old when the run looks, found the newest value is 2024-06-01T09:00:00, older than 4h.',
    );
    at(NOW);
    expect(await project.validate(sections(quality))).toMatchObject({ cached: true });
  });

  test('warns where it is told to', async () => {
    at(NOW + 100 * HOUR);
    const { warnings } = await project.validate(
      sections({ freshness: { column: 'seen', max: '4h', severity: 'warn' } }),
    );
    expect(warnings).toEqual([expect.stringContaining('freshness of seen')]);
  });

  test.each([
    ['nope', 'there is no column nope'],
    ['kind', 'kind is string, not a date or timestamp'],
  ])('of the column %s', async (column, found) => {
    expect((await failure({ freshness: { column, max: '4h' } })).message).toContain(found);
  });
});

test('the profile does not depend on the rules, and a changed rule does not profile again', async () => {
  const one = await project.validate(sections({ rows: { min: 1 } }));
  const other = await project.validate(sections({ rows: { min: 2 } }));
  expect(other.profile).toEqual(one.profile);
  expect(other.quality).not.toEqual(one.quality);
  // Leakage rules are for the split.
  const leakage = await project.validate(sections({ rows: { min: 2 }, leakage: { maxAuc: 0.9 } }));
  expect(leakage).toMatchObject({ cached: true, quality: other.quality });
});

test('fresh profiles and checks again, to the same bytes', async () => {
  const first = await project.validate(sections({ rows: { min: 3 } }));
  const again = await validateData(project.dependencies, {
    spec: first.built.spec,
    dataset: first.built.artifact,
    fresh: true,
  });
  expect(again.cached).toBe(false);
  expect(again.profile.digest).toBe(first.profile.digest);
  expect(again.quality.digest).toBe(first.quality.digest);
});
