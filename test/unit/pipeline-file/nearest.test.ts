/** Catches: a hint that names something far off, a hint that is missing for a plain slip of the fingers. */
import { didYouMean, editDistance, nearest } from '../../../src/contracts/file-problems';

const known = ['params', 'matrix', 'name', 'trainer', 'resources', 'max_depth', 'C'];

test.each([
  ['parms', 'params'],
  ['prams', 'params'],
  ['Params', 'params'],
  ['maxDepth', 'max_depth'],
  ['max-depth', 'max_depth'],
  ['trianer', 'trainer'],
  ['resource', 'resources'],
  ['nam', 'name'],
])('%s is near %s', (text, expected) => {
  expect(nearest(text, known)).toBe(expected);
});

test.each(['x', 'depth_of_tree', 'zz', '', 'q'.repeat(10_000)])('nothing is near %p', (text) => {
  expect(nearest(text, known)).toBeUndefined();
});

test('of equally near names the first one is taken', () => {
  expect(nearest('bat', ['cat', 'hat'])).toBe('cat');
});

test.each([
  ['kitten', 'sitting', 3],
  ['', 'abc', 3],
  ['ab', 'ba', 1],
  ['ca', 'abc', 3],
  ['same', 'same', 0],
])('the distance from %s to %s is %i', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

test('where nothing is near, a short list is given whole and a long one not at all', () => {
  expect(didYouMean('zzzzz', ['one', 'two'])).toBe('; known are one, two');
  expect(
    didYouMean(
      'zzzzz',
      Array.from({ length: 20 }, (_, index) => `name${index}`),
    ),
  ).toBe('');
});
