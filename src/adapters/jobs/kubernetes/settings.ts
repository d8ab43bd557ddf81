/** What the cluster of an environment is reached and used by. */
import type { KubernetesSettings } from '../../../contracts/kubernetes-settings';
import type { ClusterTarget } from './connection';

/** The cluster's settings, all decided. */
export interface KubernetesOptions {
  readonly settings: KubernetesSettings & { readonly deployment: string };
  /** Absolute path of the kubeconfig, where the settings name one. */
  readonly kubeconfig?: string;
}

/** Seconds between SIGTERM and SIGKILL of a pod. */
export const GRACE_SECONDS = 30;

/** Where the cluster is. */
export function clusterTargetOf({
  settings: { namespace, context },
  kubeconfig,
}: KubernetesOptions): ClusterTarget {
  return {
    namespace,
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
  };
}
