/** The tags of a registered version: what leads from a name in the registry back to the bytes, the rows and the measurement behind it. */
import { trackingKeyFor } from './ids';
import type { ArtifactRef, StepName } from './artifacts';
import { digestSchema } from './artifacts';
import type { ReleaseRequest } from './release';

/** Names of the tags. An artifact is told by its key (`…_step`) and its digest. */
export const VERSION_TAGS = {
  /** `trackingKeyFor({ model, stepKey })`: by it a repeat finds the version instead of making another one. */
  key: 'millrace.key',
  pipeline: 'millrace.pipeline',
  candidate: 'millrace.candidate',
  workflowId: 'millrace.workflow_id',
  threshold: 'millrace.threshold',
  deployTarget: 'millrace.deploy_target',
  train: { step: 'millrace.train_step', digest: 'millrace.train_digest' },
  split: { step: 'millrace.split_step', digest: 'millrace.split_digest' },
  scores: { step: 'millrace.scores_step', digest: 'millrace.scores_digest' },
  spec: { step: 'millrace.spec_step', digest: 'millrace.spec_digest' },
} as const;

/** What the tags of a version say. A version that Millrace did not register has none of it. */
export interface VersionProvenance {
  readonly pipeline?: string;
  readonly candidate?: string;
  readonly workflowId?: string;
  readonly threshold: number | null;
  readonly deployTarget: 'local' | 'none';
  readonly trained?: ArtifactRef;
  readonly split?: ArtifactRef;
  readonly holdoutScores?: ArtifactRef;
  readonly spec?: ArtifactRef;
}

/** The tag value that names the model of a request: the same training under the same name is the same version. */
export function versionKeyFor(request: Pick<ReleaseRequest, 'model' | 'trained'>): string {
  return trackingKeyFor({ model: request.model, stepKey: request.trained.key });
}

/** All tags of the version that a request registers. */
export function versionTagsFor(request: ReleaseRequest): Record<string, string> {
  return {
    [VERSION_TAGS.key]: versionKeyFor(request),
    [VERSION_TAGS.pipeline]: request.pipeline,
    [VERSION_TAGS.candidate]: request.candidate,
    [VERSION_TAGS.workflowId]: request.workflowId,
    [VERSION_TAGS.deployTarget]: request.deployTarget,
    ...(request.threshold !== null && { [VERSION_TAGS.threshold]: String(request.threshold) }),
    ...artifactTags(VERSION_TAGS.train, request.trained),
    ...artifactTags(VERSION_TAGS.split, request.split),
    ...artifactTags(VERSION_TAGS.scores, request.holdoutScores),
    ...artifactTags(VERSION_TAGS.spec, request.spec),
  };
}

/** Reads the tags back. What is missing or not in its form is left out: tags can be edited by anyone. */
export function provenanceOf(tags: Readonly<Record<string, string>>): VersionProvenance {
  const threshold = tags[VERSION_TAGS.threshold];
  const trained = artifactOf(tags, VERSION_TAGS.train, 'train');
  const split = artifactOf(tags, VERSION_TAGS.split, 'split');
  const holdoutScores = artifactOf(tags, VERSION_TAGS.scores, 'score');
  const spec = artifactOf(tags, VERSION_TAGS.spec, 'spec');
  return {
    ...text(tags, 'pipeline'),
    ...text(tags, 'candidate'),
    ...text(tags, 'workflowId'),
    threshold: threshold !== undefined && Number.isFinite(Number(threshold)) ? Number(threshold) : null,
    deployTarget: tags[VERSION_TAGS.deployTarget] === 'none' ? 'none' : 'local',
    ...(trained && { trained }),
    ...(split && { split }),
    ...(holdoutScores && { holdoutScores }),
    ...(spec && { spec }),
  };
}

function text<Name extends 'pipeline' | 'candidate' | 'workflowId'>(
  tags: Readonly<Record<string, string>>,
  name: Name,
): Partial<Record<Name, string>> {
  const value = tags[VERSION_TAGS[name]];
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, string>>);
}

function artifactTags(names: { step: string; digest: string }, ref: ArtifactRef): Record<string, string> {
  return { [names.step]: ref.key, [names.digest]: ref.digest };
}

function artifactOf(
  tags: Readonly<Record<string, string>>,
  names: { step: string; digest: string },
  step: StepName,
): ArtifactRef | undefined {
  const key = digestSchema.safeParse(tags[names.step]);
  const digest = digestSchema.safeParse(tags[names.digest]);
  return key.success && digest.success ? { step, key: key.data, digest: digest.data } : undefined;
}
