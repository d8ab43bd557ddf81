/** Reaching a cluster: from inside by its service account, from outside by a kubeconfig. */
import { BatchV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { MillraceError } from '../../../contracts/errors';

/** Which cluster, and where in it. */
export interface ClusterTarget {
  /** Absolute path of a kubeconfig. Without it the pod's own service account is used, or `KUBECONFIG` and `~/.kube/config` outside a cluster. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
}

/** Clients of one cluster and namespace. */
export interface Cluster {
  readonly config: KubeConfig;
  readonly batch: BatchV1Api;
  readonly core: CoreV1Api;
  readonly namespace: string;
}

/** Makes the clients; nothing is asked of the cluster yet. @throws KUBERNETES_CONFIG when there is no such file or context. */
export function connectCluster({ kubeconfig, context, namespace }: ClusterTarget): Cluster {
  const config = new KubeConfig();
  try {
    if (kubeconfig !== undefined) config.loadFromFile(kubeconfig);
    else config.loadFromDefault();
  } catch (error) {
    throw new MillraceError('KUBERNETES_CONFIG', `The kubeconfig cannot be read: ${String(error)}`, {
      ...(kubeconfig !== undefined && { where: kubeconfig }),
      mend: 'name one in millrace.yaml: kubernetes: { kubeconfig: PATH }',
    });
  }
  if (context !== undefined) {
    if (!config.getContexts().some(({ name }) => name === context))
      throw new MillraceError('KUBERNETES_CONFIG', `The kubeconfig has no context ${context}.`, {
        mend: `it has ${
          config
            .getContexts()
            .map(({ name }) => name)
            .join(', ') || 'none'
        }`,
      });
    config.setCurrentContext(context);
  }
  return {
    config,
    batch: config.makeApiClient(BatchV1Api),
    core: config.makeApiClient(CoreV1Api),
    namespace,
  };
}
