// Catches a secret in plain text in a Job, a variable that loses to one it should win against, a device that is asked for twice or not at all, and a volume
// that hides the job directory or shows another job's.
import { containerEnvironment } from '../../../src/adapters/jobs/kubernetes/container-environment';
import { containerResources } from '../../../src/adapters/jobs/kubernetes/container-resources';
import { mountedVolumes } from '../../../src/adapters/jobs/kubernetes/container-volumes';
import type { MillraceError } from '../../../src/contracts/errors';
import { OWN_VOLUMES } from '../../../src/contracts/pipeline-file';
import { ATTEMPT, requestOf, type WrittenTemplate } from './requests';

const valueOf = (name: string, ...given: Parameters<typeof requestOf>): unknown =>
  containerEnvironment(requestOf(...given)).find((variable) => variable.name === name);

/** What `action` refuses. */
function refusalOf(action: () => unknown): MillraceError {
  try {
    action();
  } catch (error) {
    return error as MillraceError;
  }
  throw new Error('nothing was refused');
}

test('secrets and keys of ConfigMaps are named, not shown', () => {
  const environment = {
    HF_TOKEN: { secretKeyRef: { name: 'hub', key: 'token' } },
    REGION: { configMapKeyRef: { name: 'site', key: 'region', optional: true } },
  };
  expect(valueOf('HF_TOKEN', [{ environment }])).toEqual({
    name: 'HF_TOKEN',
    valueFrom: { secretKeyRef: { name: 'hub', key: 'token' } },
  });
  expect(valueOf('REGION', [{ environment }])).toEqual({
    name: 'REGION',
    valueFrom: { configMapKeyRef: { name: 'site', key: 'region', optional: true } },
  });
});

test('the template counts before what the attempt brings and before what is standard; the job directory comes first', () => {
  const environment = { OMP_NUM_THREADS: 2, HOME: '/home/me', WHERE: '$(MILLRACE_JOB_DIR)/out' };
  expect(valueOf('OMP_NUM_THREADS', [{ environment }])).toMatchObject({ value: '2' });
  expect(valueOf('HOME', [{ environment }])).toMatchObject({ value: '/home/me' });
  expect(valueOf('WHERE', [{ environment }])).toMatchObject({ value: '$(MILLRACE_JOB_DIR)/out' });
  const names = containerEnvironment(requestOf([{ environment }])).map(({ name }) => name);
  expect(names[0]).toBe('MILLRACE_JOB_DIR');
  expect(new Set(names).size).toBe(names.length);
});

test.each(['MLFLOW_TRACKING_PASSWORD', 'MLFLOW_TRACKING_TOKEN'])(
  '%s that a worker brings is refused without its value, unless the template names it',
  (name) => {
    const attempt = { environment: { [name]: 'hunter2' } };
    const refusal = refusalOf(() => containerEnvironment(requestOf([], attempt)));
    expect(refusal.code).toBe('PROJECT_FILE_INVALID');
    expect(refusal.describe()).toContain(name);
    expect(JSON.stringify(refusal, Object.getOwnPropertyNames(refusal))).not.toContain('hunter2');
    const template = { environment: { [name]: { secretKeyRef: { name: 'mlflow', key: 'it' } } } };
    const variables = containerEnvironment(requestOf([template], attempt));
    expect(JSON.stringify(variables)).not.toContain('hunter2');
    expect(variables.filter((variable) => variable.name === name)).toHaveLength(1);
  },
);

test.each<[string, WrittenTemplate, object, object]>([
  ['nothing named', {}, { cpu: '4', memory: '16384Mi' }, { memory: '16384Mi', 'nvidia.com/gpu': '1' }],
  [
    'other requests',
    { requests: { cpu: '500m', 'ephemeral-storage': '10Gi' } },
    { cpu: '500m', memory: '16384Mi', 'ephemeral-storage': '10Gi' },
    { memory: '16384Mi', 'nvidia.com/gpu': '1' },
  ],
  [
    'a limit, which is requested, too',
    { limits: { cpu: 2, memory: '20Gi' } },
    {},
    { cpu: '2', memory: '20Gi', 'nvidia.com/gpu': '1' },
  ],
  [
    'another device',
    { limits: { 'rdma/hca': 1 } },
    { cpu: '4', memory: '16384Mi' },
    { memory: '16384Mi', 'nvidia.com/gpu': '1', 'rdma/hca': '1' },
  ],
])('resources: %s', (_, template, requests, limits) => {
  expect(containerResources(requestOf([template]))).toEqual({ requests, limits });
});

