// Catches a template that is refused although it is good, a secret or a dangerous patch that gets through, a refusal that shows the secret, and templates
// that are merged otherwise than they are documented.
import type { ZodType } from 'zod';
import { kubernetesSettingsSchema } from '../../../src/contracts/kubernetes-settings';
import {
  candidateSchema,
  jobTemplateSchema,
  mergeJobTemplates,
  trainingSchema,
} from '../../../src/contracts/pipeline-file';
import type { WrittenTemplate } from './requests';

const problems = (schema: ZodType, value: unknown): string[] =>
  schema.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

/** Everything at once. */
const whole: WrittenTemplate = {
  image: 'ghcr.io/acme/trainer@sha256:0123',
  command: ['tini', '--'],
  arguments: ['train', '$(MILLRACE_JOB_DIR)'],
  environment: {
    EPOCHS: 3,
    AMP: true,
    NCCL_DEBUG: 'INFO',
    TOKENIZERS_PARALLELISM: 'false',
    HF_TOKEN: { secretKeyRef: { name: 'hub', key: 'token' } },
    PROXY: 'http://proxy:3128',
  },
  requests: { cpu: '500m', 'ephemeral-storage': '10Gi' },
  limits: { 'nvidia.com/mig-1g.5gb': 1 },
  nodeSelector: { 'nvidia.com/gpu.product': 'A100', spot: '' },
  tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
  affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
  priorityClassName: 'batch',
  serviceAccount: 'trainer',
  volumes: {
    data: { claim: 'data', mountPath: '/data' },
    keys: { secret: 'keys', mountPath: '/keys' },
    scratch: { emptyDir: {}, mountPath: '/scratch' },
  },
  sharedMemory: '8Gi',
  queue: 'team-a',
  imagePullPolicy: 'IfNotPresent',
  imagePullSecrets: ['registry'],
  patch: {
    metadata: { labels: { team: 'growth' } },
    spec: { activeDeadlineSeconds: 9000, template: { spec: { containers: [{ name: 'main', tty: true }] } } },
  },
};

test('a template with every key is taken, for the pipeline, a candidate and the environment', () => {
  expect(problems(jobTemplateSchema, whole)).toEqual([]);
  expect(problems(trainingSchema, { backend: 'kubernetes', kubernetes: whole })).toEqual([]);
  expect(problems(candidateSchema, { name: 'a', trainer: 'xgboost', kubernetes: whole })).toEqual([]);
});

test('what is not written is not there: neither of these adds a key to a pipeline without it', () => {
  expect(trainingSchema.parse({})).not.toHaveProperty('kubernetes');
  expect(candidateSchema.parse({ name: 'a', trainer: 'xgboost' })).not.toHaveProperty('kubernetes');
});

test.each<[string, unknown, RegExp]>([
  ['an unknown key', { imag: 'a' }, /unrecognized key/i],
  ['an image with a blank', { image: 'a b' }, /^image: write an image/],
  ['a name that is no variable', { environment: { 'A-B': '1' } }, /^environment.A-B/],
  ['a variable of ours', { environment: { MILLRACE_JOB_DIR: '/x' } }, /set by Millrace/],
  [
    'a device under requests',
    { requests: { 'nvidia.com/gpu': 1 } },
    /^requests.nvidia.com\/gpu: belongs under limits/,
  ],
  ['GPUs under limits', { limits: { 'nvidia.com/gpu': 1 } }, /resources: \{ gpu: 1 \}/],
  ['a quantity in words', { sharedMemory: '8 GB' }, /^sharedMemory/],
  ['a volume of ours', { volumes: { 'millrace-jobs': { claim: 'x', mountPath: '/x' } } }, /Millrace's own/],
  [
    'two volumes at one place',
    { volumes: { a: { claim: 'x', mountPath: '/x' }, b: { claim: 'y', mountPath: '/x' } } },
    /^volumes.b.mountPath: the volume a/,
  ],
  [
    'shared memory as a volume',
    { volumes: { a: { emptyDir: {}, mountPath: '/dev/shm' } } },
    /sharedMemory: 8Gi/,
  ],
  ['a mount that climbs', { volumes: { a: { claim: 'x', mountPath: '/x/../y' } } }, /absolute path/],
  [
    'a sub-path that climbs',
    { volumes: { a: { claim: 'x', mountPath: '/x', subPath: '../y' } } },
    /without \.\./,
  ],
  ['a label that is none', { nodeSelector: { a: 'b c' } }, /^nodeSelector.a/],
])('%s is refused', (_, template, expected) => {
  expect(problems(jobTemplateSchema, template).join('\n')).toMatch(expected);
});

test.each([
  ['HF_TOKEN', 'hunter2'],
  ['AWS_SECRET_ACCESS_KEY', 'hunter2'],
  ['WANDB_API_KEY', 'hunter2'],
  ['db_password', 'hunter2'],
  ['GOOGLE_CREDENTIALS', 'hunter2'],
  ['DATABASE_URL', 'postgres://me:hunter2@db/x'],
])('%s in plain text is refused, and its value is not shown', (name, value) => {
  const [problem = '', ...others] = problems(jobTemplateSchema, { environment: { [name]: value } });
  expect(others).toEqual([]);
  expect(problem).toContain(`${name}: { secretKeyRef:`);
  expect(problem).not.toContain('hunter2');
});

test.each<[string, Record<string, unknown>]>([
  ['metadata.name', { metadata: { name: 'mine' } }],
  ['metadata.namespace', { metadata: { namespace: 'kube-system' } }],
  ['metadata.labels.millrace.dev/deployment', { metadata: { labels: { 'millrace.dev/deployment': 'x' } } }],
  [
    'metadata.labels.app.kubernetes.io/managed-by',
    { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } },
  ],
  [
    'metadata.annotations.millrace.dev/spec-hash',
    { metadata: { annotations: { 'millrace.dev/spec-hash': 'x' } } },
  ],
  ['metadata.labels', { metadata: { labels: null } }],
  ['spec.template.metadata', { spec: { template: { metadata: null } } }],
  [
    'spec.template.metadata.labels.millrace.dev/job',
    { spec: { template: { metadata: { labels: { 'millrace.dev/job': 'x' } } } } },
  ],
  ['spec.backoffLimit', { spec: { backoffLimit: 3 } }],
  ['spec.parallelism', { spec: { parallelism: 2 } }],
  ['spec.podFailurePolicy', { spec: { podFailurePolicy: null } }],
  ['spec.template', { spec: { template: [] } }],
  ['spec.template.spec.restartPolicy', { spec: { template: { spec: { restartPolicy: 'OnFailure' } } } }],
  ['spec.template.spec.containers', { spec: { template: { spec: { containers: null } } } }],
  ['spec.template.spec.containers', { spec: { template: { spec: { containers: {} } } } }],
  [
    'spec.template.spec.containers.main',
    { spec: { template: { spec: { containers: [{ name: 'main', $patch: 'delete' }] } } } },
  ],
])('a patch may not touch %s', (path, patch) => {
  expect(problems(jobTemplateSchema, { patch })).toContainEqual(
    expect.stringContaining(`patch.${path}: cannot be patched`) as string,
  );
});

