/** The manifest of the Job of an attempt: a pure function. */
import type { V1Container, V1Job, V1PodSpec } from '@kubernetes/client-node';
import { TRAINER_CONTAINER, type MergedJobTemplate } from '../../../contracts/pipeline-file';
import type { JobManifestRequest, KubernetesAttempt } from './attempt';
import { containerEnvironment, literal } from './container-environment';
import { containerResources } from './container-resources';
import { mountedVolumes, type MountedVolume } from './container-volumes';
import { kubernetesJobNameFor, labelsFor } from './labels';
import { LEASE_ANNOTATION, withSpecHash } from './manifest-hash';
import { mergeStrategically } from './strategic-merge';

/** Label by which Kueue finds the queue that admits a Job. */
const KUEUE_QUEUE_LABEL = 'kueue.x-k8s.io/queue-name';

/**
 * The Job of an attempt, complete, patched, and with the hash of it as an annotation. Equal requests give equal manifests. One pod runs at a time and is not
 * started again when it fails; one that was evicted or pre-empted is replaced, which counts as no attempt. The pod fits the security profile `restricted`.
 * @throws PROJECT_FILE_INVALID for a secret in plain text, PIPELINE_FILE_INVALID for volumes that lie over the job directory.
 */
export function jobManifestFor(request: JobManifestRequest): V1Job {
  const { settings, template, attempt } = request;
  const labels = labelsFor({ ...attempt, deployment: settings.deployment });
  const manifest: V1Job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: kubernetesJobNameFor(attempt.jobName, attempt.attempt),
      namespace: settings.namespace,
      labels: { ...labels, ...(template.queue !== undefined && { [KUEUE_QUEUE_LABEL]: template.queue }) },
      ...(attempt.lease && { annotations: { [LEASE_ANNOTATION]: leaseText(attempt.lease) } }),
    },
    spec: {
      completions: 1,
      parallelism: 1,
      backoffLimit: 0,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
      ttlSecondsAfterFinished: Math.ceil(settings.jobs.keepFinished),
      template: { metadata: { labels }, spec: podSpecFor(request) },
    },
  };
  return withSpecHash(template.patches.reduce(mergeStrategically, manifest));
}

function podSpecFor(request: JobManifestRequest): V1PodSpec {
  const { settings, template, attempt } = request;
  const volumes = mountedVolumes(request);
  const { user } = settings.jobs;
  const serviceAccountName = template.serviceAccount ?? settings.serviceAccount;
  return {
    restartPolicy: 'Never',
    // Of the pod and not of the Job, whose clock would run while the pod waits for a node.
    activeDeadlineSeconds: Math.ceil(attempt.timeoutSeconds),
    terminationGracePeriodSeconds: Math.ceil(attempt.graceSeconds),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(serviceAccountName !== undefined && { serviceAccountName }),
    ...placementOf(template),
    ...(template.imagePullSecrets && {
      imagePullSecrets: template.imagePullSecrets.map((name) => ({ name })),
    }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [containerFor(request, volumes)],
    volumes: volumes.map(({ volume }) => volume),
  };
}

function containerFor(request: JobManifestRequest, volumes: readonly MountedVolume[]): V1Container {
  const { settings, template, attempt } = request;
  return {
    name: TRAINER_CONTAINER,
    image: template.image ?? settings.image,
    ...(template.imagePullPolicy && { imagePullPolicy: template.imagePullPolicy }),
    ...commandOf(template, attempt),
    workingDir: attempt.workingDirectory ?? attempt.directory,
    env: containerEnvironment(request),
    resources: containerResources(request),
    volumeMounts: volumes.map(({ mount }) => mount),
    // Where the trainer ends with an error, the last lines of its log are the pod's message.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
}

/** As Kubernetes means them: `command` is the entry point, `args` follow it. */
function commandOf(
  { command, arguments: words }: MergedJobTemplate,
  attempt: KubernetesAttempt,
): Pick<V1Container, 'command' | 'args'> {
  const own = attempt.command.map(literal);
  if (command === undefined) return words === undefined ? { command: own } : { args: words };
  return { command, args: words ?? own };
}

/** On which nodes, and before whom. */
function placementOf({
  nodeSelector,
  tolerations,
  affinity,
  priorityClassName,
}: MergedJobTemplate): Partial<V1PodSpec> {
  return {
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    ...(tolerations && { tolerations: tolerations as NonNullable<V1PodSpec['tolerations']> }),
    // What an affinity is made of is the cluster's to check: a dry run says what is wrong with it.
    ...(affinity && { affinity: affinity as NonNullable<V1PodSpec['affinity']> }),
    ...(priorityClassName !== undefined && { priorityClassName }),
  };
}

function leaseText({ pool, workflowId, what, fence }: NonNullable<KubernetesAttempt['lease']>): string {
  return `${pool}: ${what} of ${workflowId}, grant ${fence}`;
}
