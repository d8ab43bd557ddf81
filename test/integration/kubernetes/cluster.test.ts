/**
 * Catches: a cluster for tests that does not behave as a real one would, so that everything tested on it would be worth nothing: Jobs that never end or end
 * otherwise than they were told, GPUs that are not counted, objects lost with the API server, rights that nobody checks, processes left behind.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startTypeScript } from '../../support/child-process';
import { processesOf } from '../../support/faults/processes';
import { until } from '../../support/faults/until';
import { kubernetesSupport } from '../../support/kubernetes/build';
import { CLUSTER_START_MS, startCluster, type Cluster } from '../../support/kubernetes/cluster';
import { sweepAbandoned } from '../../support/kubernetes/state-folder';
import { holds, simulatedJob, type SeenJob, type SeenPod } from './objects';

const lacking = kubernetesSupport();
const TEST_MS = 120_000;

const [suite, why] = lacking === undefined ? [describe, ''] : [describe.skip, ` (not run: ${lacking})`];
suite(`a cluster${why}`, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gpuNodes: [{ name: 'gpu-0', gpus: 4 }] });
  }, CLUSTER_START_MS);
  afterAll(() => cluster.stop(), TEST_MS);
  afterEach(async () => {
    await cluster.kubectl(['delete', 'job', '--all', '--cascade=foreground', '--timeout=60s']);
  }, TEST_MS);

  const job = (name: string): Promise<SeenJob> => cluster.read<SeenJob>('job', name);
  const podsOf = async (name: string): Promise<readonly SeenPod[]> =>
    (await cluster.read<{ items: SeenPod[] }>('pods', '-l', `job-name=${name}`)).items;
  const podOf = (name: string, phase: string): Promise<SeenPod> =>
    until(`a pod of ${name} is ${phase}`, async () =>
      (await podsOf(name)).find((pod) => pod.status.phase === phase),
    );

  test(
    'a Job completes, and its log can be read',
    async () => {
      cluster.setSimulatedLog(['epoch 1', 'epoch 2']);
      await cluster.apply(simulatedJob('fine', 1, {}));
      await until('the Job is complete', async () => holds(await job('fine'), 'Complete'));
      expect(await cluster.kubectl(['logs', 'job/fine'])).toBe('epoch 1\nepoch 2\n');
    },
    TEST_MS,
  );

  test(
    'a Job whose container runs out of memory fails with 137 and OOMKilled',
    async () => {
      await cluster.apply(simulatedJob('hungry', 1, { exitCode: 137, reason: 'OOMKilled' }));
      await until('the Job has failed', async () => holds(await job('hungry'), 'Failed'));
      const { terminated } = (await podOf('hungry', 'Failed')).status.containerStatuses![0]!.state;
      expect(terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
    },
    TEST_MS,
  );

  test(
    'a Job that asks for more GPUs than a node has stays pending, and says which are short, until a node has them',
    async () => {
      await cluster.apply(simulatedJob('large', 8, {}));
      const pod = await until('the scheduler has refused it', async () =>
        (await podsOf('large')).find(({ status }) =>
          status.conditions?.some(({ reason }) => reason === 'Unschedulable'),
        ),
      );
      expect(pod.status.phase).toBe('Pending');
      expect(pod.status.conditions?.find(({ type }) => type === 'PodScheduled')?.message).toContain(
        'Insufficient nvidia.com/gpu',
      );
      await cluster.addNode({ name: 'gpu-large', gpus: 8 });
      await until('the Job is complete', async () => holds(await job('large'), 'Complete'));
      await cluster.removeNode('gpu-large');
    },
    TEST_MS,
  );

  test(
    'an image that cannot be pulled keeps its pod waiting with that reason',
    async () => {
      await cluster.apply(simulatedJob('imageless', 1, { waiting: 'ImagePullBackOff' }));
      await until('its container waits', async () =>
        (await podsOf('imageless')).some(
          ({ status }) => status.containerStatuses?.[0]?.state.waiting?.reason === 'ImagePullBackOff',
        ),
      );
      expect((await podsOf('imageless'))[0]!.status.phase).toBe('Pending');
    },
    TEST_MS,
  );

  test(
    'an evicted pod is replaced and not counted, and so is one that its kubelet evicts',
    async () => {
      await cluster.apply(simulatedJob('moved', 1, { runFor: '1h' }));
      const first = await podOf('moved', 'Running');
      await cluster.evict(first.metadata.name);
      const second = await until('another pod runs', async () =>
        (await podsOf('moved')).find(
          ({ metadata, status }) => metadata.uid !== first.metadata.uid && status.phase === 'Running',
        ),
      );
      // Told to end now: the annotation counts from its change.
      await cluster.kubectl([
        ...['annotate', '--overwrite', 'pod', second.metadata.name],
        ...['simulated.millrace.dev/exit-code=137', 'simulated.millrace.dev/reason=Evicted'],
        'simulated.millrace.dev/run-for=0s',
      ]);
      await until('a third pod runs', async () =>
        (await podsOf('moved')).find(
          ({ metadata, status }) =>
            ![first.metadata.uid, second.metadata.uid].includes(metadata.uid) && status.phase === 'Running',
        ),
      );
      expect((await job('moved')).status.failed ?? 0).toBe(0);
      expect(
        (await podsOf('moved')).find(({ metadata }) => metadata.uid === second.metadata.uid)?.status.reason,
      ).toBe('Evicted');
    },
    TEST_MS,
  );

  test(
    'a Job of higher priority takes the place of a lower one, which runs again afterwards',
    async () => {
      await cluster.apply({
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name: 'urgent' },
        value: 1000,
      });
      await cluster.apply(simulatedJob('patient', 4, { runFor: '1h' }));
      const pod = await podOf('patient', 'Running');
      await cluster.apply(simulatedJob('urgent', 4, {}, 'urgent'));
      await until('the urgent Job is complete', async () => holds(await job('urgent'), 'Complete'));
      await until('the other runs again', async () =>
        (await podsOf('patient')).some(
          ({ metadata, status }) => metadata.uid !== pod.metadata.uid && status.phase === 'Running',
        ),
      );
      expect((await job('patient')).status.failed ?? 0).toBe(0);
    },
    TEST_MS,
  );

  test(
    'a killed API server answers nothing, and has every object when it is back',
    async () => {
      await cluster.apply(simulatedJob('kept', 1, { runFor: '1h' }));
      const before = await podOf('kept', 'Running');
      const { uid } = (await job('kept')).metadata;
      await cluster.killApiServer();
      await expect(job('kept')).rejects.toThrow(/refused/);
      await cluster.startApiServer();
      expect((await job('kept')).metadata.uid).toBe(uid);
      expect((await podsOf('kept')).map(({ metadata }) => metadata.uid)).toEqual([before.metadata.uid]);
      // The controllers, the scheduler and the simulation go on, too.
      await cluster.apply(simulatedJob('after', 1, {}));
      await until('a new Job is complete', async () => holds(await job('after'), 'Complete'));
    },
    TEST_MS,
  );

  test(
    'a service account may do what RBAC allows, and nothing else',
    async () => {
      const none = await cluster.kubeconfigOf('default');
      await expect(cluster.kubectl(['--kubeconfig', none, 'get', 'jobs'])).rejects.toThrow(
        /Forbidden.*cannot list/,
      );
      await cluster.kubectl(['create', 'role', 'reader', '--verb=list', '--resource=jobs']);
      await cluster.kubectl([
        'create',
        'rolebinding',
        'reader',
        '--role=reader',
        '--serviceaccount=default:default',
      ]);
      await until('the role is known', () =>
        cluster.kubectl(['--kubeconfig', none, 'get', 'jobs']).then(
          () => true,
          () => false,
        ),
      );
      await expect(cluster.kubectl(['--kubeconfig', none, 'get', 'pods'])).rejects.toThrow(/Forbidden/);
    },
    TEST_MS,
  );

  test(
    'a stopped cluster leaves no process and no folder, and another beside it goes on',
    async () => {
      const other = await startCluster({ gpuNodes: [] });
      const started = processesOf(other.folder).length;
      await other.stop();
      expect(started).toBeGreaterThanOrEqual(5);
      expect(processesOf(other.folder)).toEqual([]);
      expect(existsSync(other.folder)).toBe(false);
      await cluster.kubectl(['get', '--raw', '/readyz']);
    },
    CLUSTER_START_MS,
  );

  test(
    'a cluster whose test process is killed ends with it, and the next start removes its folder',
    async () => {
      const owner = startTypeScript(join(__dirname, '../../support/kubernetes/cluster-process.ts'), []);
      let folder = '';
      try {
        for await (const line of owner.lines) {
          folder = line;
          break;
        }
        expect(processesOf(folder).length).toBeGreaterThanOrEqual(5);
      } finally {
        owner.process.kill('SIGKILL');
      }
      await owner.ended;
      await until('its processes are gone', () => Promise.resolve(processesOf(folder).length === 0));
      await sweepAbandoned();
      expect(existsSync(folder)).toBe(false);
      expect(existsSync(cluster.folder)).toBe(true);
    },
    CLUSTER_START_MS,
  );
});
