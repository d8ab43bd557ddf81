/**
 * Catches a pipeline that comes to other predictions in a container than on the host, whose job no pod can read or leave its result in, whose log is lost, or
 * whose winner cannot be scored because its image was forgotten. Everything is real: the stack of `millrace up`, a kubelet, containers.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kubernetesSupport } from '../../support/kubernetes/build';
import { CLUSTER_START_MS, startCluster, type Cluster } from '../../support/kubernetes/cluster';
import { makeTrainerImage } from '../../support/kubernetes/node/image';
import { joinRealNode, realNodeSupport } from '../../support/kubernetes/node/real-node';
import { NODE_KIND } from '../../support/kubernetes/simulated';
import { CLI_TEST_MS, CliProject } from '../client/cli-project';

const lacking = kubernetesSupport() ?? realNodeSupport();
const IMAGE = 'localhost/trainer:1';
const TRAINERS = join(__dirname, '..', '..', '..', 'trainers');
const [suite, why] = lacking === undefined ? [describe, ''] : [describe.skip, ` (not run: ${lacking})`];

suite(`a pipeline that trains in pods${why}`, () => {
  let cluster: Cluster;
  let project: CliProject;
  let jobs: string;
  beforeAll(async () => {
    cluster = await startCluster({ gpuNodes: [] });
    const image = join(cluster.folder, 'trainer.tar');
    await makeTrainerImage(image, IMAGE);
    await joinRealNode(cluster, { images: [image], gpus: 2 });
    project = await CliProject.create();
    jobs = join(project.scripted.folder, 'jobs');
    await mkdir(jobs);
    await writeFile(join(project.root, 'millrace.yaml'), JSON.stringify(projectFile()));
    const candidates = [
      { name: 'logistic', trainer: 'sklearn/logistic-regression' as const, resources: { gpu: 1 } },
      { name: 'boosted', trainer: 'xgboost' as const, params: { n_estimators: 20 } },
    ];
    const onHost = candidates.map(({ resources: _, ...candidate }) => candidate);
    const registry = { model: 'pods' };
    await project.scripted.writePipeline('host', [], { candidates: onHost });
    await project.scripted.writePipeline('pods', [], {
      candidates,
      registry,
      training: { backend: 'kubernetes' },
    });
    await project.json(0, 'up');
  }, CLUSTER_START_MS + CLI_TEST_MS);
  afterAll(async () => {
    await project.remove();
    await cluster.stop();
  }, CLI_TEST_MS);

  function projectFile(): object {
    return {
      apiVersion: 'millrace/v1',
      environments: {
        local: {
          kubernetes: {
            ...{ kubeconfig: cluster.kubeconfig, namespace: 'default', image: IMAGE },
            jobs: { path: jobs, volume: { hostPath: jobs } },
            template: {
              imagePullPolicy: 'Never',
              nodeSelector: { [NODE_KIND]: 'real' },
              environment: { PYTHONPATH: TRAINERS },
              // The test's folders are root's, and the node has no network of its own.
              patch: {
                spec: {
                  template: {
                    spec: {
                      hostNetwork: true,
                      securityContext: { runAsNonRoot: false, runAsUser: 0, runAsGroup: 0 },
                    },
                  },
                },
              },
            },
          },
        },
      },
    };
  }

  const predictionsOf = (pipeline: string, candidate: string): Buffer => {
    const job = readdirSync(join(jobs, 'jobs')).find((name) => name.startsWith(`${pipeline}-${candidate}-`));
    return readFileSync(join(jobs, 'jobs', job ?? '', 'attempts', '1', 'out', 'predictions.parquet'));
  };

  test(
    'the cluster takes its Jobs, it trains and registers, and its predictions are those of the host, byte for byte',
    async () => {
      const checked = await project.millrace('validate', 'pods', '--cluster');
      expect(checked.out).toContain(`logistic: the cluster takes ${IMAGE} in default`);
      expect(checked.out).toContain('nvidia.com/gpu 1');
      expect(checked.code).toBe(0);

      expect(await project.json(0, 'run', 'host')).toMatchObject({ outcome: 'stopped' });
      const run = await project.json<{ workflowId: string; outcome: string }>(0, 'run', 'pods');
      expect(run).toMatchObject({ outcome: 'registered' });
      for (const candidate of ['logistic', 'boosted'])
        expect(predictionsOf('pods', candidate).equals(predictionsOf('host', candidate))).toBe(true);

      const log = await project.millrace('logs', run.workflowId, 'logistic');
      expect(log.out).toContain('done');
      const { items } = await cluster.read<{
        items: { metadata: { name: string }; status: { succeeded?: number } }[];
      }>('jobs');
      expect(items.map(({ status }) => status.succeeded)).toEqual([1, 1, 1]);
      expect(items.filter(({ metadata }) => metadata.name.startsWith('pods-score-'))).toHaveLength(1);
    },
    CLI_TEST_MS,
  );
});
