/** Catches: a YAML bomb that eats the worker, YAML's surprises read as data, a place that points beside the fault. */
import { readYaml } from '../../../src/adapters/project/yaml-tree';

const read = (text: string) => readYaml(text, 'PIPELINE_FILE_INVALID');
const problemsOf = (text: string): string[] =>
  read(text).problems.map(({ place, message }) => `${place.line}:${place.column} ${message}`);

test('plain data, as YAML 1.2 reads it', () => {
  const text = `
a: Yes
b: 0755
c: 2024-01-01
d: 0x1F
e: 1e3
f: ~
g: "true"
h: [1, two, { k: v }]
2020: year
true: truth
`;
  expect(read(text)).toMatchObject({ problems: [] });
  expect(read(text).value).toEqual({
    a: 'Yes',
    b: 755,
    c: '2024-01-01',
    d: 31,
    e: 1000,
    f: null,
    g: 'true',
    h: [1, 'two', { k: 'v' }],
    '2020': 'year',
    true: 'truth',
  });
});

test('a byte-order mark and Windows line ends change nothing', () => {
  expect(read('\uFEFFa: 1\r\nb:\r\n  - x\r\n').value).toEqual({ a: 1, b: ['x'] });
});

test('anchors and aliases are followed; a later anchor of the same name replaces the first', () => {
  const tree = read('a: &x { k: [1] }\nb: *x\nc: &x 2\nd: *x\ne: { f: *x }\n');
  expect(tree.value).toEqual({ a: { k: [1] }, b: { k: [1] }, c: 2, d: 2, e: { f: 2 } });
  expect(tree.locate(['b', 'k', 0], 'value')).toEqual({ line: 1, column: 13 });
});

test.each([
  ['a tab', 'a:\n\tb: 1\n', '2:1 a tab stands where YAML wants spaces: indent with spaces'],
  [
    'a duplicate key',
    'a: 1\nb: 2\na: 3\n',
    '3:1 this key stands twice in the same mapping: keep one of the two',
  ],
  ['a duplicate key in a flow', 'x: { a: 1, "a": 2 }', '1:12 this key stands twice'],
  ['a duplicate key of two types', 'x: { 1: a, "1": b }', '1:12 this key stands twice'],
  ['two documents', 'a: 1\n---\nb: 2\n', '2:1 a second document begins here'],
  ['a tag', 'a: !ruby/object {}\n', '1:4 tags (!…) are not read'],
  ['a binary tag', 'a: !!binary aGk=\n', /1:\d+ .*(tag|plain value)/],
  ['a merge key', 'a: &x { k: 1 }\nb: { <<: *x }\n', '2:6 merge keys (<<) are not read'],
  ['an alias without an anchor', 'a: *nothing\n', '1:4 no anchor &nothing stands before this alias'],
  ['an alias before its anchor', 'a: *x\nb: &x 1\n', '1:4 no anchor &x stands before this alias'],
  ['an alias of itself', 'a: &x [*x]\n', /values are nested more than 64 deep/],
  [
    'an unquoted template',
    'a: {{ params.x }}\n',
    '1:5 a mapping cannot be a key; a template needs quotes: "{{ params.NAME }}"',
  ],
  ['a list as a key', '? [a, b]\n: 1\n', '1:3 a key must be a plain text'],
  ['an empty key', '? \n: 1\n', /a key must be a plain text/],
  ['the prototype as a key', 'a: { __proto__: { x: 1 } }\n', '1:6 a key cannot be called __proto__'],
  ['infinity', 'a: .inf\n', '1:4 infinity and not-a-number cannot stand here'],
  ['not a number', 'a: [1, .nan]\n', '1:8 infinity and not-a-number'],
  [
    'a number that loses digits',
    'id: 12345678901234567890\n',
    '1:5 this whole number is too large to be exact: put it in quotes',
  ],
  ['a quote that is not closed', 'a: "x\nb: 1\n', /missing closing/i],
  ['a bracket that is not closed', 'a: [1, 2\n', /1:\d+|2:\d+/],
  ['indentation that does not fit', 'a:\n    b: 1\n  c: 2\n', /^3:/],
])('%s is refused', (_, text, expected) => {
  const problems = problemsOf(text);
  expect(problems.length).toBeGreaterThan(0);
  if (typeof expected === 'string') expect(problems).toContainEqual(expect.stringContaining(expected));
  else expect(problems.join('\n')).toMatch(expected);
});

describe('bombs', () => {
  const started = Date.now();

  test('aliases of aliases', () => {
    const levels = Array.from({ length: 20 }, (_, level) =>
      level === 0
        ? 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]'
        : `a${level}: &a${level} [${`*a${level - 1}, `.repeat(10)}]`,
    );
    expect(problemsOf(levels.join('\n'))).toEqual([
      expect.stringContaining('unfolds to more than 50000 values: use fewer aliases'),
    ]);
  });

  test('a long list used many times', () => {
    const text = `a: &a [${'1,'.repeat(3000)}]\nb: [${'*a,'.repeat(3000)}]\n`;
    expect(problemsOf(text)).toEqual([expect.stringContaining('unfolds to more than')]);
  });

  test.each([200, 2000, 20_000])('brackets %i deep', (depth) => {
    expect(problemsOf('a: ' + '['.repeat(depth) + ']'.repeat(depth))).toEqual([
      expect.stringContaining('nested more than 64 deep'),
    ]);
  });

  test('a mapping of very many keys', () => {
    const text = Array.from({ length: 100_000 }, (_, index) => `k${index}: 1\n`).join('');
    expect(problemsOf(text)).toEqual([expect.stringContaining('unfolds to more than')]);
  });

  test('thousands of faults are told by fifty', () => {
    expect(problemsOf('- .nan\n'.repeat(10_000))).toHaveLength(50);
    expect(problemsOf('a: 1\n'.repeat(5000))).toHaveLength(50);
  });

  afterAll(() => {
    // A bomb that went off would take minutes: this is no measurement, only a limit.
    expect(Date.now() - started).toBeLessThan(60_000);
  });
});

describe('places', () => {
  const tree = read('a:\n  - b: 1\n    "c d": [10, 20]\n');

  test.each<[(string | number)[], 'key' | 'value', number, number]>([
    [['a'], 'key', 1, 1],
    [['a', 0, 'b'], 'key', 2, 5],
    [['a', 0, 'b'], 'value', 2, 8],
    [['a', 0, 'c d', 1], 'value', 3, 17],
    // What is missing is told where it is missing.
    [['a', 0, 'missing'], 'value', 2, 5],
    [['a', 0, 'c d', 7], 'value', 3, 5],
    [['missing'], 'value', 1, 1],
    [[], 'value', 1, 1],
  ])('%j, its %s', (path, at, line, column) => {
    expect(tree.locate(path, at)).toEqual({ line, column });
  });
});
