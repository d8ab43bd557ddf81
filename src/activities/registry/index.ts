import type { RegistryActivities } from '../../contracts/activity-interfaces';
import type { RegistryActivityDependencies } from './dependencies';
import { findChampion } from './find-champion';
import { finishTracking } from './finish-tracking';
import { recordCandidate } from './record-candidate';
import { startCandidateTracking, startTracking } from './start-tracking';

export type { RegistryActivityDependencies } from './dependencies';

/** Runs and models in MLflow: they need the artifacts, so they run where the store is. */
export function createRegistryActivities(dependencies: RegistryActivityDependencies): RegistryActivities {
  return {
    startTracking: (input) => startTracking(dependencies, input),
    startCandidateTracking: (input) => startCandidateTracking(dependencies, input),
    recordCandidate: (input) => recordCandidate(dependencies, input),
    findChampion: (input) => findChampion(dependencies, input),
    finishTracking: (input) => finishTracking(dependencies, input),
  };
}
