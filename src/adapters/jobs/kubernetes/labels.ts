/** Names and labels of Jobs on a cluster: pure functions of deployment, job and attempt. */
import { digestOf } from '../../../contracts/digest';

/** Labels of every Job and pod that is Millrace's. */
export const JOB_LABELS = {
  managedBy: 'app.kubernetes.io/managed-by',
  deployment: 'millrace.dev/deployment',
  job: 'millrace.dev/job',
  attempt: 'millrace.dev/attempt',
} as const;

/** Value of {@link JOB_LABELS.managedBy}. */
export const MANAGED_BY = 'millrace';

/** Label with the name of its Job that the cluster itself puts on a pod. */
export const JOB_LABEL = 'batch.kubernetes.io/job-name';

/** Longest name of a Job, since its pods carry it as a label; and longest value of a label. */
const LONGEST = 63;
const DIGEST = 12;

/** Labels of the Job of an attempt, and of its pods. */
export function labelsFor(of: {
  readonly deployment: string;
  readonly jobName: string;
  readonly attempt: number;
}): Record<string, string> {
  return {
    [JOB_LABELS.managedBy]: MANAGED_BY,
    [JOB_LABELS.deployment]: labelValueFor(of.deployment),
    [JOB_LABELS.job]: labelValueFor(of.jobName),
    [JOB_LABELS.attempt]: String(of.attempt),
  };
}

/** Selects all Jobs, or pods, of a deployment: `key=value,key=value`. */
export function selectorFor(deployment: string): string {
  return `${JOB_LABELS.managedBy}=${MANAGED_BY},${JOB_LABELS.deployment}=${labelValueFor(deployment)}`;
}

/** Name of the Job of an attempt: `JOBNAME-ATTEMPT`, or its beginning and a digest of the whole where that is no name of Kubernetes. */
export function kubernetesJobNameFor(jobName: string, attempt: number): string {
  const name = `${jobName}-${attempt}`;
  if (name.length <= LONGEST && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) return name;
  const suffix = `-${digestOf(jobName).slice(0, DIGEST)}-${attempt}`;
  const beginning = jobName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST - suffix.length)
    .replace(/^-+|-+$/g, '');
  return (beginning || 'job') + suffix;
}

/** `text` where it is the value of a label; else its beginning and a digest of the whole. */
export function labelValueFor(text: string): string {
  if (text.length <= LONGEST && /^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/.test(text)) return text;
  const suffix = `-${digestOf(text).slice(0, DIGEST)}`;
  const beginning = text
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .slice(0, LONGEST - suffix.length)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  return (beginning || 'x') + suffix;
}
