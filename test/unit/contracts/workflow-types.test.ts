/** Catches: a workflow that is started under a name which no worker knows, and one that is bundled without a name in the list. */
import { WORKFLOW_TYPES } from '../../../src/contracts/workflow-types';
import * as workflows from '../../../src/workflows';

test('the names are those of the functions that a worker bundles', () => {
  expect(Object.keys(WORKFLOW_TYPES)).toEqual(Object.values(WORKFLOW_TYPES));
  expect(Object.keys(workflows).sort()).toEqual(Object.values(WORKFLOW_TYPES).sort());
});
