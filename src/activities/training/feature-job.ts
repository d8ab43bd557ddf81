/** What a table that a Python function makes depends on: its step identity, and the job that computes it. */
import path from 'node:path';
import type { StepIdentity } from '../../contracts/artifacts';
import { stepKeyFor } from '../../contracts/artifacts';
import { MillraceError } from '../../contracts/errors';
import { jobNameFor } from '../../contracts/ids';
import {
  featureCodeOf,
  splitFunction,
  type FeatureCode,
  type PipelineSpec,
} from '../../contracts/pipeline-file';
import { tableFileOf, type BuildInput } from '../../contracts/trainer';
import type { StoredArtifact } from '../../ports/artifact-store';
import type { TrainerEnvironment } from '../../ports/trainer-environment';
import { fileDigest } from './candidate-job';

/** Everything that the table is made of. */
export interface FeatureBuild {
  readonly pipeline: string;
  readonly code: FeatureCode;
  /** Source → content digest of its table. */
  readonly tables: Readonly<Record<string, string>>;
  readonly environment: TrainerEnvironment;
  readonly trainerCode: string;
  readonly userCode: string | undefined;
}

/** The function of the pipeline file. @throws PIPELINE_FILE_INVALID */
export function featureCodeIn(spec: PipelineSpec): FeatureCode {
  const code = featureCodeOf(spec.features);
  if (code) return code;
  throw new MillraceError('PIPELINE_FILE_INVALID', `the pipeline ${spec.name} has no features.python`);
}

/** Content digests of the tables by source. @throws STORE_CORRUPT */
export function tableDigests(spec: PipelineSpec, { manifest }: StoredArtifact): Record<string, string> {
  const names = Object.keys(spec.sources);
  return Object.fromEntries(names.map((name) => [name, fileDigest(manifest, tableFileOf(name))]));
}

/** `input.json` of the job. */
export function buildInputOf({ pipeline, code, tables }: FeatureBuild): BuildInput {
  const { file, function: name } = splitFunction(code.function);
  return {
    contract: 1,
    action: 'build',
    pipeline,
    // The job has the file under the path that it has beside the pipeline file.
    file: path.posix.normalize(file),
    function: name,
    tables: Object.keys(tables),
    params: code.params,
    threads: Math.max(1, Math.floor(code.resources.cpu)),
  };
}

/** The identity of the step. The pipeline's name, timeouts and memory limits are left out: they change no value. */
export function buildIdentity(build: FeatureBuild): StepIdentity {
  const { pipeline, ...params } = buildInputOf(build);
  return {
    step: 'build',
    code: build.trainerCode,
    params,
    inputs: build.tables,
    environment: build.environment.digest,
    ...(build.userCode !== undefined && { userCode: build.userCode }),
  };
}

/** The job's name; `again` as for a training. */
export function buildJobName(build: FeatureBuild, again: string | undefined): string {
  const stepKey = stepKeyFor(buildIdentity(build));
  return jobNameFor({
    pipeline: build.pipeline,
    candidate: 'features',
    stepKey: again === undefined ? stepKey : `${stepKey} ${again}`,
  });
}
