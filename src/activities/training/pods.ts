/** Which pod a candidate trains in, and a model is scored in. */
import path from 'node:path';
import { readFile } from 'node:fs/promises';
import { digestOf } from '../../contracts/digest';
import { MillraceError } from '../../contracts/errors';
import type { KubernetesSettings } from '../../contracts/kubernetes-settings';
import { mergeJobTemplates, type Candidate, type PipelineSpec } from '../../contracts/pipeline-file';
import type { StoredArtifact } from '../../ports/artifact-store';
import type { PodRequest } from '../../ports/job-backend';
import type { TrainerEnvironment } from '../../ports/trainer-environment';

/** Beside a model that was trained in a pod: the image that it needs to be scored. */
export const IMAGE_FILE = 'image.txt';

/** Memory of a pod that scores; it reads its rows once. */
const SCORING_RESOURCES = { cpu: 1 };

/** What of the environment's cluster the activities need. */
export type ClusterDefaults = Pick<KubernetesSettings, 'image' | 'template'>;

/** A pod, and the Python environment that its image is. */
export interface PodEnvironment {
  readonly pod: PodRequest;
  readonly image: string;
  readonly environment: TrainerEnvironment;
}

/** The pod of a candidate; undefined where the pipeline trains on the host. @throws KUBERNETES_CONFIG where the environment has no cluster. */
export function podOfCandidate(
  cluster: ClusterDefaults | undefined,
  { training }: PipelineSpec,
  candidate: Candidate,
): PodEnvironment | undefined {
  if (training.backend !== 'kubernetes') return undefined;
  const { image, template } = clusterOf(cluster);
  const merged = mergeJobTemplates([template, training.kubernetes, candidate.kubernetes]);
  const { cpu, memory, gpu } = candidate.resources;
  return podIn(merged.image ?? image, {
    template: merged,
    resources: {
      cpu,
      ...(memory !== undefined && { memoryBytes: memory }),
      ...(gpu !== undefined && { gpu }),
    },
  });
}

/** The pod that scores a model which was trained in one, by the image of then; undefined for any other. It needs no GPU. @throws KUBERNETES_CONFIG. */
export async function podOfModel(
  cluster: ClusterDefaults | undefined,
  { training }: PipelineSpec,
  model: StoredArtifact,
): Promise<PodEnvironment | undefined> {
  if (!(IMAGE_FILE in model.manifest.files)) return undefined;
  const image = (await readFile(path.join(model.directory, IMAGE_FILE), 'utf8')).trim();
  const { template } = clusterOf(cluster);
  const merged = mergeJobTemplates([template, training.kubernetes, { ...NO_CHANGE, image }]);
  return podIn(image, { template: merged, resources: SCORING_RESOURCES });
}

const NO_CHANGE = { environment: {}, requests: {}, limits: {}, nodeSelector: {}, volumes: {} };

/** The image stands for all that is installed in it, so an image without a digest must never change what its tag means. */
function podIn(image: string, pod: PodRequest): PodEnvironment {
  return { pod, image, environment: { python: 'python', digest: digestOf({ image }) } };
}

function clusterOf(cluster: ClusterDefaults | undefined): ClusterDefaults {
  if (cluster) return cluster;
  throw new MillraceError('KUBERNETES_CONFIG', 'The environment has no cluster to train on.', {
    mend: 'name one in millrace.yaml under `kubernetes`, or train with `backend: local`',
  });
}
