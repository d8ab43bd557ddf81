/**
 * Catches: a quality rule that passes data that breaks it, or breaks on data that keeps it; a count or a row that is not the right one; a
 * missing value that counts as a wrong one; a rule that is left out without a word.
 */
import type { RuleResult } from '../../../src/contracts/profile';
import { DataProject } from './data-project';
import { checkRules, writeTwentyRows, type ColumnRules } from './twenty-rows';

jest.setTimeout(60_000);

let project: DataProject;
const check = (...given: Given): Promise<RuleResult[]> => checkRules(project, ...given);
type Given = Parameters<typeof checkRules> extends [unknown, ...infer Rest] ? Rest : never;

beforeAll(async () => {
  project = await DataProject.create();
  await writeTwentyRows(project);
});

afterAll(() => project.remove());

describe('of columns', () => {
  test.each<[string, string, ColumnRules, Partial<RuleResult>]>([
    ['type kept', 'v', { type: 'integer' }, { passed: true, observed: 'integer' }],
    ['a whole number is a double too', 'v', { type: 'double' }, { passed: true }],
    [
      'a double is no whole number',
      'w',
      { type: 'integer' },
      {
        passed: false,
        observed: 'double, 1 row not whole',
        count: 1,
        share: 1 / 18,
        samples: [{ row: 'k20', value: '100.5' }],
      },
    ],
    [
      'text is no number',
      'kind',
      { type: 'integer' },
      { passed: false, observed: 'string, 20 rows that do not read as integer', count: 20 },
    ],
    [
      'text that reads as a number',
      'text',
      { type: 'integer' },
      {
        passed: false,
        observed: 'string, though every value reads as integer: say so under types of the source',
        count: 0,
      },
    ],
    ['a date is a timestamp too', 'day', { type: 'timestamp' }, { passed: true }],
    ['a timestamp is no date', 'at', { type: 'date' }, { passed: false, observed: 'timestamp' }],
    ['a number is no text', 'v', { type: 'string' }, { passed: false, observed: 'integer' }],
    ['Boolean', 'flag', { type: 'boolean' }, { passed: true }],
    [
      'missing, up to the limit',
      'w',
      { nulls: { max: 0.1 } },
      { passed: true, observed: '10% missing (2 rows)', count: 2, share: 0.1 },
    ],
    [
      'missing, above it',
      'w',
      { nulls: { max: 0.09 } },
      {
        passed: false,
        count: 2,
        share: 0.1,
        samples: [
          { row: 'k1', value: null },
          { row: 'k2', value: null },
        ],
      },
    ],
    ['none missing', 'v', { nulls: { max: 0 } }, { passed: true, count: 0, share: 0 }],
    ['min kept', 'v', { min: 1 }, { passed: true, count: 0 }],
    [
      'min broken',
      'v',
      { min: 3 },
      {
        passed: false,
        observed: '2 rows, smallest 1',
        count: 2,
        share: 0.1,
        samples: [
          { row: 'k1', value: '1' },
          { row: 'k2', value: '2' },
        ],
      },
    ],
    ['max kept', 'w', { max: 100.5 }, { passed: true }],
    [
      'max broken',
      'w',
      { max: 100 },
      { passed: false, observed: '1 row, largest 100.5', count: 1, share: 1 / 18 },
    ],
    ['a bound as text, for a number', 'v', { max: '19' }, { passed: false, count: 1 }],
    ['a date within', 'day', { min: '2024-01-01', max: '2024-01-20' }, { passed: true }],
    [
      'a date beyond',
      'day',
      { min: '2024-01-03' },
      { passed: false, count: 2, observed: '2 rows, smallest 2024-01-01' },
    ],
    ['a timestamp beyond', 'at', { max: '2024-01-20 09:59:59' }, { passed: false, count: 1 }],
    ['text in its order', 'kind', { min: 'f' }, { passed: false, count: 10 }],
    [
      'a bound that does not compare',
      'kind',
      { min: 3 },
      { passed: false, observed: 'the column is string and does not compare with 3', count: null },
    ],
    ['allowed kept', 'kind', { allowed: ['even', 'odd'] }, { passed: true }],
    [
      'allowed broken',
      'kind',
      { allowed: ['even'] },
      { passed: false, observed: '10 rows with another value', count: 10, share: 0.5 },
    ],
    [
      'allowed numbers; missing is none of them',
      'w',
      { allowed: [1] },
      { passed: false, count: 1, share: 1 / 18, samples: [{ row: 'k20', value: '100.5' }] },
    ],
    ['allowed Booleans', 'flag', { allowed: [true] }, { passed: false, count: 15 }],
    ['mean within', 'v', { mean: [10.5, 10.5] }, { passed: true, observed: 'a mean of 10.5' }],
    ['mean outside', 'v', { mean: [10.6, 20] }, { passed: false, observed: 'a mean of 10.5', count: null }],
    [
      'mean of text',
      'kind',
      { mean: [0, 1] },
      { passed: false, observed: 'no mean: the column is string and has 20 values' },
    ],
    // √(Σ(v - 10.5)² / 19) = √35
    [
      'deviation within',
      'v',
      { std: [5.91, 5.92] },
      { passed: true, observed: 'a standard deviation of 5.91608' },
    ],
    ['deviation outside', 'v', { std: [0, 5.9] }, { passed: false }],
    // mean 6.5278, standard deviation 23.4523: 100.5 is 4.007 deviations away.
    [
      'outliers few enough',
      'w',
      { outliers: { deviations: 4, max: 0.06 } },
      { passed: true, count: 1, share: 1 / 18 },
    ],
    [
      'outliers too many',
      'w',
      { outliers: { deviations: 4, max: 0.05 } },
      { passed: false, observed: '5.56% (1 row)', samples: [{ row: 'k20', value: '100.5' }] },
    ],
    ['outliers further out', 'w', { outliers: { deviations: 4.01, max: 0 } }, { passed: true, count: 0 }],
    ['outliers of text', 'kind', { outliers: { max: 1 } }, { passed: false }],
    ['unique', 'v', { unique: true }, { passed: true, count: 0 }],
    [
      'not unique',
      'kind',
      { unique: true },
      { passed: false, observed: '20 rows with a value that another row has', count: 20, share: 1 },
    ],
    ['not unique, missing ones aside', 'w', { unique: true }, { passed: false, count: 17, share: 17 / 18 }],
    ['pattern kept', 'id', { pattern: 'k[0-9]+' }, { passed: true }],
    [
      'a pattern matches the whole value',
      'id',
      { pattern: 'k[0-9]' },
      { passed: false, count: 11, share: 0.55 },
    ],
    ['the label', 'y', { allowed: ['yes'] }, { passed: false, count: 15 }],
  ])('%s', async (_name, column, rules, expected) => {
    const results = await check({ columns: { [column]: rules } });
    const kinds = Object.keys(rules);
    expect(results.map(({ rule }) => rule)).toEqual(kinds);
    for (const result of results) {
      const { samples, ...rest } = expected;
      expect(result).toMatchObject({ column, severity: 'warn', ...rest });
      if (samples !== undefined) expect(sorted(result)).toEqual(samples);
      expect(result.samples.length).toBeLessThanOrEqual(5);
      if (!result.passed && (result.count ?? 0) > 0) expect(result.samples.length).toBeGreaterThan(0);
      if (result.passed) expect(result.samples).toEqual([]);
    }
  });

  test('a column that is not there: broken, with the nearest name, unless it is optional', async () => {
    expect(await check({ columns: { knd: { allowed: ['x'] } } })).toMatchObject([
      {
        rule: 'present',
        column: 'knd',
        passed: false,
        observed: 'there is no such column; did you mean kind?',
      },
    ]);
    expect(await check({ columns: { knd: { optional: true, allowed: ['x'] } } })).toEqual([]);
  });

  test('a pattern or a date that means nothing is the fault of the file, not of the data', async () => {
    await expect(check({ columns: { id: { pattern: '(?=x)' } } })).rejects.toMatchObject({
      code: 'PIPELINE_FILE_INVALID',
      where: 'quality.columns.id.pattern',
      retryable: false,
    });
    await expect(check({ columns: { day: { min: 'yesterday' } } })).rejects.toMatchObject({
      code: 'PIPELINE_FILE_INVALID',
      where: 'quality.columns.day.min',
    });
  });
});

function sorted({ samples }: RuleResult): RuleResult['samples'] {
  return [...samples].sort((a, b) => (a.row < b.row ? -1 : 1));
}
