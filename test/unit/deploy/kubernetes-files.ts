/** The manifests of deploy/kubernetes as the tests look at them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V1Deployment, V1PodSpec } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { ROOT } from './compose-file';

/** Folder of base and overlays. */
export const FOLDER = join(ROOT, 'deploy', 'kubernetes');

/** Any object of Kubernetes. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly [key: string]: unknown;
}

/** What a kustomization.yaml says, as far as the tests look. */
export interface Kustomization {
  readonly namespace?: string;
  readonly resources?: readonly string[];
  readonly images?: readonly { readonly name: string; readonly newName: string; readonly newTag: string }[];
  readonly replicas?: readonly { readonly name: string; readonly count: number }[];
  readonly configMapGenerator?: readonly {
    readonly name: string;
    readonly behavior?: string;
    readonly files: readonly string[];
  }[];
  readonly patches?: readonly {
    readonly path: string;
    readonly target?: { readonly kind: string; readonly name: string };
  }[];
}

/** The documents of a file, relative to {@link FOLDER}. */
export function documentsOf(file: string): unknown[] {
  return parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')).map((document) => {
    if (document.errors.length > 0) throw new Error(`${file}: ${document.errors.join('\n')}`);
    return document.toJS() as unknown;
  });
}

/** What a folder's kustomization.yaml says. */
export function kustomizationOf(folder: string): Kustomization {
  return documentsOf(join(folder, 'kustomization.yaml'))[0] as Kustomization;
}

/** All objects of the base, in the order in which they are named. */
export function baseManifests(): Manifest[] {
  return (kustomizationOf('base').resources ?? []).flatMap((file) =>
    documentsOf(join('base', file)),
  ) as Manifest[];
}

/** Overlays by name. */
export function overlays(): string[] {
  return readdirSync(join(FOLDER, 'overlays'));
}

/** What the profile `restricted` of the pod security standards would refuse of a pod, in words. Empty where it would take the pod. */
export function notRestricted(pod: V1PodSpec): string[] {
  const problems: string[] = [];
  const check = (holds: boolean, words: string): void => {
    if (!holds) problems.push(words);
  };
  check(pod.hostNetwork !== true && pod.hostPID !== true && pod.hostIPC !== true, 'a namespace of the host');
  check(pod.securityContext?.runAsNonRoot === true, 'may run as root');
  check((pod.securityContext?.runAsUser ?? 0) > 0, 'runs as root, or as whom the image says');
  check(pod.securityContext?.seccompProfile?.type === 'RuntimeDefault', 'no seccomp profile');
  for (const { name, securityContext, ports } of [...pod.containers, ...(pod.initContainers ?? [])]) {
    check(securityContext?.allowPrivilegeEscalation === false, `${name} may gain privileges`);
    check(securityContext?.capabilities?.drop?.join() === 'ALL', `${name} keeps capabilities`);
    check(securityContext?.capabilities?.add === undefined, `${name} adds capabilities`);
    check(securityContext?.privileged !== true, `${name} is privileged`);
    check(!ports?.some(({ hostPort }) => hostPort), `${name} takes a port of the host`);
  }
  const allowed = ['configMap', 'emptyDir', 'persistentVolumeClaim', 'secret', 'projected', 'downwardAPI'];
  for (const { name, ...source } of pod.volumes ?? [])
    check(
      Object.keys(source).every((kind) => allowed.includes(kind)),
      `the volume ${name}`,
    );
  return problems;
}

/** The pod of a Deployment. */
export function podOf(deployment: V1Deployment): V1PodSpec {
  const pod = deployment.spec?.template.spec;
  if (pod === undefined) throw new Error(`${deployment.metadata?.name ?? ''} has no pod`);
  return pod;
}
