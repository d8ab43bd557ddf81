/** The activity that tells trained candidates from those that a job has to be run for. */
import type { FindTrainedInput, FindTrainedOutput } from '../../contracts/steps';
import { findTrainedInputSchema } from '../../contracts/steps';
import { loadSpec } from '../stored-spec';
import { candidateNamed, trainingIdentity } from './candidate-job';
import type { TrainingActivityDependencies } from './dependencies';
import { describeTraining } from './describe-training';

/**
 * See {@link findTrainedInputSchema}. A hint, not a verdict: a candidate with requirements of its own is left out, since its key is known only once
 * its environment is built, and so is one that cannot be described, which says why when its turn to train comes.
 */
export async function findTrained(
  dependencies: TrainingActivityDependencies,
  rawInput: FindTrainedInput,
): Promise<FindTrainedOutput> {
  const { candidates, ...input } = findTrainedInputSchema.parse(rawInput);
  const { spec } = await loadSpec(dependencies.store, input.spec);
  const trained: string[] = [];
  for (const candidate of candidates) {
    try {
      const { trainer } = candidateNamed(spec, candidate);
      if (typeof trainer !== 'string' && trainer.requirements !== undefined) continue;
      const { training } = await describeTraining(dependencies, { ...input, candidate });
      if (await dependencies.store.find(trainingIdentity(training))) trained.push(candidate);
    } catch {
      continue;
    }
  }
  return { trained };
}
