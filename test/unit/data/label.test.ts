/**
 * Catches: a label that becomes another task or other classes than the pipeline file or its values say; the positive class in the wrong
 * place, so that every score is of the wrong class.
 */
import { targetOf, type LabelFacts, type Target } from '../../../src/activities/data/dataset/label';
import type { Dataset } from '../../../src/contracts/pipeline-file';

function target(
  type: LabelFacts['type'],
  texts: readonly string[],
  dataset: Partial<Dataset> = {},
  positive?: string | null,
): Target {
  return targetOf(
    { label: 'y', dropDuplicates: false, ...dataset },
    {
      name: 'y',
      type,
      values: texts.map((text) => ({ text, count: 3 })),
      ...(positive !== undefined && { positive }),
    },
  );
}
const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));

test.each<[string, Target, Target]>([
  ['two texts', target('string', ['no', 'yes']), { task: 'binary', classes: ['no', 'yes'] }],
  [
    'the positive one last',
    target('string', ['no', 'yes'], { positive: 'no' }, 'no'),
    { task: 'binary', classes: ['yes', 'no'] },
  ],
  [
    'two numbers',
    target('double', ['0.0', '1.0'], { positive: 1 }, '1.0'),
    { task: 'binary', classes: ['0.0', '1.0'] },
  ],
  ['Booleans', target('boolean', ['false', 'true']), { task: 'binary', classes: ['false', 'true'] }],
  ['three texts', target('string', ['a', 'b', 'c']), { task: 'multiclass', classes: ['a', 'b', 'c'] }],
  ['twenty whole numbers', target('integer', numbers(20)), { task: 'multiclass', classes: numbers(20) }],
  ['twenty-one whole numbers', target('integer', numbers(21)), { task: 'regression', classes: [] }],
  ['fractions', target('double', ['0.5', '1.5', '2.5']), { task: 'regression', classes: [] }],
  [
    'told: classes',
    target('double', ['0.5', '1.5', '2.5'], { task: 'multiclass' }),
    { task: 'multiclass', classes: ['0.5', '1.5', '2.5'] },
  ],
  [
    'told: a quantity',
    target('integer', ['0', '1'], { task: 'regression' }),
    { task: 'regression', classes: [] },
  ],
])('%s', (_name, found, expected) => {
  expect(found).toEqual(expected);
});

test.each<[string, () => Target, RegExp]>([
  ['one value', () => target('string', ['no']), /has one value only: no, in all 3 rows/],
  ['no value', () => target('string', []), /has one value only/],
  ['a date', () => target('date', ['2024-01-01', '2024-01-02']), /is a date/],
  ['texts without end', () => target('string', numbers(101)), /more than 100 distinct values/],
  [
    'text as a quantity',
    () => target('string', ['a', 'b', 'c'], { task: 'regression' }),
    /regression needs a number/,
  ],
  [
    'a positive that is not there',
    () => target('string', ['no', 'yes'], { positive: 'Ja' }, null),
    /No row has "Ja"/,
  ],
  [
    'a third value',
    () => target('string', ['?', 'no', 'yes'], { positive: 'yes' }, 'yes'),
    /has 3 values \("\?", "no", "yes"\), and the task is binary/,
  ],
  [
    'positive and several classes',
    () => target('string', ['a', 'b'], { positive: 'a', task: 'multiclass' }, 'a'),
    /Take one|positive makes a task binary/,
  ],
])('%s is refused', (_name, call, message) => {
  expect(call).toThrow(message);
  expect(call).toThrow(expect.objectContaining({ code: 'DATASET_INVALID', where: 'dataset.label' }) as Error);
});
