/**
 * Catches: manifests that a real API server refuses or warns about, pods (of workers and of trainings) that the namespace does not let in, and rights that are
 * other than the Role says.
 */
import { join } from 'node:path';
import type { V1Deployment, V1Job } from '@kubernetes/client-node';
import { jobManifestFor } from '../../../src/adapters/jobs/kubernetes/manifest';
import { until } from '../../support/faults/until';
import { kubernetesSupport } from '../../support/kubernetes/build';
import { CLUSTER_START_MS, startCluster, type Cluster } from '../../support/kubernetes/cluster';
import { overlays, FOLDER } from '../../unit/deploy/kubernetes-files';
import { requestOf } from '../../unit/kubernetes/requests';

const lacking = kubernetesSupport();
const TEST_MS = 120_000;
const NAMESPACE = 'millrace';

/** What an account may do: verb, resource, API group. */
type Right = readonly [verb: string, resource: string, group?: string];
const granted: readonly Right[] = [
  ...['create', 'delete', 'get', 'list', 'watch'].map((verb): Right => [verb, 'jobs', 'batch']),
  ...['delete', 'list', 'watch'].map((verb): Right => [verb, 'pods']),
  ['get', 'pods/log'],
  ...['list', 'watch'].map((verb): Right => [verb, 'events']),
];
const refused: readonly Right[] = [
  ...['update', 'patch', 'deletecollection'].map((verb): Right => [verb, 'jobs', 'batch']),
  ...['create', 'update', 'patch', 'get'].map((verb): Right => [verb, 'pods']),
  ['create', 'pods/exec'],
  ['create', 'pods/eviction'],
  ...['get', 'list', 'watch', 'create'].map((verb): Right => [verb, 'secrets']),
  ['get', 'configmaps'],
  ['create', 'serviceaccounts/token'],
  ['create', 'rolebindings', 'rbac.authorization.k8s.io'],
  ['create', 'deployments', 'apps'],
  ['create', 'cronjobs', 'batch'],
];

(lacking === undefined ? describe : describe.skip)(
  `deploy/kubernetes${lacking ? ` (not run: ${lacking})` : ''}`,
  () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await startCluster();
      await cluster.kubectl(['apply', '--server-side', '-f', join(FOLDER, 'base', 'namespace.yaml')]);
    }, CLUSTER_START_MS);
    afterAll(() => cluster.stop(), TEST_MS);

    const apply = async (overlay: string, ...words: string[]): Promise<string> => {
      const rendered = await cluster.kubectl(['kustomize', join(FOLDER, 'overlays', overlay)]);
      return cluster.kubectl(
        ['apply', '--server-side', '--validate=strict', '--warnings-as-errors', ...words, '-f', '-'],
        rendered,
      );
    };

    test.each(overlays())(
      'the API server takes the overlay %s, and has nothing to remark',
      (overlay) => apply(overlay, '--dry-run=server'),
      TEST_MS,
    );

    test(
      'the namespace lets every worker in',
      async () => {
        await apply('production');
        const all = await cluster.read<{ items: V1Deployment[] }>('deployments', '-n', NAMESPACE);
        expect(all.items).toHaveLength(4);
        for (const { metadata, spec } of all.items)
          await until(`${metadata?.name ?? ''} has its pods`, async () => {
            const one = await cluster.read<V1Deployment>('deployment', metadata!.name!, '-n', NAMESPACE);
            return one.status?.replicas === spec?.replicas;
          });
      },
      TEST_MS,
    );

    test(
      'the namespace lets a training in that uses every key of the template, and no privileged one',
      async () => {
        const whole = jobManifestFor(
          requestOf([
            {
              command: ['tini', '--'],
              environment: {
                EPOCHS: 3,
                TOKEN: { secretKeyRef: { name: 'hub', key: 'token' } },
                REGION: { configMapKeyRef: { name: 'site', key: 'region', optional: true } },
              },
              requests: { cpu: '500m', 'ephemeral-storage': '10Gi' },
              limits: { 'example.com/device': 1 },
              nodeSelector: { kind: 'gpu' },
              tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
              affinity: {
                podAntiAffinity: {
                  preferredDuringSchedulingIgnoredDuringExecution: [
                    {
                      weight: 1,
                      podAffinityTerm: {
                        topologyKey: 'kubernetes.io/hostname',
                        labelSelector: { matchLabels: { team: 'growth' } },
                      },
                    },
                  ],
                },
              },
              priorityClassName: 'system-cluster-critical',
              serviceAccount: 'millrace-trainer',
              volumes: {
                data: { claim: 'data', mountPath: '/data', readOnly: true },
                keys: { secret: 'keys', mountPath: '/keys' },
                scratch: { emptyDir: { sizeLimit: '1Gi' }, mountPath: '/scratch' },
              },
              sharedMemory: '1Gi',
              queue: 'team-a',
              imagePullPolicy: 'IfNotPresent',
              imagePullSecrets: ['registry'],
              patch: { metadata: { labels: { team: 'growth' } }, spec: { activeDeadlineSeconds: 9000 } },
            },
          ]),
        );
        const privileged = jobManifestFor(
          requestOf([{ patch: { spec: { template: { spec: { hostNetwork: true } } } } }], { attempt: 3 }),
        );
        const create = (job: V1Job, ...words: string[]): Promise<string> =>
          cluster.kubectl(['create', '--validate=strict', ...words, '-f', '-'], JSON.stringify(job));
        await create(whole, '--warnings-as-errors');
        const read = (job: V1Job): Promise<V1Job> =>
          cluster.read('job', job.metadata!.name!, '-n', NAMESPACE);
        await until('the training has its pod', async () => (await read(whole)).status?.active === 1);
        await expect(create(privileged, '--warnings-as-errors', '--dry-run=server')).rejects.toThrow(
          /restricted/,
        );
      },
      TEST_MS,
    );

    /** Of these rights, those that the account has in the namespace. All are asked for at once. */
    const rightsOf = async (
      account: string,
      rights: readonly Right[],
      namespace = NAMESPACE,
    ): Promise<Right[]> => {
      const items = rights.map(([verb, resource, group = '']) => {
        const [name, subresource] = resource.split('/');
        return {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: {
            user: `system:serviceaccount:${NAMESPACE}:${account}`,
            resourceAttributes: {
              namespace,
              verb,
              group,
              resource: name,
              ...(subresource && { subresource }),
            },
          },
        };
      });
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
      const words = ['create', '-o', 'jsonpath={.status.allowed} ', '-f', '-'];
      const answers = (await cluster.kubectl(words, list)).trim().split(' ');
      expect(answers).toHaveLength(rights.length);
      return rights.filter((_, place) => answers[place] === 'true');
    };

    test(
      'who launches may do what the Role says, in the one namespace, and nothing else; the others nothing',
      async () => {
        const all = [...granted, ...refused];
        expect(await rightsOf('millrace-launcher', all)).toEqual(granted);
        expect(await rightsOf('millrace-launcher', all, 'default')).toEqual([]);
        for (const account of ['millrace-worker', 'millrace-trainer', 'default'])
          expect([account, await rightsOf(account, all)]).toEqual([account, []]);
      },
      TEST_MS,
    );
  },
);
