/** What the cluster would make of a Job, without making it. */
import path from 'node:path';
import type { V1Job } from '@kubernetes/client-node';
import type { PodRequest } from '../../../ports/job-backend';
import { calling } from './calls';
import { connectCluster } from './connection';
import { clusterTargetOf, GRACE_SECONDS, type KubernetesOptions } from './settings';
import { jobManifestFor } from './manifest';
import { refusalOf } from './ownership';

/** A job that is only looked at. */
export interface DryRun {
  /** Of the job; nothing has to be there of it. */
  readonly jobName: string;
  readonly pod: PodRequest;
  readonly timeoutSeconds: number;
}

/**
 * Has the server check and complete the Job of a first attempt (`dryRun=All`), admission included; unknown fields are refused.
 * @returns the Job as the server would keep it
 * @throws KUBERNETES_CONFIG, KUBERNETES_UNAVAILABLE; KUBERNETES_REFUSED with the server's words
 */
export async function dryRunJob(
  options: KubernetesOptions,
  { jobName, pod, timeoutSeconds }: DryRun,
): Promise<V1Job> {
  const cluster = connectCluster(clusterTargetOf(options));
  const { settings } = options;
  const directory = path.posix.join(settings.jobs.path, 'jobs', jobName, 'attempts', '1');
  const body = jobManifestFor({
    settings,
    template: pod.template,
    attempt: {
      ...{ jobName, attempt: 1, directory, timeoutSeconds, environment: {}, resources: pod.resources },
      command: ['python', '-m', 'millrace_trainer', 'train', directory],
      graceSeconds: GRACE_SECONDS,
    },
  });
  return calling(`dry run of ${jobName}`, () =>
    cluster.batch.createNamespacedJob({
      ...{ namespace: cluster.namespace, body, dryRun: 'All', fieldValidation: 'Strict' },
    }),
  ).catch((error: unknown) => {
    throw refusalOf(error, `${jobName}-1`);
  });
}
