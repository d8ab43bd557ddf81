/** Jobs and pods as the tests of the cluster itself write them. */
import { NODE_KIND, simulated, type SimulatedEnd } from '../../support/kubernetes/simulated';

/** A Job of one pod that asks for `gpus` on a simulated node. */
export function simulatedJob(
  name: string,
  gpus: number,
  end: SimulatedEnd,
  priorityClassName?: string,
): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'default' },
    spec: {
      backoffLimit: 0,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
      template: {
        metadata: { annotations: simulated(end) },
        spec: {
          restartPolicy: 'Never',
          nodeSelector: { [NODE_KIND]: 'simulated' },
          containers: [
            { name: 'trainer', image: 'none', resources: { limits: { 'nvidia.com/gpu': String(gpus) } } },
          ],
          ...(priorityClassName === undefined ? {} : { priorityClassName }),
        },
      },
    },
  };
}

/** What is read of a Job. */
export interface SeenJob {
  readonly metadata: { readonly uid: string };
  readonly status: {
    readonly conditions?: readonly SeenCondition[];
    readonly failed?: number;
    readonly active?: number;
  };
}

/** What is read of a pod. */
export interface SeenPod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly phase: string;
    readonly reason?: string;
    readonly conditions?: readonly SeenCondition[];
    readonly containerStatuses?: readonly {
      readonly state: {
        readonly waiting?: { readonly reason: string };
        readonly terminated?: { readonly exitCode: number; readonly reason: string };
      };
    }[];
  };
}

/** A condition of either. */
export interface SeenCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** The condition of that type that holds. */
export function holds(
  seen: { readonly status: { readonly conditions?: readonly SeenCondition[] } },
  type: string,
): boolean {
  return seen.status.conditions?.some((one) => one.type === type && one.status === 'True') ?? false;
}
