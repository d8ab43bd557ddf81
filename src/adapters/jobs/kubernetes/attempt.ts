/** What the manifest of a Job is made from. */
import type { KubernetesSettings } from '../../../contracts/kubernetes-settings';
import type { MergedJobTemplate } from '../../../contracts/pipeline-file';
import type { JobLease } from '../../../contracts/steps';

/** An attempt as it is to run in a pod. Nothing in it is a secret: all of it can be read in the cluster. */
export interface KubernetesAttempt {
  readonly jobName: string;
  /** From 1. */
  readonly attempt: number;
  /** Absolute path of the job directory, below the folder of the jobs. */
  readonly directory: string;
  /** The trainer's command; its words reach the trainer as they are. */
  readonly command: readonly string[];
  /** Where it runs; the job directory unless given. */
  readonly workingDirectory?: string;
  /** Variables beside those of the template, which come before these. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of the pod, from its start on a node: what it waits in queues does not count. */
  readonly timeoutSeconds: number;
  /** Seconds between the polite request to end and the kill. */
  readonly graceSeconds: number;
  /** Of the candidate: cores, bytes, devices. */
  readonly resources: { readonly cpu?: number; readonly memoryBytes?: number; readonly gpu?: number };
  readonly lease?: JobLease;
}

/** Everything that decides the manifest. */
export interface JobManifestRequest {
  readonly settings: Pick<KubernetesSettings, 'namespace' | 'image' | 'jobs' | 'serviceAccount'> & {
    readonly deployment: string;
  };
  readonly template: MergedJobTemplate;
  readonly attempt: KubernetesAttempt;
}
