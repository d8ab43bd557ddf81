/** Training jobs as Kubernetes Jobs, beside those of this host. */
import path from 'node:path';
import type { KubernetesSettings } from '../../../contracts/kubernetes-settings';
import { mergeJobTemplates } from '../../../contracts/pipeline-file';
import type { JobRequest } from '../../../ports/job-backend';
import type { AttemptPlace, AttemptRunner } from '../attempts/runner';
import { connectCluster } from './connection';
import { selectorFor } from './labels';
import { jobManifestFor } from './manifest';
import { KubernetesRunner } from './runner';
import { ClusterWatch } from './watch';

/** What the cluster's runner is made from. */
export interface KubernetesOptions {
  readonly settings: KubernetesSettings & { readonly deployment: string };
  /** Absolute path of the kubeconfig, where the settings name one. */
  readonly kubeconfig?: string;
}

/** Seconds between SIGTERM and SIGKILL. */
const GRACE_SECONDS = 30;

/** Runs attempts on the cluster of the settings; its watches begin at once. @throws KUBERNETES_CONFIG. */
export function createKubernetesRunner({
  settings,
  kubeconfig,
}: KubernetesOptions): AttemptRunner & { close(): Promise<void> } {
  const { namespace, context, deployment } = settings;
  const cluster = connectCluster({
    namespace,
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
  });
  const watch = new ClusterWatch(cluster, selectorFor(deployment));
  const runner = new KubernetesRunner({
    cluster,
    watch,
    graceSeconds: GRACE_SECONDS,
    manifestFor: (request, place) => manifestOf(settings, request, place),
  });
  return Object.assign(runner, { close: () => watch.close() });
}

function manifestOf(settings: KubernetesOptions['settings'], request: JobRequest, place: AttemptPlace) {
  const { pod, environment, timeoutSeconds, lease } = request;
  return jobManifestFor({
    settings,
    template: pod?.template ?? mergeJobTemplates([settings.template]),
    attempt: {
      ...{ jobName: place.jobName, attempt: place.attempt, directory: place.directory },
      ...{ environment, timeoutSeconds, graceSeconds: GRACE_SECONDS },
      command: request.command ?? ['python', '-m', 'millrace_trainer', request.input.action, place.directory],
      ...(request.command !== undefined && { workingDirectory: path.join(place.directory, 'code') }),
      resources: pod?.resources ?? {},
      ...(lease && { lease }),
    },
  });
}
