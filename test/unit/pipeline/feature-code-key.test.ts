// Catches a table of features.python that is taken from the cache although function, parameters, data or environment are others; and one that is made again
// although nothing that it depends on has changed.
import { stepKeyFor } from '../../../src/contracts/artifacts';
import { featureCodeSchema } from '../../../src/contracts/pipeline-file';
import {
  buildIdentity,
  buildInputOf,
  buildJobName,
  type FeatureBuild,
} from '../../../src/activities/training/feature-job';

const code = (changes: object = {}) =>
  featureCodeSchema.parse({ function: 'features.py:build', params: { day: '2026-01-01' }, ...changes });
const BUILD: FeatureBuild = {
  pipeline: 'churn-features',
  code: code(),
  tables: { people: 'a'.repeat(64), bills: 'b'.repeat(64) },
  environment: { python: '/python', digest: 'c'.repeat(64) },
  trainerCode: 'd'.repeat(64),
  userCode: 'e'.repeat(64),
};
const keyOf = (changes: Partial<FeatureBuild> = {}): string =>
  stepKeyFor(buildIdentity({ ...BUILD, ...changes }));

test.each<[string, Partial<FeatureBuild>]>([
  ['the bytes of the code', { userCode: 'f'.repeat(64) }],
  ['another function of the file', { code: code({ function: 'features.py:other' }) }],
  ['another file', { code: code({ function: 'lib/features.py:build' }) }],
  ['a parameter', { code: code({ params: { day: '2026-01-02' } }) }],
  ['the bytes of a table', { tables: { ...BUILD.tables, bills: 'f'.repeat(64) } }],
  ['the name of a table', { tables: { people: 'a'.repeat(64), invoices: 'b'.repeat(64) } }],
  ['the environment', { environment: { python: '/python', digest: 'f'.repeat(64) } }],
  ["Millrace's own Python", { trainerCode: 'f'.repeat(64) }],
])('%s makes another step', (_, changes) => {
  expect(keyOf(changes)).not.toBe(keyOf());
});

test.each<[string, Partial<FeatureBuild>]>([
  ['the name of the pipeline', { pipeline: 'other' }],
  ['where the interpreter lies', { environment: { python: '/elsewhere', digest: 'c'.repeat(64) } }],
  [
    'timeout, memory and retries',
    { code: code({ timeout: '5m', resources: { memory: '1Gi' }, retries: { attempts: 1 } }) },
  ],
  ['how the file is written', { code: code({ function: './features.py:build' }) }],
])('%s does not', (_, changes) => {
  expect(keyOf(changes)).toBe(keyOf());
});

test('the job is another one where the step is to run once more', () => {
  expect(buildJobName(BUILD, 'run 1')).not.toBe(buildJobName(BUILD, undefined));
  expect(buildJobName(BUILD, undefined)).toMatch(/^churn-features-features-[0-9a-f]{16}$/);
  expect(buildInputOf(BUILD)).toMatchObject({
    action: 'build',
    file: 'features.py',
    tables: ['people', 'bills'],
  });
});
