import type {
  DataActivities,
  FeatureCodeActivities,
  PublishingActivities,
} from '../../contracts/activity-interfaces';
import { acquireData } from './acquire/acquire-data';
import { buildDataset, buildTable } from './dataset/build-dataset';
import { writeTables } from './dataset/write-tables';
import type { DataActivityDependencies } from './dependencies';
import { publishDataset } from './publish/publish-dataset';
import { validateData } from './quality/validate-data';

export type { DataActivityDependencies } from './dependencies';

/** From source bytes to a checked table: queue `millrace-data`. */
export function createDataActivities(
  dependencies: DataActivityDependencies,
): DataActivities & PublishingActivities & Pick<FeatureCodeActivities, 'writeTables'> {
  return {
    acquireData: (input) => acquireData(dependencies, input),
    buildDataset: (input) => buildDataset(dependencies, input),
    validateData: (input) => validateData(dependencies, input),
    buildTable: (input) => buildTable(dependencies, input),
    writeTables: (input) => writeTables(dependencies, input),
    publishDataset: (input) => publishDataset(dependencies, input),
  };
}
