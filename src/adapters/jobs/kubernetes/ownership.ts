/** Whether a Job that has our name is ours. */
import type { V1Job } from '@kubernetes/client-node';
import { MillraceError } from '../../../contracts/errors';
import { statusOf } from './calls';
import { JOB_LABELS } from './labels';
import { SPEC_HASH_ANNOTATION } from './manifest-hash';

/**
 * Compares what the server has with what was to be made: labels and the hash of the specification.
 * @throws KUBERNETES_JOB_FOREIGN, final: it is somebody else's, and stays as it is.
 */
export function assertOurs(found: V1Job, wanted: V1Job): void {
  const differs = differencesOf(found, wanted);
  if (differs.length === 0) return;
  const { name = '', namespace = '' } = wanted.metadata ?? {};
  throw new MillraceError(
    'KUBERNETES_JOB_FOREIGN',
    `The Job ${name} in the namespace ${namespace} was not made for this attempt: it differs in ${differs.join(', ')}. It was left alone.`,
    {
      where: `${namespace}/${name}`,
      mend: `look at it (kubectl describe job ${name}); where nobody needs it, delete it and retry the run`,
    },
  );
}

/** Whether the Job is the one that was to be made. */
export function isOurs(found: V1Job, wanted: V1Job): boolean {
  return differencesOf(found, wanted).length === 0;
}

function differencesOf(found: V1Job, wanted: V1Job): string[] {
  const labels = Object.values(JOB_LABELS).filter(
    (label) => found.metadata?.labels?.[label] !== wanted.metadata?.labels?.[label],
  );
  const [has, wants] = [found, wanted].map(({ metadata }) => metadata?.annotations?.[SPEC_HASH_ANNOTATION]);
  return [
    ...labels.map((label) => `label ${label}`),
    ...(has === wants ? [] : [`annotation ${SPEC_HASH_ANNOTATION}`]),
  ];
}

/** What an answer that is no success says; other errors stay as they are. */
export function refusalOf(error: unknown, name: string): unknown {
  const status = statusOf(error);
  if (status === undefined) return error;
  const forbidden = status === 401 || status === 403;
  return new MillraceError(
    'KUBERNETES_REFUSED',
    `The Kubernetes API refused the Job ${name} (${status}): ${messageOf(error)}`,
    {
      where: name,
      mend: forbidden
        ? 'give the service account the rights of deploy/kubernetes'
        : 'mend the template (training.kubernetes); `millrace validate --cluster` shows what the server says',
      cause: error,
    },
  );
}

/** The server's own words; never the headers, which carry more than people need. */
function messageOf(error: unknown): string {
  const body = (error as { body?: unknown }).body;
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? '');
  try {
    const { message } = JSON.parse(text) as { message?: string };
    return message ?? text.slice(0, 500);
  } catch {
    return text.slice(0, 500);
  }
}
