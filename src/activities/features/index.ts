/** Features and split. */
import type { FeatureActivities } from '../../contracts/activity-interfaces';
import { prepareFeaturesInputSchema, splitDataInputSchema } from '../../contracts/steps';
import type { FeatureDependencies } from './dependencies';
import { prepareFeatures } from './prepare-features';
import { splitData } from './split-data';

export type { FeatureDependencies } from './dependencies';

/** The activities of this room. Each is idempotent: its output is kept by content, and a repetition finds it. */
export function createFeatureActivities(deps: FeatureDependencies): FeatureActivities {
  return {
    prepareFeatures: (input) => prepareFeatures(deps, prepareFeaturesInputSchema.parse(input)),
    splitData: (input) => splitData(deps, splitDataInputSchema.parse(input)),
  };
}
