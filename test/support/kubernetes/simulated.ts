/** Simulated nodes and what their pods do: nothing runs on them, the pods' annotations say how they end. ./simulation.yaml is the other half. */

/** A node that KWOK keeps ready. */
export interface SimulatedNode {
  readonly name: string;
  /** Count of `nvidia.com/gpu`. */
  readonly gpus: number;
  /** 16 unless given. */
  readonly cpus?: number;
  /** As Kubernetes writes it: 128Gi unless given. */
  readonly memory?: string;
  /** Beside `kubernetes.io/hostname`, `nvidia.com/gpu.product` and {@link NODE_KIND}. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

/** Label of every node of the tests: `simulated` or `real`. */
export const NODE_KIND = 'millrace.dev/node-kind';

/** How a simulated pod behaves. */
export interface SimulatedEnd {
  /** From its start to its end, as Go writes durations: `3s`. A pod of a Job ends after 200 ms unless told, any other never. A later change counts from then. */
  readonly runFor?: string;
  /** 0 unless given: another one is a failure. */
  readonly exitCode?: number;
  /** Of the container, for a failure: `OOMKilled`. `Evicted` ends the pod as a kubelet short of memory or disk does. */
  readonly reason?: string;
  readonly message?: string;
  /** It never starts, and waits with this reason: `ImagePullBackOff`. */
  readonly waiting?: string;
  /** From its deletion, eviction or pre-emption to its end; at once unless given. */
  readonly stopAfter?: string;
}

/** Annotations of a pod that make it behave so on a simulated node; elsewhere they mean nothing. */
export function simulated(end: SimulatedEnd): Record<string, string> {
  const told = {
    'run-for': end.runFor,
    'exit-code': end.exitCode === undefined ? undefined : String(end.exitCode),
    reason: end.reason,
    message: end.message,
    waiting: end.waiting,
    'stop-after': end.stopAfter,
  };
  return Object.fromEntries(
    Object.entries(told).flatMap(([name, value]) =>
      value === undefined ? [] : [[`simulated.millrace.dev/${name}`, value]],
    ),
  );
}

/** Annotation by which KWOK knows its nodes: a real kubelet's node, without it, is left alone. */
export const SIMULATED_NODE = { name: 'kwok.x-k8s.io/node', value: 'simulated' } as const;

/** The Node object of a simulated node, to be created. */
export function nodeObject(node: SimulatedNode): object {
  const resources = {
    cpu: String(node.cpus ?? 16),
    memory: node.memory ?? '128Gi',
    pods: '250',
    'nvidia.com/gpu': String(node.gpus),
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: {
        'kubernetes.io/hostname': node.name,
        'nvidia.com/gpu.product': 'NVIDIA-H100',
        [NODE_KIND]: 'simulated',
        ...node.labels,
      },
      annotations: { [SIMULATED_NODE.name]: SIMULATED_NODE.value },
    },
    spec: { taints: node.taints ?? [] },
    status: { capacity: resources, allocatable: resources },
  };
}
