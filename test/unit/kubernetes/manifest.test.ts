// Catches a Job that trains twice or is not found again, a pod that the cluster's security profile refuses, a setting of the template that gets lost on its
// way to the pod, and a word of the trainer's command that the cluster changes.
import type { V1Container, V1Job, V1PodSpec } from '@kubernetes/client-node';
import { jobManifestFor } from '../../../src/adapters/jobs/kubernetes/manifest';
import { OWN_VOLUMES } from '../../../src/contracts/pipeline-file';
import { ATTEMPT, requestOf, SETTINGS, type WrittenTemplate } from './requests';

const podOf = (job: V1Job): V1PodSpec => job.spec!.template.spec!;
const trainerOf = (job: V1Job): V1Container => podOf(job).containers[0]!;
const written = (...templates: WrittenTemplate[]): V1Job => jobManifestFor(requestOf(templates));

test('without a template the Job is complete', () => {
  expect(jobManifestFor(requestOf())).toEqual({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: 'churn-boosted-0123456789abcdef-2',
      namespace: 'millrace',
      labels: {
        'app.kubernetes.io/managed-by': 'millrace',
        'millrace.dev/deployment': 'production',
        'millrace.dev/job': 'churn-boosted-0123456789abcdef',
        'millrace.dev/attempt': '2',
      },
      annotations: { 'millrace.dev/spec-hash': expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    },
    spec: {
      completions: 1,
      parallelism: 1,
      backoffLimit: 0,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
      ttlSecondsAfterFinished: 86_400,
      template: {
        metadata: {
          labels: {
            'app.kubernetes.io/managed-by': 'millrace',
            'millrace.dev/deployment': 'production',
            'millrace.dev/job': 'churn-boosted-0123456789abcdef',
            'millrace.dev/attempt': '2',
          },
        },
        spec: {
          restartPolicy: 'Never',
          activeDeadlineSeconds: 7200,
          terminationGracePeriodSeconds: 10,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            runAsGroup: 1000,
            fsGroup: 1000,
            fsGroupChangePolicy: 'OnRootMismatch',
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'main',
              image: SETTINGS.image,
              command: ATTEMPT.command,
              workingDir: ATTEMPT.directory,
              env: [
                { name: 'MILLRACE_JOB_DIR', value: ATTEMPT.directory },
                { name: 'HOME', value: '/tmp' },
                { name: 'PYTHONUNBUFFERED', value: '1' },
                { name: 'PYTHONHASHSEED', value: '0' },
                { name: 'OMP_NUM_THREADS', value: '4' },
              ],
              resources: {
                requests: { cpu: '4', memory: '16384Mi' },
                limits: { memory: '16384Mi', 'nvidia.com/gpu': '1' },
              },
              volumeMounts: [
                {
                  name: OWN_VOLUMES.jobs,
                  mountPath: ATTEMPT.directory,
                  subPath: 'jobs/churn-boosted-0123456789abcdef/attempts/2',
                },
              ],
              terminationMessagePolicy: 'FallbackToLogsOnError',
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            },
          ],
          volumes: [{ name: OWN_VOLUMES.jobs, persistentVolumeClaim: { claimName: 'millrace-jobs' } }],
        },
      },
    },
  });
});

const settings: [string, WrittenTemplate, (job: V1Job) => unknown, unknown][] = [
  ['image', { image: 'mine:2' }, (job) => trainerOf(job).image, 'mine:2'],
  ['nodeSelector', { nodeSelector: { gpu: 'a100' } }, (job) => podOf(job).nodeSelector, { gpu: 'a100' }],
  [
    'tolerations',
    { tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }] },
    (job) => podOf(job).tolerations,
    [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
  ],
  [
    'affinity',
    { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { a: 1 } } } },
    (job) => podOf(job).affinity,
    { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { a: 1 } } },
  ],
  ['priorityClassName', { priorityClassName: 'urgent' }, (job) => podOf(job).priorityClassName, 'urgent'],
  ['serviceAccount', { serviceAccount: 'reader' }, (job) => podOf(job).serviceAccountName, 'reader'],
  ['queue', { queue: 'team-a' }, (job) => job.metadata?.labels?.['kueue.x-k8s.io/queue-name'], 'team-a'],
  ['imagePullPolicy', { imagePullPolicy: 'Never' }, (job) => trainerOf(job).imagePullPolicy, 'Never'],
  [
    'imagePullSecrets',
    { imagePullSecrets: ['registry'] },
    (job) => podOf(job).imagePullSecrets,
    [{ name: 'registry' }],
  ],
  [
    'sharedMemory, as a volume',
    { sharedMemory: '8Gi' },
    (job) => podOf(job).volumes?.[1],
    { name: OWN_VOLUMES.sharedMemory, emptyDir: { medium: 'Memory', sizeLimit: '8Gi' } },
  ],
  [
    'sharedMemory, as a mount',
    { sharedMemory: '8Gi' },
    (job) => trainerOf(job).volumeMounts?.[1],
    { name: OWN_VOLUMES.sharedMemory, mountPath: '/dev/shm' },
  ],
];
test.each(settings)('%s reaches the Job', (_, template, read, expected) => {
  expect(read(written(template))).toEqual(expected);
  expect(read(written())).not.toEqual(expected);
});

