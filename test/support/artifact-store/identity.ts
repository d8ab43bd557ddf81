import type { StepIdentity } from '../../../src/contracts/artifacts';

/** Of the output that tests commit. */
export const identity: StepIdentity = {
  step: 'features',
  code: 'v1',
  params: { b: 2, a: 1 },
  inputs: { table: 'f'.repeat(64) },
};
