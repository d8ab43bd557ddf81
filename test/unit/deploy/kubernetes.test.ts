// Catches manifests that do not fit the code or one another: a queue that nobody serves, a selector that selects nothing, an account that may do more than it
// needs, a pod that the namespace refuses, a volume, secret or patch that leads nowhere, an image that may become another one.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  V1Deployment,
  V1PersistentVolumeClaim,
  V1PodDisruptionBudget,
  V1Role,
} from '@kubernetes/client-node';
import { jobManifestFor } from '../../../src/adapters/jobs/kubernetes/manifest';
import { readProject } from '../../../src/adapters/project';
import { mergeJobTemplates } from '../../../src/contracts/pipeline-file';
import type { Environment } from '../../../src/contracts/project-file';
import { TASK_QUEUES } from '../../../src/contracts/task-queues';
import { ATTEMPT } from '../kubernetes/requests';
import { ROOT } from './compose-file';
import {
  baseManifests,
  documentsOf,
  FOLDER,
  kustomizationOf,
  notRestricted,
  overlays,
  podOf,
  type Manifest,
} from './kubernetes-files';

const manifests = baseManifests();
const ofKind = <T>(kind: string): T[] => manifests.filter((one) => one.kind === kind) as T[];
const deployments = ofKind<V1Deployment>('Deployment');
const budgets = ofKind<V1PodDisruptionBudget>('PodDisruptionBudget');
const claims = ofKind<V1PersistentVolumeClaim>('PersistentVolumeClaim').map(({ metadata }) => metadata?.name);
const accounts = ofKind<Manifest>('ServiceAccount');
const nameOf = ({ metadata }: { metadata?: { name?: string } }): string => metadata?.name ?? '';
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

/** Folders with a millrace.yaml of their own. */
const projects = ['base', ...overlays().map((name) => join('overlays', name))].filter((folder) =>
  existsSync(join(FOLDER, folder, 'millrace.yaml')),
);
const environmentOf = async (folder: string): Promise<Environment> =>
  // Read as the pods read it: every key must be known, and nothing asked for that cannot be done.
  (await readProject(join(FOLDER, folder))).environment('cluster').settings;

test('each task queue has a Deployment of its own, which runs the worker program on that queue', () => {
  expect(deployments.map(nameOf)).toEqual(Object.keys(TASK_QUEUES).map((kind) => `worker-${kind}`));
  for (const deployment of deployments) {
    const [worker, ...others] = podOf(deployment).containers;
    expect(others).toEqual([]);
    expect(worker?.args).toEqual(['--queue', nameOf(deployment).replace('worker-', ''), '--env', 'cluster']);
    expect(worker?.command?.at(-1)).toBe('/opt/millrace/dist/workers/main.js');
    expect(existsSync(join(ROOT, 'src', 'workers', 'main.ts'))).toBe(true);
  }
});

test('every selector selects the pods that it is for, and no others', () => {
  for (const deployment of deployments) {
    const selected = deployment.spec?.selector.matchLabels ?? {};
    expect(deployment.spec?.template.metadata?.labels).toEqual(selected);
    const budget = budgets.find((one) => nameOf(one) === nameOf(deployment));
    expect(budget?.spec?.selector?.matchLabels).toEqual(selected);
    expect(budget?.spec?.maxUnavailable).toBe(1);
  }
  expect(budgets).toHaveLength(deployments.length);
  const texts = deployments.map(({ spec }) => JSON.stringify(spec?.selector.matchLabels));
  expect(new Set(texts).size).toBe(texts.length);
});

test('every worker has its probes, its time to end, and limits', () => {
  for (const deployment of deployments) {
    const pod = podOf(deployment);
    const [worker] = pod.containers;
    const script = worker?.startupProbe?.exec?.command?.at(-1)?.replace('/opt/millrace/', '') ?? '';
    expect(existsSync(join(ROOT, script))).toBe(true);
    expect(worker?.readinessProbe?.exec).toEqual(worker?.startupProbe?.exec);
    expect(worker?.livenessProbe?.exec).toEqual(worker?.startupProbe?.exec);
    expect(worker?.env?.map(({ name }) => name)).toEqual(['MILLRACE_HEALTH_PORT']);
    // The grace that a worker gives its activities, and some more.
    const grace = /SHUTDOWN_GRACE = '(\d+)s'/.exec(
      readFileSync(join(ROOT, 'src/workers/fleet.ts'), 'utf8'),
    )?.[1];
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(2 * Number(grace));
    expect(worker?.resources?.limits).toHaveProperty('memory');
    expect(Object.keys(worker?.resources?.requests ?? {})).toEqual(['cpu', 'memory']);
  }
});

