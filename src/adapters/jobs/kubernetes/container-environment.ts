/** The variables of a training container. Pure. */
import type { V1ConfigMapKeySelector, V1EnvVar, V1SecretKeySelector } from '@kubernetes/client-node';
import { MillraceError } from '../../../contracts/errors';
import {
  holdsPassword,
  isSecretVariable,
  type JobVariable,
  type KeyReference,
} from '../../../contracts/pipeline-file';
import { JOB_DIRECTORY_VARIABLE } from '../local/trainer-environment-variables';
import type { JobManifestRequest } from './attempt';

/** The user of the pod may have no home. Lines of the log appear as they are printed, and the order of sets does not differ between two runs. */
const STANDARD = { HOME: '/tmp', PYTHONUNBUFFERED: '1', PYTHONHASHSEED: '0' };

/**
 * The variables, each once, the job directory first, so that others may name it. What the template says counts before what the attempt brings.
 * @throws PROJECT_FILE_INVALID when the attempt brings a secret, as MLflow's password, that the template does not name by reference.
 */
export function containerEnvironment({ template, attempt }: JobManifestRequest): V1EnvVar[] {
  const brought = Object.entries(attempt.environment).filter(([name]) => !(name in template.environment));
  for (const [name, value] of brought)
    if (isSecretVariable(name) || holdsPassword(value)) throw secretInPlainText(name);
  const variables = new Map<string, V1EnvVar>();
  for (const [name, value] of [
    [JOB_DIRECTORY_VARIABLE, attempt.directory] as const,
    ...Object.entries(STANDARD),
    ...brought,
  ])
    variables.set(name, { name, value: literal(value) });
  for (const [name, value] of Object.entries(template.environment))
    variables.set(name, variableOf(name, value));
  return [...variables.values()];
}

/** `text` as Kubernetes leaves it: `$(NAME)` is not looked up. */
export function literal(text: string): string {
  return text.replaceAll('$(', '$$$$(');
}

function variableOf(name: string, value: JobVariable): V1EnvVar {
  if (typeof value === 'string') return { name, value };
  return 'secretKeyRef' in value
    ? { name, valueFrom: { secretKeyRef: keyOf(value.secretKeyRef) } }
    : { name, valueFrom: { configMapKeyRef: keyOf(value.configMapKeyRef) } };
}

function keyOf({ name, key, optional }: KeyReference): V1SecretKeySelector & V1ConfigMapKeySelector {
  return { name, key, ...(optional !== undefined && { optional }) };
}

function secretInPlainText(name: string): MillraceError {
  return new MillraceError(
    'PROJECT_FILE_INVALID',
    `a job on Kubernetes needs ${name}, and a Job names secrets by reference only`,
    {
      mend: `put it into a Secret of the namespace, and into millrace.yaml kubernetes.template.environment.${name}: { secretKeyRef: { name: SECRET, key: KEY } }`,
    },
  );
}
