/** `validate --cluster`: what the cluster says to the Jobs that a pipeline would train in. */
import path from 'node:path';
import { podOfCandidate } from '../../activities/training/pods';
import { jobNameFor } from '../../contracts/ids';
import type { PipelineSpec } from '../../contracts/pipeline-file';
import { isMillraceError, MillraceError } from '../../contracts/errors';
import type { CommandContext } from '../context';

/** What became of the dry run of one candidate. */
export interface ClusterCheck {
  readonly candidate: string;
  /** The Job as the server would keep it. */
  readonly job?: object;
  readonly problem?: { readonly code: string; readonly message: string };
}

/** Sends the Job of each candidate to the API server, which checks it and makes nothing. @throws USAGE for a pipeline that trains on the host, KUBERNETES_CONFIG, KUBERNETES_UNAVAILABLE. */
export async function checkOnCluster(
  { environment, environmentName, project }: CommandContext,
  spec: PipelineSpec,
): Promise<readonly ClusterCheck[]> {
  if (spec.training.backend !== 'kubernetes')
    throw new MillraceError('USAGE', `${spec.name} does not train on a cluster`, {
      mend: 'write training: { backend: kubernetes }, or leave --cluster out',
    });
  const { kubernetes } = environment;
  // The client of Kubernetes is large: only who asks for it waits until it is loaded.
  const { dryRunJob } = await import('../../adapters/jobs/kubernetes/index.js');
  const checks: ClusterCheck[] = [];
  for (const candidate of spec.candidates) {
    const found = podOfCandidate(kubernetes, spec, candidate);
    if (found === undefined || kubernetes === undefined) continue;
    const { deployment = environmentName, kubeconfig } = kubernetes;
    const jobName = jobNameFor({ pipeline: spec.name, candidate: candidate.name, stepKey: 'dry-run' });
    try {
      const job = await dryRunJob(
        {
          settings: { ...kubernetes, deployment },
          ...(kubeconfig !== undefined && { kubeconfig: path.resolve(project.root, kubeconfig) }),
        },
        { jobName, pod: found.pod, timeoutSeconds: spec.training.timeout },
      );
      checks.push({ candidate: candidate.name, job });
    } catch (error) {
      if (!isMillraceError(error) || error.code !== 'KUBERNETES_REFUSED') throw error;
      checks.push({ candidate: candidate.name, problem: { code: error.code, message: error.message } });
    }
  }
  return checks;
}

/** Lines for people: the image and what is asked for, or the server's words. */
export function clusterLines(
  checks: readonly ClusterCheck[],
  style: { good(text: string): string; bad(text: string): string },
): string[] {
  return checks.flatMap(({ candidate, job, problem }) =>
    problem === undefined
      ? [`  ${style.good('✓')} ${candidate}: the cluster takes ${inBrief(job ?? {})}`]
      : [`  ${style.bad('✗')} ${candidate}: ${problem.message}`],
  );
}

function inBrief(job: object): string {
  const { metadata, spec } = job as {
    metadata?: { namespace?: string };
    spec?: {
      template?: {
        spec?: { containers?: { image?: string; resources?: { limits?: Record<string, string> } }[] };
      };
    };
  };
  const container = spec?.template?.spec?.containers?.[0];
  const limits = Object.entries(container?.resources?.limits ?? {}).map(
    ([name, amount]) => `${name} ${amount}`,
  );
  return `${container?.image ?? '?'} in ${metadata?.namespace ?? '?'}${limits.length === 0 ? '' : ` (${limits.join(', ')})`}`;
}