test('the namespace enforces the profile restricted, and every pod of ours fits it, a training as well', async () => {
  const [namespace] = ofKind<Manifest>('Namespace');
  for (const mode of ['enforce', 'audit', 'warn'])
    expect(namespace?.metadata.labels).toHaveProperty([`pod-security.kubernetes.io/${mode}`], 'restricted');
  for (const deployment of deployments)
    expect([nameOf(deployment), notRestricted(podOf(deployment))]).toEqual([nameOf(deployment), []]);
  for (const folder of projects) {
    const { kubernetes } = await environmentOf(folder);
    const job = jobManifestFor({
      settings: { ...kubernetes!, deployment: kubernetes!.deployment! },
      template: mergeJobTemplates([kubernetes!.template]),
      attempt: ATTEMPT,
    });
    expect([folder, notRestricted(job.spec!.template.spec!)]).toEqual([folder, []]);
  }
});

test('one Role, for jobs, pods, logs and events of the one namespace, and no verb more', () => {
  expect(manifests.filter(({ kind }) => kind.startsWith('Cluster'))).toEqual([]);
  const roles = ofKind<V1Role>('Role');
  expect(roles).toHaveLength(1);
  expect(roles[0]?.rules).toEqual([
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'delete', 'get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['delete', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    { apiGroups: [''], resources: ['events'], verbs: ['list', 'watch'] },
  ]);
  expect(JSON.stringify(roles)).not.toContain('*');
  const bindings = ofKind<Manifest & { roleRef: { name: string }; subjects: { name: string }[] }>(
    'RoleBinding',
  );
  expect(bindings.map(({ roleRef, subjects }) => [roleRef.name, subjects.map(({ name }) => name)])).toEqual([
    ['millrace-launcher', ['millrace-launcher']],
  ]);
});

