/** Training jobs as Kubernetes Jobs, beside those of this host. */
import path from 'node:path';
import { mergeJobTemplates } from '../../../contracts/pipeline-file';
import type { JobRequest } from '../../../ports/job-backend';
import type { AttemptPlace } from '../attempts/runner';
import { connectCluster } from './connection';
import { selectorFor } from './labels';
import { jobManifestFor } from './manifest';
import { KubernetesRunner } from './runner';
import { clusterTargetOf, GRACE_SECONDS, type KubernetesOptions } from './settings';
import { ClusterWatch } from './watch';

export { dryRunJob, type DryRun } from './dry-run';
export type { KubernetesOptions } from './settings';

/** Runs attempts on the cluster of the settings; its watches begin at once. @throws KUBERNETES_CONFIG. */
export function createKubernetesRunner(options: KubernetesOptions): KubernetesRunner {
  const { settings } = options;
  const cluster = connectCluster(clusterTargetOf(options));
  const watch = new ClusterWatch(cluster, selectorFor(settings.deployment));
  return new KubernetesRunner({
    cluster,
    watch,
    graceSeconds: GRACE_SECONDS,
    manifestFor: (request, place) => manifestOf(settings, request, place),
  });
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
