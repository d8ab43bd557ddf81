/**
 * Catches: a node for tests on which containers do not really run: files that never reach the host, logs that come only at the end, exit codes and memory
 * limits that nobody heeds, a trainer's image in which the trainer cannot start, mounts and processes left on the machine.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTypeScript } from '../../support/child-process';
import { processesOf } from '../../support/faults/processes';
import { until } from '../../support/faults/until';
import { kubernetesSupport } from '../../support/kubernetes/build';
import { CLUSTER_START_MS, startCluster, type Cluster } from '../../support/kubernetes/cluster';
import { makeTrainerImage } from '../../support/kubernetes/node/image';
import { joinRealNode, realNodeSupport } from '../../support/kubernetes/node/real-node';
import { NODE_KIND } from '../../support/kubernetes/simulated';
import { sweepAbandoned } from '../../support/kubernetes/state-folder';
import { pythonFolder } from '../../support/python';
import type { SeenPod } from './objects';

const lacking = kubernetesSupport() ?? realNodeSupport();
const IMAGE = 'localhost/trainer:1';
const TEST_MS = 180_000;

const [suite, why] = lacking === undefined ? [describe, ''] : [describe.skip, ` (not run: ${lacking})`];
suite(`a real node${why}`, () => {
  let cluster: Cluster;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-real-node-'));
    cluster = await startCluster({ gpuNodes: [] });
    const image = join(cluster.folder, 'trainer.tar');
    await makeTrainerImage(image, IMAGE);
    await joinRealNode(cluster, { images: [image], gpus: 2 });
  }, CLUSTER_START_MS + TEST_MS);
  afterAll(async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true });
  }, TEST_MS);

  const run = (name: string, program: string, limits: Record<string, string> = {}): Promise<void> =>
    cluster.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: {
        restartPolicy: 'Never',
        hostNetwork: true,
        nodeSelector: { [NODE_KIND]: 'real' },
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'trainer',
            image: IMAGE,
            imagePullPolicy: 'Never',
            command: ['python', '-u', '-c', program],
            resources: { limits: { 'nvidia.com/gpu': '1', ...limits } },
            volumeMounts: [{ name: 'jobs', mountPath: folder }],
          },
        ],
        volumes: [{ name: 'jobs', hostPath: { path: folder, type: 'Directory' } }],
      },
    });
  const ended = (name: string): Promise<SeenPod> =>
    until(`pod ${name} has ended`, async () => {
      const pod = await cluster.read<SeenPod>('pod', name);
      return ['Succeeded', 'Failed'].includes(pod.status.phase) && pod;
    });

  test(
    'a container writes into a folder of the host, its log streams while it runs, and its exit code is told',
    async () => {
      // It ends only when the test has seen its first line, and answered through the folder.
      await run(
        'writer',
        `import os, sys, time
open(${JSON.stringify(join(folder, 'out.txt'))}, "w").write("from inside")
print("written")
while not os.path.exists(${JSON.stringify(join(folder, 'go'))}): time.sleep(0.05)
print("seen"); sys.exit(3)`,
      );
      await until(
        'it runs',
        async () => (await cluster.read<SeenPod>('pod', 'writer')).status.phase === 'Running',
      );
      const follower = spawn(cluster.programs.kubectl, ['logs', '--follow', 'writer'], {
        env: { ...process.env, KUBECONFIG: cluster.kubeconfig, HOME: cluster.folder },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let log = '';
      follower.stdout.setEncoding('utf8').on('data', (text: string) => (log += text));
      const closed = new Promise((resolve) => follower.once('close', resolve));
      await until('the first line has come', () => Promise.resolve(log === 'written\n'));
      expect(readFileSync(join(folder, 'out.txt'), 'utf8')).toBe('from inside');
      await cluster.kubectl(['exec', 'writer', '--', 'python', '-c', `open("${join(folder, 'go')}", "w")`]);
      await closed;
      expect(log).toBe('written\nseen\n');
      const { terminated } = (await ended('writer')).status.containerStatuses![0]!.state;
      expect(terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
    },
    TEST_MS,
  );

  test(
    'a container above its memory limit is killed by the kernel: 137, OOMKilled',
    async () => {
      await run('hungry', 'ballast = []\nwhile True: ballast.append(b"x" * (1 << 20))', { memory: '96Mi' });
      const { terminated } = (await ended('hungry')).status.containerStatuses![0]!.state;
      expect(terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
    },
    TEST_MS,
  );

  test(
    "the trainers' image holds what a trainer imports",
    async () => {
      const trainers = join(pythonFolder(), '..', '..', '..', 'trainers');
      await run(
        'imports',
        `import sys; sys.path.insert(0, ${JSON.stringify(trainers)})
import millrace_trainer.training, sklearn, xgboost, lightgbm, duckdb, mlflow, pyarrow
print("imported")`,
      );
      const pod = await ended('imports');
      expect(await cluster.kubectl(['logs', 'imports'])).toContain('imported');
      expect(pod.status.phase).toBe('Succeeded');
    },
    TEST_MS,
  );

  test(
    'a node that stops with a container running leaves no process, mount, control group or folder, and another goes on',
    async () => {
      const other = await startCluster({ gpuNodes: [] });
      try {
        await joinRealNode(other, { name: 'real-1' });
        await run(
          'sleeper',
          `import time\nopen(${JSON.stringify(join(folder, 'runs'))}, "w")\ntime.sleep(3600)`,
        );
        await until('it runs', () => Promise.resolve(existsSync(join(folder, 'runs'))));
        const containers = containersOf(cluster.folder);
        expect(containers.length).toBeGreaterThan(0);
        await cluster.stop();
        expectNothingLeft(cluster.folder, containers);
        await other.kubectl(['wait', '--for=condition=Ready', 'node/real-1', '--timeout=10s']);
      } finally {
        await other.stop();
      }
      expectNothingLeft(other.folder, []);
    },
    CLUSTER_START_MS,
  );

  test(
    'a node whose test process is killed ends with it, and the next start removes what it left',
    async () => {
      const owner = startTypeScript(join(__dirname, '../../support/kubernetes/cluster-process.ts'), ['node']);
      let left = '';
      let containers: readonly string[];
      try {
        for await (const line of owner.lines) {
          left = line;
          break;
        }
        containers = containersOf(left);
        expect(containers.length).toBeGreaterThan(0);
      } finally {
        owner.process.kill('SIGKILL');
      }
      await owner.ended;
      await sweepAbandoned();
      expectNothingLeft(left, containers);
    },
    CLUSTER_START_MS,
  );
});

/** Ids of the containers of a cluster's node. */
function containersOf(folder: string): string[] {
  return readdirSync(join(folder, 'node', 'state', 'io.containerd.runtime.v2.task', 'k8s.io'));
}

function expectNothingLeft(folder: string, containers: readonly string[]): void {
  expect(existsSync(folder)).toBe(false);
  expect(processesOf(folder)).toEqual([]);
  expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(folder);
  expect(controlGroups().filter((group) => containers.includes(group))).toEqual([]);
}

/** Names of the control groups of containers, in all hierarchies. */
function controlGroups(): string[] {
  const root = '/sys/fs/cgroup';
  return ['', ...readdirSync(root)]
    .map((name) => join(root, name, 'k8s.io'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder));
}
