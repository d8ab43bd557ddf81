/** What a candidate's training depends on: its step identity, and the job that computes it. Pure but for the digests that are passed in. */
import path from 'node:path';
import type { StepIdentity } from '../../contracts/artifacts';
import { stepKeyFor } from '../../contracts/artifacts';
import { MillraceError } from '../../contracts/errors';
import { jobNameFor } from '../../contracts/ids';
import type { Candidate, PipelineSpec } from '../../contracts/pipeline-file';
import type { FeaturePacking, Task, TrainerSpec, TrainInput } from '../../contracts/trainer';
import type { Manifest } from '../../contracts/artifacts';
import type { TrainerEnvironment } from '../../ports/trainer-environment';

/** Digest of a file within a committed output. @throws STORE_CORRUPT when the output lacks it. */
export function fileDigest(manifest: Manifest, name: string): string {
  const file = manifest.files[name];
  if (file) return file.sha256;
  throw new MillraceError('STORE_CORRUPT', `the output of step ${manifest.step} lacks ${name}`, {
    where: manifest.key,
    mend: 'run the pipeline again with `--no-cache`',
  });
}

/** The candidate of that name. @throws PIPELINE_FILE_INVALID. */
export function candidateNamed(spec: PipelineSpec, name: string): Candidate {
  const candidate = spec.candidates.find((each) => each.name === name);
  if (candidate) return candidate;
  throw new MillraceError('PIPELINE_FILE_INVALID', `the pipeline ${spec.name} has no candidate ${name}`);
}

/** The trainer as the contract names it. */
export function trainerSpecOf(candidate: Candidate): TrainerSpec {
  const { trainer } = candidate;
  if (typeof trainer === 'string') return { kind: 'reference', name: trainer };
  if ('python' in trainer) {
    const separator = trainer.python.lastIndexOf(':');
    return {
      kind: 'python',
      // The job has the file under the path it has beside the pipeline file.
      file: path.posix.normalize(trainer.python.slice(0, separator)),
      function: trainer.python.slice(separator + 1),
    };
  }
  return { kind: 'command', command: trainer.command };
}

/** Everything that a candidate's training is made of. */
export interface CandidateTraining {
  readonly spec: PipelineSpec;
  readonly candidate: Candidate;
  readonly task: Task;
  readonly classes: readonly string[];
  readonly packing: FeaturePacking;
  readonly label: string;
  /** Content digests of the two tables that the trainer reads. */
  readonly tables: { readonly train: string; readonly validation: string };
  readonly environment: TrainerEnvironment;
  readonly trainerCode: string;
  readonly userCode: string | undefined;
}

/** Threads a local trainer may use. */
export function threadsOf(candidate: Candidate): number {
  return Math.max(1, Math.floor(candidate.resources.cpu));
}

/** `input.json` of the job. */
export function trainInputOf(training: CandidateTraining): TrainInput {
  const { spec, candidate, task, classes, packing, label } = training;
  return {
    contract: 1,
    action: 'train',
    pipeline: spec.name,
    candidate: candidate.name,
    task,
    label,
    classes: [...classes],
    features: packing,
    trainer: trainerSpecOf(candidate),
    params: candidate.params,
    seed: spec.split.seed,
    threads: threadsOf(candidate),
  };
}

/**
 * The identity of the training step. Names of pipeline and candidate are left out: they change no number, so two pipelines that ask for
 * the same model train it once. Timeouts and memory limits are left out for the same reason.
 */
export function trainingIdentity(training: CandidateTraining): StepIdentity {
  const { pipeline, candidate, ...params } = trainInputOf(training);
  return {
    step: 'train',
    code: training.trainerCode,
    params,
    inputs: training.tables,
    environment: training.environment.digest,
    ...(training.userCode !== undefined && { userCode: training.userCode }),
  };
}

/**
 * The job's name. `again` is set where a step is to run once more although it is done (`--no-cache`): then the run that asked is part
 * of the name, so that its own retries find the job, and no other run's.
 */
export function trainingJobName(training: CandidateTraining, again: string | undefined): string {
  const stepKey = stepKeyFor(trainingIdentity(training));
  return jobNameFor({
    pipeline: training.spec.name,
    candidate: training.candidate.name,
    stepKey: again === undefined ? stepKey : `${stepKey} ${again}`,
  });
}