test.each<[Parameters<typeof requestOf>[1], object, object]>([
  [{ resources: {} }, {}, {}],
  [{ resources: { cpu: 0.5, gpu: 0 } }, { cpu: '0.5' }, {}],
  [{ resources: { memoryBytes: 1_000_000 } }, { memory: '1000000' }, { memory: '1000000' }],
])('resources of the candidate: %j', (attempt, requests, limits) => {
  expect(containerResources(requestOf([], attempt))).toEqual({ requests, limits });
});

test('a pod sees its own job directory alone, wherever the folder of the jobs comes from', () => {
  const below = 'jobs/churn-boosted-0123456789abcdef/attempts/2';
  const claim = { claim: 'shared', subPath: 'millrace/jobs' };
  const path = '/jobs';
  const jobs = { path, user: 1000, keepFinished: 60 };
  expect(mountedVolumes(requestOf([], {}, { jobs: { ...jobs, volume: claim } }))).toEqual([
    {
      volume: { name: OWN_VOLUMES.jobs, persistentVolumeClaim: { claimName: 'shared' } },
      mount: { name: OWN_VOLUMES.jobs, mountPath: ATTEMPT.directory, subPath: `millrace/jobs/${below}` },
    },
  ]);
  expect(mountedVolumes(requestOf([], {}, { jobs: { ...jobs, volume: { hostPath: '/srv/jobs' } } }))).toEqual(
    [
      {
        volume: { name: OWN_VOLUMES.jobs, hostPath: { path: '/srv/jobs', type: 'Directory' } },
        mount: { name: OWN_VOLUMES.jobs, mountPath: ATTEMPT.directory, subPath: below },
      },
    ],
  );
  for (const directory of ['/jobs', '/other/2', '/jobs/../etc'])
    expect(refusalOf(() => mountedVolumes(requestOf([], { directory }))).code).toBe('INTERNAL');
});

test('volumes of the template: claims, secrets and folders of the pod', () => {
  const template: WrittenTemplate = {
    volumes: {
      images: { claim: 'images', subPath: '2026', readOnly: true, mountPath: '/data/images' },
      keys: { secret: 's3-keys', mountPath: '/keys' },
      scratch: { emptyDir: { sizeLimit: '100Gi' }, mountPath: '/scratch' },
      quick: { emptyDir: { medium: 'Memory' }, mountPath: '/quick' },
    },
  };
  expect(mountedVolumes(requestOf([template])).slice(1)).toEqual([
    {
      volume: { name: 'images', persistentVolumeClaim: { claimName: 'images', readOnly: true } },
      mount: { name: 'images', mountPath: '/data/images', subPath: '2026', readOnly: true },
    },
    {
      volume: { name: 'keys', secret: { secretName: 's3-keys', defaultMode: 0o440 } },
      mount: { name: 'keys', mountPath: '/keys', readOnly: true },
    },
    {
      volume: { name: 'scratch', emptyDir: { sizeLimit: '100Gi' } },
      mount: { name: 'scratch', mountPath: '/scratch' },
    },
    {
      volume: { name: 'quick', emptyDir: { medium: 'Memory' } },
      mount: { name: 'quick', mountPath: '/quick' },
    },
  ]);
});

test.each(['/jobs', ATTEMPT.directory, `${ATTEMPT.directory}/out`])(
  'a volume at %s is refused: results would go into it, and not to the worker',
  (mountPath) => {
    const template: WrittenTemplate = { volumes: { data: { claim: 'data', mountPath } } };
    expect(refusalOf(() => mountedVolumes(requestOf([template]))).code).toBe('PIPELINE_FILE_INVALID');
  },
);