test('the Role permits every call that the code makes of the cluster', () => {
  const folder = join(ROOT, 'src', 'adapters', 'jobs', 'kubernetes');
  const code = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  const calls = [
    ...code.join('\n').matchAll(/\.(create|read|list|delete|patch|replace)(Collection)?Namespaced(\w+)\(/g),
  ];
  const verbs: Record<string, string> = { create: 'create', read: 'get', list: 'list', delete: 'delete' };
  const resources: Record<string, string> = { Job: 'jobs', Pod: 'pods', PodLog: 'pods/log', Event: 'events' };
  const [role] = ofKind<V1Role>('Role');
  expect(calls.length).toBeGreaterThan(4);
  for (const [call, action = '', collection, kind = ''] of calls) {
    const rule = role?.rules?.find((one) => one.resources?.includes(resources[kind] ?? ''));
    expect([call, collection, rule?.verbs.includes(verbs[action] ?? '')]).toEqual([call, undefined, true]);
  }
});

test('only workers that launch or end jobs have a token and the folder of the jobs', async () => {
  for (const { automountServiceAccountToken, metadata } of accounts)
    expect([metadata.name, automountServiceAccountToken]).toEqual([metadata.name, false]);
  const path = (await environmentOf('base')).kubernetes?.jobs.path;
  for (const deployment of deployments) {
    const pod = podOf(deployment);
    const launches = ['worker-training', 'worker-services'].includes(nameOf(deployment));
    expect(pod.serviceAccountName).toBe(launches ? 'millrace-launcher' : 'millrace-worker');
    expect(pod.automountServiceAccountToken === true).toBe(launches);
    const mounts = pod.containers[0]?.volumeMounts?.filter(({ mountPath }) => mountPath === path);
    expect([nameOf(deployment), mounts?.length]).toEqual([nameOf(deployment), launches ? 1 : 0]);
  }
});

test('every account, claim, configuration and secret that a pod names is there, and every mount has its volume', () => {
  const generated = (kustomizationOf('base').configMapGenerator ?? []).map(({ name }) => name);
  for (const deployment of deployments) {
    const { serviceAccountName, containers, volumes = [] } = podOf(deployment);
    expect(accounts.map(nameOf)).toContain(serviceAccountName);
    expect(containers[0]?.volumeMounts?.map(({ name }) => name).sort()).toEqual(
      volumes.map(({ name }) => name).sort(),
    );
    for (const { configMap, persistentVolumeClaim, secret } of volumes) {
      if (configMap) expect(generated).toContain(configMap.name);
      if (persistentVolumeClaim) expect(claims).toContain(persistentVolumeClaim.claimName);
      // Made by hand, as docs/operations/kubernetes.md says. 288 is 0440.
      if (secret) expect(secret).toEqual({ secretName: 'millrace-secrets', defaultMode: 0o440 });
    }
  }
});

test.each(projects)('%s/millrace.yaml fits the manifests', async (folder) => {
  const environment = await environmentOf(folder);
  const { kubernetes, store, ledger } = environment;
  expect('s3' in store && 'postgres' in ledger).toBe(true);
  expect(kubernetes?.namespace).toBe(kustomizationOf('base').namespace);
  expect(accounts.map(nameOf)).toContain(kubernetes?.serviceAccount);
  const volume = kubernetes?.jobs.volume;
  expect(claims).toContain(volume && 'claim' in volume ? volume.claim : undefined);
  expect(kubernetes?.jobs.user).toBe(podOf(deployments[0]!).securityContext?.runAsUser);
  // Every secret is a file of the one volume, and docs say which keys it must have.
  const docs = readFileSync(join(ROOT, 'docs', 'operations', 'kubernetes.md'), 'utf8');
  const files = [...JSON.stringify(environment).matchAll(/"file:([^"]+)"/g)].map(([, file = '']) => file);
  expect(files).not.toEqual([]);
  for (const file of files) {
    expect(file).toMatch(/^\/run\/secrets\/millrace\/[\w-]+$/);
    expect(docs).toContain(`\`${file.replace(/.*\//, '')}\``);
  }
});

test.each(overlays())(
  'the overlay %s builds on the base, and its patches and files lead somewhere',
  (name) => {
    const folder = join('overlays', name);
    const {
      resources,
      namespace,
      replicas = [],
      patches = [],
      configMapGenerator = [],
      images = [],
    } = kustomizationOf(folder);
    expect(resources).toContain('../../base');
    expect(namespace).toBe(kustomizationOf('base').namespace);
    for (const each of replicas) expect(deployments.map(nameOf)).toContain(each.name);
    for (const each of images)
      expect(podOf(deployments[0]!).containers[0]?.image).toBe(`${each.name}:${version}`);
    for (const { path, target } of patches) {
      const [patch] = documentsOf(join(folder, path)) as [Manifest];
      const touched = manifests.filter(
        (one) =>
          one.kind === (target?.kind ?? patch.kind) &&
          new RegExp(`^${target?.name ?? patch.metadata.name}$`).test(one.metadata.name),
      );
      expect([path, touched.length]).not.toEqual([path, 0]);
    }
    for (const { behavior, files } of configMapGenerator) {
      expect(behavior).toBe('replace');
      for (const file of files) expect(existsSync(join(FOLDER, folder, file))).toBe(true);
    }
  },
);

test('images are pinned to the version of this repository, for workers and trainings', async () => {
  for (const deployment of deployments)
    expect(podOf(deployment).containers[0]?.image).toBe(`millrace:${version}`);
  for (const { images = [] } of overlays().map((name) => kustomizationOf(join('overlays', name))))
    for (const { newTag } of images) expect(newTag).toBe(version);
  for (const folder of projects)
    expect((await environmentOf(folder)).kubernetes?.image).toMatch(
      new RegExp(`(^|/)millrace-trainer:${version}$`),
    );
});

test("the trainers' image has the environment of the workers' image, at the same place, made by the same means", () => {
  const image = readFileSync(join(ROOT, 'deploy', 'images', 'trainer.Dockerfile'), 'utf8');
  const workers = readFileSync(join(ROOT, 'deploy', 'images', 'millrace.Dockerfile'), 'utf8');
  const setUp = readFileSync(join(ROOT, 'scripts', 'bootstrap.mjs'), 'utf8');
  expect(image).toMatch(/^FROM debian:\d+\.\d+-slim$/m);
  expect(image).toContain(/uv==[\d.]+/.exec(setUp)?.[0]);
  const folder = /^WORKDIR (\/opt\/\S+)$/m.exec(workers)?.[1] ?? '';
  expect(image).toContain(`WORKDIR ${folder}\n`);
  expect(image).toContain(`PATH=${folder}/.millrace/python/bin:$PATH PYTHONPATH=${folder}/trainers\n`);
  expect(image).toContain('USER 1000:1000\n');
  for (const [, from = ''] of image.matchAll(/^COPY --chown=\S+ (\S+) /gm))
    expect([from, existsSync(join(ROOT, from))]).toEqual([from, true]);
});
