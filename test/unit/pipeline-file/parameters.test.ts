/**
 * Catches: a run with a parameter of the wrong type, a misspelt parameter that is ignored, a value that changes the structure of the file
 * or its SQL, a template that stays in the text unseen.
 */
import type { Parameter } from '../../../src/contracts/pipeline-file';
import { fillTemplates, resolveParameters } from '../../../src/contracts/pipeline-file/parameters';

const value = (type: Parameter['type'], given: unknown): unknown => {
  const { values, problems } = resolveParameters({ x: { type } }, { x: given });
  return problems.length === 0 ? values.x : problems[0]?.code;
};

test.each<[Parameter['type'], unknown, unknown]>([
  ['integer', 8, 8],
  ['integer', '8', 8],
  ['integer', ' -8 ', -8],
  ['integer', 8.0, 8],
  ['number', '0.5', 0.5],
  ['number', '1e-3', 0.001],
  ['number', '.5', 0.5],
  ['number', 2, 2],
  ['boolean', 'true', true],
  ['boolean', false, false],
  ['date', '2024-02-29', '2024-02-29'],
  ['string', '8', '8'],
  ['string', '', ''],
  ['string', ' kept ', ' kept '],
])('%s %p is read as %p', (type, given, expected) => {
  expect(value(type, given)).toBe(expected);
});

test.each<[Parameter['type'], unknown]>([
  ['integer', 8.5],
  ['integer', '8.5'],
  ['integer', '8x'],
  ['integer', ''],
  ['integer', '0x10'],
  ['integer', 2 ** 53],
  ['integer', '9007199254740993'],
  ['integer', true],
  ['number', 'NaN'],
  ['number', 'Infinity'],
  ['number', Number.NaN],
  ['number', ''],
  ['number', '1e999'],
  ['boolean', 'yes'],
  ['boolean', 1],
  ['boolean', 'True'],
  ['date', '2023-02-29'],
  ['date', '2024-13-01'],
  ['date', '2024-1-1'],
  ['date', '2024-02-29T00:00:00Z'],
  ['date', '0000-01-01'],
  ['string', 8],
  ['string', null],
  ['string', ['a']],
  ['string', 'x'.repeat(10_001)],
])('%s %p is refused', (type, given) => {
  expect(value(type, given)).toBe('PIPELINE_PARAMETER_INVALID');
});

describe('what a run gives and what the file declares', () => {
  const declared = {
    max_depth: { type: 'integer', default: 6 },
    date: { type: 'date' },
  } as const;

  test('a default is taken, a given value wins', () => {
    expect(resolveParameters(declared, { date: '2024-01-01' }).values).toEqual({
      max_depth: 6,
      date: '2024-01-01',
    });
    expect(resolveParameters(declared, { date: '2024-01-01', max_depth: '8' }).values.max_depth).toBe(8);
  });

  test('missing, unknown and wrong ones are all told, with the nearest name and the flag to add', () => {
    const { problems } = resolveParameters(declared, { max_dept: 3, max_depth: 'deep' });
    expect(problems.map((problem) => problem.code)).toEqual(Array(3).fill('PIPELINE_PARAMETER_INVALID'));
    expect(problems.map((problem) => problem.message)).toEqual([
      'the run gives max_dept, which the pipeline does not declare; did you mean max_depth?',
      'the run\'s max_depth must be a whole number, found "deep"',
      'date has no default and the run gives none; add --param date=YYYY-MM-DD',
    ]);
  });

  test('a default of another type is a fault of the file: a text is no number there', () => {
    const { problems } = resolveParameters({ depth: { type: 'integer', default: '6' } }, {});
    expect(problems).toMatchObject([{ code: 'PIPELINE_FILE_INVALID', path: ['params', 'depth', 'default'] }]);
  });

  test('names that every object has are no parameters', () => {
    expect(
      resolveParameters({}, JSON.parse('{"__proto__": 1, "constructor": 2}') as Record<string, unknown>)
        .problems,
    ).toHaveLength(2);
    expect(fillTemplates('{{ params.constructor }}', [], {}).problems).toHaveLength(1);
  });
});

