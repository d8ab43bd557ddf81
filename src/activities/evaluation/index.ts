import type { EvaluationActivities } from '../../contracts/activity-interfaces';
import type { EvaluationActivityDependencies } from './dependencies';
import { evaluateCandidate } from './evaluate-candidate';
import { evaluateHoldout } from './evaluate-holdout';

export type { EvaluationActivityDependencies } from './dependencies';

/** Metrics on validation and hold-out, computed by Millrace and never by a trainer: queue `millrace-data`. */
export function createEvaluationActivities(
  dependencies: EvaluationActivityDependencies,
): EvaluationActivities {
  return {
    evaluateCandidate: (input) => evaluateCandidate(dependencies, input),
    evaluateHoldout: (input) => evaluateHoldout(dependencies, input),
  };
}
