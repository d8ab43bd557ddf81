/**
 * A real Kubernetes cluster without containers: etcd, API server, controllers and scheduler as processes on free ports of the loopback address, with
 * simulated GPU nodes. Real containers: ./real-node.ts.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../faults/until';
import { freePort, freePorts } from '../free-port';
import type { ServerProcess } from '../server-process';
import { kubernetesPrograms, type KubernetesPrograms } from './build';
import * as plane from './control-plane';
import { kubeconfigText, kubectlFor, type Kubectl } from './kubectl';
import { nodeObject, type SimulatedNode } from './simulated';
import { createStateFolder, removeStateFolder, sweepAbandoned } from './state-folder';

/** Time to start a cluster whose programs are built, on a machine that does other things. */
export const CLUSTER_START_MS = 240_000;

/** What a cluster begins with. */
export interface ClusterPlan {
  /** One node `gpu-0` with four GPUs, unless given. */
  readonly gpuNodes?: readonly SimulatedNode[];
}

/** A running cluster; `stop` it. */
export class Cluster {
  private readonly beforeStop: (() => Promise<void>)[] = [];

  private constructor(
    readonly folder: string,
    readonly programs: KubernetesPrograms,
    /** `https://127.0.0.1:<port>`, the same after a restart. */
    readonly server: string,
    /** kubectl as the cluster's administrator. */
    readonly kubectl: Kubectl,
    private readonly apiServer: ServerProcess,
    private readonly processes: readonly ServerProcess[],
  ) {}

  /** Starts one, its nodes ready. What tests that were killed left behind is removed first. @throws Error with a log when a part does not start */
  static async start({ gpuNodes = [{ name: 'gpu-0', gpus: 4 }] }: ClusterPlan): Promise<Cluster> {
    const programs = await kubernetesPrograms();
    await sweepAbandoned();
    const folder = createStateFolder();
    const processes: ServerProcess[] = [];
    const begin = async (one: ServerProcess): Promise<ServerProcess> => {
      processes.unshift(one);
      await one.start();
      return one;
    };
    try {
      const place = { folder, kubernetes: programs.kubernetes, token: plane.createKeys(folder) };
      const [etcdPort = 0, peerPort = 0, port = 0] = await freePorts(3);
      await begin(plane.etcd(place, etcdPort, peerPort));
      const apiServer = await begin(plane.apiServer(place, port, etcdPort));
      await begin(plane.controllerManager(place));
      await begin(plane.scheduler(place));
      await begin(plane.kwok(place, await freePort()));
      const kubectl = kubectlFor(programs.kubectl, plane.kubeconfigPath(folder), folder);
      const server = `https://127.0.0.1:${String(port)}`;
      const cluster = new Cluster(folder, programs, server, kubectl, apiServer, processes);
      cluster.setSimulatedLog([]);
      await Promise.all(gpuNodes.map((node) => cluster.addNode(node)));
      // Pods are refused before it exists.
      await until('the default service account exists', () =>
        succeeds(kubectl(['get', 'serviceaccount', 'default'])),
      );
      return cluster;
    } catch (error) {
      for (const one of processes) await one.kill();
      await removeStateFolder(folder);
      throw error;
    }
  }

  /** Path of the administrator's kubeconfig. */
  get kubeconfig(): string {
    return plane.kubeconfigPath(this.folder);
  }

  /** Creates objects, or changes them, by server-side apply. */
  async apply(...objects: readonly object[]): Promise<void> {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    await this.kubectl(['apply', '--server-side', '-f', '-'], list);
  }

  /** What `kubectl get ARGS... -o json` answers. */
  async read<Found>(...args: readonly string[]): Promise<Found> {
    return JSON.parse(await this.kubectl(['get', ...args, '-o', 'json'])) as Found;
  }

  /** Adds a simulated node, and waits until pods can be put on it. */
  async addNode(node: SimulatedNode): Promise<void> {
    await this.kubectl(['create', '-f', '-'], JSON.stringify(nodeObject(node)));
    await until(`node ${node.name} takes pods`, async () => {
      const { status, spec } = await this.read<NodeState>('node', node.name);
      const isReady = status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
      return isReady === true && !spec.taints?.some(({ key }) => key.startsWith('node.kubernetes.io/'));
    });
  }

  /** Removes a node, as when its machine is gone for good. Its pods stay as they were seen last; within a minute the cluster deletes them. */
  async removeNode(name: string): Promise<void> {
    await this.kubectl(['delete', 'node', name]);
  }

  /** Asks for a pod's eviction, as the draining of a node does. */
  async evict(pod: string, namespace = 'default'): Promise<void> {
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace } };
    const path = `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`;
    await this.kubectl(['create', '--raw', path, '-f', '-'], JSON.stringify(eviction));
  }

  /** What the log of every simulated pod says from now on. */
  setSimulatedLog(lines: readonly string[]): void {
    const stamp = new Date().toISOString();
    const text = lines.map((line) => `${stamp} stdout F ${line}\n`).join('');
    writeFileSync(plane.simulatedLogPath(this.folder), text);
  }

  /** Path of a kubeconfig for a service account that exists; what it may do, RBAC says. */
  async kubeconfigOf(serviceAccount: string, namespace = 'default'): Promise<string> {
    const token = await this.kubectl(['create', 'token', serviceAccount, '-n', namespace]);
    const { clusters } = JSON.parse(await this.kubectl(['config', 'view', '--raw', '-o', 'json'])) as {
      clusters: { cluster: { 'certificate-authority-data': string } }[];
    };
    const authority = Buffer.from(clusters[0]!.cluster['certificate-authority-data'], 'base64').toString();
    const path = join(this.folder, `kubeconfig-${namespace}-${serviceAccount}`);
    writeFileSync(path, kubeconfigText(this.server, authority, token.trim()), { mode: 0o600 });
    return path;
  }

  /** Ends the API server with SIGKILL. Pods go on; nobody can see or change anything. */
  killApiServer(): Promise<void> {
    return this.apiServer.kill();
  }

  /** Starts it again on its port and data; resolves when it is ready. */
  startApiServer(): Promise<void> {
    return this.apiServer.start();
  }

  /** Has `action` done before the cluster stops. */
  onStop(action: () => Promise<void>): void {
    this.beforeStop.push(action);
  }

  /** Ends everything and removes its folder. */
  async stop(): Promise<void> {
    for (const action of this.beforeStop.splice(0).reverse()) await action();
    await Promise.all(this.processes.map((one) => one.kill()));
    await removeStateFolder(this.folder);
  }
}

interface NodeState {
  readonly spec: { readonly taints?: readonly { readonly key: string }[] };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Starts a cluster: see {@link Cluster.start}. */
export function startCluster(plan: ClusterPlan = {}): Promise<Cluster> {
  return Cluster.start(plan);
}

async function succeeds(action: Promise<unknown>): Promise<boolean> {
  return action.then(
    () => true,
    () => false,
  );
}