test.each<[string, WrittenTemplate, Pick<V1Container, 'command' | 'args'>]>([
  ['neither', {}, { command: ATTEMPT.command as string[] }],
  ['a command', { command: ['tini', '--'] }, { command: ['tini', '--'], args: ATTEMPT.command as string[] }],
  [
    'a command with arguments',
    { command: ['train'], arguments: ['--job', '$(MILLRACE_JOB_DIR)'] },
    { command: ['train'], args: ['--job', '$(MILLRACE_JOB_DIR)'] },
  ],
  ["arguments of the image's entry point", { arguments: ['fit'] }, { args: ['fit'] }],
])('with %s the container runs what is meant', (_, template, expected) => {
  const { command, args } = trainerOf(written(template));
  expect({ ...(command && { command }), ...(args && { args }) }).toEqual(expected);
});

test('words of the trainer and values of its variables stay what they are, even where Kubernetes would look up a variable', () => {
  const job = jobManifestFor(
    requestOf([], { command: ['sh', '-c', 'echo $(date) $HOME'], environment: { QUOTED: 'a$(HOME)' } }),
  );
  expect(trainerOf(job).command).toEqual(['sh', '-c', 'echo $$(date) $HOME']);
  expect(trainerOf(job).env).toContainEqual({ name: 'QUOTED', value: 'a$$(HOME)' });
});

test('a command of the user runs in the folder of its code', () => {
  const workingDirectory = `${ATTEMPT.directory}/code`;
  expect(trainerOf(jobManifestFor(requestOf([], { workingDirectory }))).workingDir).toBe(workingDirectory);
});

test('fractions of a second become whole ones, never none', () => {
  const job = jobManifestFor(requestOf([], { timeoutSeconds: 0.5, graceSeconds: 1.5 }));
  expect(podOf(job)).toMatchObject({ activeDeadlineSeconds: 1, terminationGracePeriodSeconds: 2 });
});

test('the lease stands on the Job for people, and on no pod', () => {
  const lease = { pool: 'gpu', workflowId: 'churn/manual/1', what: 'boosted', fence: 7 };
  const job = jobManifestFor(requestOf([], { lease }));
  expect(job.metadata?.annotations?.['millrace.dev/lease']).toBe('gpu: boosted of churn/manual/1, grant 7');
  expect(job.spec?.template.metadata?.annotations).toBeUndefined();
});

test('a patch reaches what has no key, keeps what it does not name, and patches follow one another', () => {
  const job = written(
    { patch: { spec: { template: { spec: { hostNetwork: true, runtimeClassName: 'nvidia' } } } } },
    {
      patch: {
        metadata: { labels: { team: 'growth' } },
        spec: {
          activeDeadlineSeconds: 9000,
          template: {
            spec: {
              runtimeClassName: null,
              containers: [
                { name: 'main', tty: true, env: [{ name: 'HOME', value: '/home/me' }] },
                { name: 'sidecar', image: 'side:1' },
              ],
            },
          },
        },
      },
    },
  );
  expect(job.metadata?.labels).toMatchObject({ team: 'growth', 'millrace.dev/attempt': '2' });
  expect(job.spec).toMatchObject({ activeDeadlineSeconds: 9000, backoffLimit: 0 });
  expect(podOf(job)).toMatchObject({ hostNetwork: true, restartPolicy: 'Never' });
  expect(podOf(job)).not.toHaveProperty('runtimeClassName');
  expect(podOf(job).containers.map(({ name }) => name)).toEqual(['main', 'sidecar']);
  expect(trainerOf(job)).toMatchObject({ tty: true, image: SETTINGS.image, command: ATTEMPT.command });
  expect(trainerOf(job).env).toHaveLength(5);
  expect(trainerOf(job).env).toContainEqual({ name: 'HOME', value: '/home/me' });
});

test('equal requests give equal manifests, and the request is left as it was', () => {
  const request = requestOf([{ patch: { spec: { template: { spec: { hostNetwork: true } } } } }]);
  const before = JSON.stringify(request);
  expect(jobManifestFor(request)).toEqual(jobManifestFor(request));
  expect(JSON.stringify(request)).toBe(before);
});
