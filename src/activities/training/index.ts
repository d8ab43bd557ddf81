import type { FeatureCodeActivities, TrainingActivities } from '../../contracts/activity-interfaces';
import type { TrainingActivityDependencies } from './dependencies';
import { findTrained } from './find-trained';
import { runFeatureJob } from './run-feature-job';
import { runScoringJob } from './run-scoring-job';
import { runTrainingJob } from './run-training-job';

export type { TrainingActivityDependencies } from './dependencies';

/** Launching, adopting and following jobs: queue `millrace-training`. */
export function createTrainingActivities(
  dependencies: TrainingActivityDependencies,
): TrainingActivities & Pick<FeatureCodeActivities, 'runFeatureJob'> {
  return {
    findTrained: (input) => findTrained(dependencies, input),
    runTrainingJob: (input) => runTrainingJob(dependencies, input),
    runFeatureJob: (input) => runFeatureJob(dependencies, input),
    runScoringJob: (input) => runScoringJob(dependencies, input),
  };
}
