/** Everything that a candidate's training depends on, gathered from the run's artifacts and the pipeline's folder. */
import { labelOf } from '../../contracts/pipeline-file';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunTrainingJobInput } from '../../contracts/steps';
import { featurePackingSchema } from '../../contracts/trainer';
import type { StoredArtifact } from '../../ports/artifact-store';
import { loadSpec } from '../stored-spec';
import { candidateNamed, fileDigest, type CandidateTraining } from './candidate-job';
import type { TrainingActivityDependencies } from './dependencies';
import { podOfCandidate, type PodEnvironment } from './pods';
import { codeOfCandidate, collectUserCode, digestUserCode, type CodeFiles } from './user-code';

/** Reads them; a candidate with requirements of its own gets its environment built here, where it is not there yet. */
export async function describeTraining(
  { store, environments, cluster }: TrainingActivityDependencies,
  input: Pick<RunTrainingJobInput, 'spec' | 'candidate' | 'task' | 'classes' | 'features' | 'split'>,
): Promise<{
  training: CandidateTraining;
  split: StoredArtifact;
  code: CodeFiles;
  requirements: string | undefined;
  pod: PodEnvironment | undefined;
}> {
  const { spec, origin } = await loadSpec(store, input.spec);
  const candidate = candidateNamed(spec, input.candidate);
  const split = await store.open(input.split);
  const features = await store.open(input.features);
  const packing = featurePackingSchema.parse(
    JSON.parse(await readFile(path.join(features.directory, 'packing.json'), 'utf8')),
  );
  const code = await collectUserCode(codeOfCandidate(candidate.name, candidate.trainer), origin.directory);
  const { trainer } = candidate;
  const requirements =
    typeof trainer === 'string' || trainer.requirements === undefined
      ? undefined
      : path.resolve(origin.directory, trainer.requirements);
  const pod = podOfCandidate(cluster, spec, candidate);
  const environment =
    pod?.environment ??
    (requirements === undefined
      ? await environments.base()
      : await environments.withRequirements(requirements));
  const training: CandidateTraining = {
    spec,
    candidate,
    task: input.task,
    classes: input.classes,
    packing,
    label: labelOf(spec.dataset),
    tables: {
      train: fileDigest(split.manifest, 'train.parquet'),
      validation: fileDigest(split.manifest, 'validation.parquet'),
    },
    environment,
    trainerCode: await environments.trainerCodeDigest(typeof trainer === 'string' ? trainer : undefined),
    userCode: await digestUserCode(code),
  };
  return { training, split, code, requirements, pod };
}
