/** The workflows, each changed as nobody may change one that has open runs: an activity more before everything else. */
import { proxyActivities } from '@temporalio/workflow';
import * as original from '../../src/workflows';

const { lookAround } = proxyActivities<{ lookAround(): Promise<void> }>({ startToCloseTimeout: '1m' });

function changed<Input, Output>(workflow: (input: Input) => Promise<Output>) {
  return async (input: Input): Promise<Output> => {
    await lookAround();
    return workflow(input);
  };
}

export const trainingPipeline = changed(original.trainingPipeline);
export const trainCandidate = changed(original.trainCandidate);
export const modelRelease = changed(original.modelRelease);
export const resourcePool = changed(original.resourcePool);
export const scheduledRun = changed(original.scheduledRun);
export const backfill = changed(original.backfill);
