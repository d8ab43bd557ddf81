// Catches a name or label that the cluster refuses, two attempts under one name, and a hash that overlooks a change or sees one where there is none.
import { jobManifestFor } from '../../../src/adapters/jobs/kubernetes/manifest';
import { specHashOf } from '../../../src/adapters/jobs/kubernetes/manifest-hash';
import {
  kubernetesJobNameFor,
  labelsFor,
  labelValueFor,
  selectorFor,
} from '../../../src/adapters/jobs/kubernetes/labels';
import { jobNameFor } from '../../../src/contracts/ids';
import { ATTEMPT, requestOf } from './requests';

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const LABEL = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

const awkward = [
  'a'.repeat(200),
  `${'a'.repeat(199)}b`,
  'Churn.Model_1',
  'churn.model_1',
  '...',
  'x-',
  `${'a'.repeat(60)}-----b`,
  'größe',
];

test('the longest name of a job is the name of its Job, with up to five digits of attempts', () => {
  const jobName = jobNameFor({ pipeline: 'p'.repeat(63), candidate: 'c', stepKey: 'k' });
  expect(jobName).toHaveLength(57);
  expect(kubernetesJobNameFor(jobName, 12_345)).toBe(`${jobName}-12345`);
});

test.each(awkward)('%s becomes a name and a label that the cluster takes', (text) => {
  expect(kubernetesJobNameFor(text, 7)).toMatch(NAME);
  expect(kubernetesJobNameFor(text, 7)).toMatch(/-7$/);
  expect(labelValueFor(text)).toMatch(LABEL);
});

test('different jobs and attempts have different names and labels', () => {
  const names = [...awkward, 'churn', 'churn-1'].flatMap((text) =>
    [1, 2, 11].map((attempt) => kubernetesJobNameFor(text, attempt)),
  );
  expect(new Set(names).size).toBe(names.length);
  const labels = awkward.map(labelValueFor);
  expect(new Set(labels).size).toBe(labels.length);
});

test('the selector of a deployment selects its labels', () => {
  const labels = labelsFor({ deployment: 'a deployment', jobName: 'j', attempt: 1 });
  for (const term of selectorFor('a deployment').split(',')) {
    const [key = '', value] = term.split('=');
    expect(labels[key]).toBe(value);
  }
});

const hashOf = (...given: Parameters<typeof requestOf>): string | undefined =>
  jobManifestFor(requestOf(...given)).metadata?.annotations?.['millrace.dev/spec-hash'];

test('the annotation is the hash of the manifest that carries it', () => {
  const job = jobManifestFor(requestOf());
  expect(specHashOf(job)).toBe(job.metadata?.annotations?.['millrace.dev/spec-hash']);
});

test.each<Parameters<typeof requestOf>>([
  [[], { attempt: 3 }],
  [[], { command: [...ATTEMPT.command, 'x'] }],
  [[], { timeoutSeconds: 7201 }],
  [[], { environment: { OMP_NUM_THREADS: '5' } }],
  [[], { resources: { ...ATTEMPT.resources, gpu: 2 } }],
  [[{ image: 'mine:2' }]],
  [[{ patch: { spec: { template: { spec: { hostNetwork: true } } } } }]],
  [[{ patch: { metadata: { annotations: { team: 'growth' } } } }]],
  [[], {}, { deployment: 'staging' }],
])('another Job has another hash: %j', (...given) => {
  expect(hashOf(...given)).not.toBe(hashOf());
});

test('a later grant of a pool does not make it another Job', () => {
  const lease = { pool: 'gpu', workflowId: 'churn/manual/1', what: 'boosted', fence: 7 };
  expect(hashOf([], { lease })).toBe(hashOf());
  expect(hashOf([], { lease: { ...lease, fence: 8 } })).toBe(hashOf());
});
