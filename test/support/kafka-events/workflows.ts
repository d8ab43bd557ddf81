/** A run of one activity under the name of the real one: what the volume proof starts ten thousand times. */
import { proxyActivities } from '@temporalio/workflow';
import type { TrainingPipelineInput } from '../../../src/contracts/runs';

const { firstStage } = proxyActivities<{ firstStage(input: TrainingPipelineInput): Promise<void> }>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 1 },
});

export async function trainingPipeline(input: TrainingPipelineInput): Promise<void> {
  await firstStage(input);
}
