/** The endpoint of a model, for its owner: stage and test, switch, complete or discard. */
import type { DeploymentActivities } from '../../contracts/activity-interfaces';
import { deploymentInputSchema, switchDeploymentInputSchema } from '../../contracts/steps';
import { heartbeating } from '../long-work';
import type { DeploymentActivityDependencies } from './dependencies';
import { stageDeployment, stageVersion } from './stage-deployment';

export type { DeploymentActivityDependencies } from './dependencies';

/** The activities of {@link DeploymentActivities}; they need the artifacts, so they run where the store is. */
export function createDeploymentActivities(
  dependencies: DeploymentActivityDependencies,
): DeploymentActivities {
  const { endpoints } = dependencies;
  return {
    stageDeployment: (input) => heartbeating((signal) => stageDeployment(dependencies, input, signal)),
    stageVersion: (input) => heartbeating((signal) => stageVersion(dependencies, input, signal)),
    switchDeployment: (rawInput) =>
      heartbeating((signal) => endpoints.switchTo(switchDeploymentInputSchema.parse(rawInput), signal)),
    completeDeployment: (rawInput) =>
      heartbeating(() => endpoints.complete(deploymentInputSchema.parse(rawInput))),
    discardDeployment: (rawInput) =>
      heartbeating(() => endpoints.discard(deploymentInputSchema.parse(rawInput))),
  };
}
