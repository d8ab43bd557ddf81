/**
 * Catches: text that is no plain YAML, or says what nobody asked for, and reaches a run: through the reader that a run uses, not through the
 * parser alone. And one that takes its time to be refused.
 */
import { DATASET, HEAD, problemsOf, REST, SOURCES, CANDIDATES } from '../../support/pipeline-text';

const bomb = Array.from({ length: 20 }, (_, level) =>
  level === 0 ? 'a0: &a0 [x, x, x, x]' : `a${level}: &a${level} [${`*a${level - 1}, `.repeat(10)}]`,
).join('\n');

test.each([
  ['an alias bomb', `${HEAD}${REST}${bomb}\n`, 'unfolds to more than 50000 values: use fewer aliases'],
  ['a tab', `${HEAD}${REST}quality:\n\trows: { min: 1 }\n`, '7:1 : a tab stands where YAML wants spaces'],
  ['a duplicate section', `${HEAD}${REST}${DATASET}`, '6:1 : this key stands twice'],
  [
    'a duplicate column under quality',
    `${HEAD}${REST}quality: { columns: { a: { min: 1 }, a: { min: 2 } } }\n`,
    'this key stands twice',
  ],
  ['an unknown section', `${HEAD}${REST}qualty: {}\n`, '6:1 qualty: unknown key; did you mean quality?'],
  [
    'an unknown rule',
    `${HEAD}${REST}quality: { columns: { a: { alowed: [1] } } }\n`,
    'quality.columns.a.alowed: unknown key; did you mean allowed?',
  ],
  [
    'an unknown option of a source',
    `${HEAD}sources: { c: { uri: a.csv, delimter: ";" } }\n${DATASET}${CANDIDATES}`,
    'sources.c.delimter: unknown key; did you mean delimiter?',
  ],
  ['a missing section', `${HEAD}${SOURCES}${CANDIDATES}`, 'dataset: is missing'],
])('%s', (_name, text, expected) => {
  const started = performance.now();
  expect(problemsOf(text).join('\n')).toContain(expected);
  expect(performance.now() - started).toBeLessThan(2_000);
});

test('the same text in order has no problem', () => {
  expect(problemsOf(HEAD + REST)).toEqual([]);
});
