/** The profile and the checked rules of a made-up data set. */
import type { Profile, QualityReport } from '../../../src/contracts/profile';
import { seededRandom } from '../seeded-random';

/** 7,043 rows with numbers, a category, a key and a label. */
export function profileDocument(): Profile {
  const next = seededRandom(5);
  const histogram = (low: number, high: number) => ({
    edges: Array.from({ length: 21 }, (_, index) => low + ((high - low) * index) / 20),
    counts: Array.from({ length: 20 }, (_, index) => Math.round(300 * next() + 400 * Math.exp(-index / 4))),
  });
  const number = (name: string, type: 'integer' | 'double', low: number, high: number, missing = 0) => ({
    ...{
      name,
      type,
      count: 7043 - missing,
      missing,
      distinct: { count: 73, exact: true },
      min: low,
      max: high,
    },
    ...{ mean: (low + high) / 2.2, std: (high - low) / 4, extreme: 0, length: null, top: [] },
    percentiles: {
      '5': low,
      '25': low + (high - low) / 4,
      '50': (low + high) / 2.4,
      '75': low + (high - low) / 1.4,
      '95': high,
    },
    histogram: histogram(low, high),
  });
  const text = (name: string, values: readonly (readonly [string, number])[]) => ({
    ...{
      name,
      type: 'string' as const,
      count: 7043,
      missing: 0,
      distinct: { count: values.length, exact: true },
    },
    ...{ min: null, max: null, mean: null, std: null, extreme: 0, percentiles: null, histogram: null },
    length: { min: 2, max: 14, mean: 9.1 },
    top: values.map(([value, count]) => ({ value, count })),
  });
  return {
    version: 1,
    rows: 7043,
    sampledRows: 7043,
    duplicates: 22,
    label: {
      name: 'Churn',
      task: 'binary',
      classes: [
        { name: 'No', count: 5174 },
        { name: 'Yes', count: 1869 },
      ],
    },
    columns: [
      number('tenure', 'integer', 0, 72),
      number('MonthlyCharges', 'double', 18.25, 118.75),
      number('TotalCharges', 'double', 18.8, 8684.8, 11),
      text('Contract', [
        ['Month-to-month', 3875],
        ['Two year', 1695],
        ['One year', 1473],
      ]),
      text('customerID', []),
    ],
  };
}

/** Four rules, of which one warned. */
export function qualityDocument(): QualityReport {
  const rule = { severity: 'fail' as const, passed: true, count: null, share: null, samples: [] };
  return {
    version: 1,
    rows: 7043,
    rules: [
      { ...rule, rule: 'rows', expected: 'at least 1,000 rows', observed: '7,043 rows' },
      {
        ...rule,
        rule: 'duplicates',
        expected: 'at most 1% duplicates',
        observed: '0.3% duplicates',
        count: 22,
        share: 22 / 7043,
      },
      {
        ...rule,
        ...{ rule: 'nulls', column: 'TotalCharges', severity: 'warn', passed: false },
        ...{ expected: 'at most 0.1% missing', observed: '0.2% missing', count: 11, share: 11 / 7043 },
        samples: [{ row: '4472-LVYGI', value: null }],
      },
      {
        ...rule,
        rule: 'min',
        column: 'tenure',
        expected: 'at least 0',
        observed: 'smallest 0',
        count: 0,
        share: 0,
      },
    ],
  };
}