describe('templates', () => {
  const values = { depth: 8, rate: 0.5, on: true, date: '2024-02-29', city: "Sana'a; {{ params.depth }}" };
  const fill = (tree: unknown) => fillTemplates(tree, [...Object.keys(values), 'missing'], values);

  test('a text that is one template takes the typed value; inside a longer text it is written out', () => {
    expect(
      fill({ a: '{{ params.depth }}', b: ['{{params.on}}', 'd={{ params.depth }}/{{ params.date }}'] }),
    ).toEqual({
      tree: { a: 8, b: [true, 'd=8/2024-02-29'] },
      problems: [],
      unfilled: [],
    });
  });

  test('a value is never read as a template, a key or a structure again', () => {
    expect(fill({ a: '{{ params.city }}', b: 'in {{ params.city }}' }).tree).toEqual({
      a: values.city,
      b: `in ${values.city}`,
    });
  });

  test.each([
    ['{{ params.dept }}', /params\.dept is not declared.*did you mean depth/],
    ['{{ depth }}', /the template \{\{ depth \}\} is not known/],
    ['{{ env.HOME }}', /not known/],
    ['{{ params.depth | upper }}', /not known/],
    ['{{}}', /not known/],
    ['{{ params.depth', /not closed/],
    ['{{ params.depth }} and {{ more', /not closed/],
  ])('%s is refused', (text, message) => {
    const filled = fill({ sources: [text] });
    expect(filled.problems).toMatchObject([{ path: ['sources', 0], code: 'PIPELINE_FILE_INVALID' }]);
    expect(filled.problems[0]?.message).toMatch(message);
    expect(filled.unfilled).toEqual([['sources', 0]]);
  });

  test('keys, the name and the declarations take none', () => {
    const { problems } = fill({
      '{{ params.city }}': 1,
      name: 'x-{{ params.depth }}',
      params: { p: { default: '{{ params.depth }}' } },
    });
    expect(problems.map(({ path, at }) => [path.join('.'), at])).toEqual([
      ['{{ params.city }}', 'key'],
      ['name', 'value'],
      ['params.p.default', 'value'],
    ]);
  });

  test('a parameter without a value is told where it is declared, not again at each use', () => {
    expect(fill({ a: '{{ params.missing }}' })).toMatchObject({ problems: [], unfilled: [['a']] });
  });

  test.each(["x' OR '1'='1", 'a"b', 'a; DROP TABLE t', 'a -- b', 'a /* b', 'a\\', 'a)', 'a\nb'])(
    'a text that could end a quote or open a comment does not reach SQL: %s',
    (city) => {
      const tree = {
        dataset: { sql: "SELECT * FROM c WHERE city = '{{ params.city }}'" },
        features: { derive: { f: '{{ params.city }}' } },
        evaluation: { business: { saved: 'sum({{ params.city }})' } },
        owner: '{{ params.city }}',
      };
      const { problems } = fillTemplates(tree, ['city'], { city });
      expect(problems.map(({ path, code }) => [path[0], code])).toEqual([
        ['dataset', 'PIPELINE_PARAMETER_INVALID'],
        ['features', 'PIPELINE_PARAMETER_INVALID'],
        ['evaluation', 'PIPELINE_PARAMETER_INVALID'],
      ]);
    },
  );

  test('an ordinary text does reach SQL', () => {
    const tree = { dataset: { sql: "SELECT * FROM c WHERE city = '{{ params.city }}'" } };
    for (const city of ['Zürich', 'New York', 'a@b.example', '2024-01-01', 'x+y_z'])
      expect(fillTemplates(tree, ['city'], { city }).problems).toEqual([]);
  });
});

test.each<[string, Record<string, Parameter>, Record<string, unknown>, unknown]>([
  ['fills a date that the run does not give', { date: { type: 'date' } }, {}, '2026-11-20'],
  ['goes before a default', { date: { type: 'date', default: '2020-01-01' } }, {}, '2026-11-20'],
  ['stands behind what the run gives', { date: { type: 'date' } }, { date: '2026-01-31' }, '2026-01-31'],
  ['fills no text', { date: { type: 'string', default: 'x' } }, {}, 'x'],
])('the nominal date %s', (_, declared, given, expected) => {
  // The day in the zone that the date is written in; in UTC it is the day before.
  const { values, problems } = resolveParameters(declared, given, '2026-11-20T00:30:00+01:00');
  expect(problems).toEqual([]);
  expect(values).toEqual({ date: expected });
});

test('the nominal date is no parameter of a pipeline that declares none', () => {
  expect(resolveParameters({}, {}, '2026-11-20T00:00:00Z')).toEqual({ values: {}, problems: [] });
});
