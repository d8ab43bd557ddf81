/** Catches: combinations that are lost or swapped, a matrix that starts thousands of trainings, two candidates that share a name. */
import { candidateSchema, type Candidate } from '../../../src/contracts/pipeline-file';
import { expandCandidates } from '../../../src/contracts/pipeline-file/matrix';

const candidate = (written: object): Candidate => candidateSchema.parse({ trainer: 'xgboost', ...written });
const expand = (...written: object[]) => expandCandidates(written.map(candidate));

test('one candidate for each combination, in the order written, the last key fastest', () => {
  const { candidates, problems } = expand(
    { name: 'first' },
    { name: 'm', params: { seed: 1 }, matrix: { depth: [4, 6], rate: [0.1, 0.2, 0.3] } },
    { name: 'last' },
  );
  expect(problems).toEqual([]);
  expect(candidates.map(({ name, params }) => [name, params.depth, params.rate, params.seed])).toEqual([
    ['first', undefined, undefined, undefined],
    ['m-1', 4, 0.1, 1],
    ['m-2', 4, 0.2, 1],
    ['m-3', 4, 0.3, 1],
    ['m-4', 6, 0.1, 1],
    ['m-5', 6, 0.2, 1],
    ['m-6', 6, 0.3, 1],
    ['last', undefined, undefined, undefined],
  ]);
  expect(candidates.every((expanded) => !('matrix' in expanded))).toBe(true);
});

test('resources and trainer are kept, and values may be lists and mappings', () => {
  const { candidates } = expand({
    name: 'm',
    resources: { cpu: 2 },
    matrix: { tfidf: [{ ngram_range: [1, 2] }, { ngram_range: [1, 1] }] },
  });
  expect(candidates.map(({ params, resources, trainer }) => [params, resources.cpu, trainer])).toEqual([
    [{ tfidf: { ngram_range: [1, 2] } }, 2, 'xgboost'],
    [{ tfidf: { ngram_range: [1, 1] } }, 2, 'xgboost'],
  ]);
});

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test('a hundred candidates are the most, and a huge matrix is counted, not built', () => {
  expect(expand({ name: 'm', matrix: { a: numbers(10), b: numbers(10) } }).candidates).toHaveLength(100);
  const { candidates, problems } = expand(
    { name: 'one' },
    { name: 'm', matrix: { a: numbers(10), b: numbers(10) } },
  );
  expect(candidates).toEqual([]);
  expect(problems).toMatchObject([
    { path: ['candidates'], message: expect.stringContaining('101 candidates') as string },
  ]);
  const keys = Object.fromEntries(numbers(9).map((key) => [`k${key}`, numbers(10)]));
  expect(expand({ name: 'm', matrix: keys }).problems[0]?.message).toContain('1000000000 candidates');
});

test.each<[string, object[], (string | number)[], RegExp]>([
  [
    'a name twice',
    [{ name: 'a' }, { name: 'a' }],
    ['candidates', 1, 'name'],
    /two candidates are called a.*candidates\[0\]/,
  ],
  [
    'a name that the matrix gives too',
    [{ name: 'a-2' }, { name: 'a', matrix: { x: [1, 2] } }],
    ['candidates', 1, 'name'],
    /called a-2/,
  ],
  [
    'a parameter in params and matrix',
    [{ name: 'a', params: { x: 0 }, matrix: { x: [1] } }],
    ['candidates', 0, 'matrix', 'x'],
    /params as well/,
  ],
  [
    'a value twice',
    [{ name: 'a', matrix: { x: [1, 2, 1] } }],
    ['candidates', 0, 'matrix', 'x'],
    /same value twice/,
  ],
  [
    'a name that grows too long',
    [{ name: 'a'.repeat(62), matrix: { x: [1, 2] } }],
    ['candidates', 0, 'name'],
    /longer than 63/,
  ],
])('%s is refused', (_, written, path, message) => {
  const { problems } = expand(...written);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ path, code: 'PIPELINE_FILE_INVALID' });
  expect(problems[0]?.message).toMatch(message);
});