test.each(['apiVersion', 'kind', 'status'])('a patch has no %s', (key) => {
  expect(problems(jobTemplateSchema, { patch: { [key]: 'x' } })).toHaveLength(1);
});

test('later templates count: mappings by key, the rest whole, patches one after the other', () => {
  const environment = jobTemplateSchema.parse({
    environment: { A: 1, B: 1 },
    limits: { 'rdma/hca': 1 },
    nodeSelector: { zone: 'a' },
    volumes: { data: { claim: 'x', mountPath: '/x' } },
    tolerations: [{ key: 'a' }],
    imagePullSecrets: ['one'],
    queue: 'team-a',
    patch: { metadata: { labels: { a: '1' } } },
  });
  const pipeline = jobTemplateSchema.parse({ image: 'mine:1', environment: { B: 2 }, tolerations: [] });
  const candidate = jobTemplateSchema.parse({
    environment: { C: 3 },
    nodeSelector: { gpu: 'a100' },
    volumes: { more: { claim: 'y', mountPath: '/y' } },
    queue: 'team-b',
    patch: { metadata: { labels: { a: '2' } } },
  });
  expect(mergeJobTemplates([environment, undefined, pipeline, candidate])).toMatchObject({
    image: 'mine:1',
    environment: { A: '1', B: '2', C: '3' },
    limits: { 'rdma/hca': '1' },
    nodeSelector: { zone: 'a', gpu: 'a100' },
    volumes: { data: { claim: 'x' }, more: { claim: 'y' } },
    tolerations: [],
    imagePullSecrets: ['one'],
    queue: 'team-b',
    patches: [{ metadata: { labels: { a: '1' } } }, { metadata: { labels: { a: '2' } } }],
  });
});

test.each<[string, WrittenTemplate[], object]>([
  [
    'arguments stay with their command',
    [{ command: ['a'], arguments: ['1'] }, {}],
    { command: ['a'], arguments: ['1'] },
  ],
  [
    'arguments alone are changed',
    [{ command: ['a'], arguments: ['1'] }, { arguments: ['2'] }],
    { command: ['a'], arguments: ['2'] },
  ],
  [
    'another command comes without them',
    [{ command: ['a'], arguments: ['1'] }, { command: ['b'] }],
    { command: ['b'] },
  ],
])('%s', (_, templates, expected) => {
  const { command, arguments: words } = mergeJobTemplates(
    templates.map((one) => jobTemplateSchema.parse(one)),
  );
  expect({ command, ...(words && { arguments: words }) }).toEqual(expected);
});

const cluster = {
  namespace: 'millrace',
  image: 'trainer:1',
  jobs: { path: '/jobs', volume: { claim: 'millrace-jobs' } },
};

test('the settings of a cluster: what must be given, and what stands in for the rest', () => {
  expect(kubernetesSettingsSchema.parse(cluster)).toEqual({
    ...cluster,
    jobs: { ...cluster.jobs, user: 1000, keepFinished: 86_400 },
    unschedulableAfter: 900,
  });
  expect(
    kubernetesSettingsSchema.parse({ ...cluster, jobs: { path: '/j', volume: { hostPath: '/srv/j' } } }).jobs
      .volume,
  ).toEqual({ hostPath: '/srv/j' });
});

test.each<[string, object]>([
  ['namespace', { namespace: 'Millrace' }],
  ['jobs.path', { jobs: { ...cluster.jobs, path: 'jobs' } }],
  ['jobs.user', { jobs: { ...cluster.jobs, user: 0 } }],
  ['deployment', { deployment: 'a b' }],
  ['template', { template: { image: 'x' } }],
])('a wrong %s of a cluster is refused', (path, change) => {
  expect(problems(kubernetesSettingsSchema, { ...cluster, ...change }).join('\n')).toContain(`${path}: `);
});
