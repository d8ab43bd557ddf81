/** The real backfill, and a run of one activity in the place of `trainingPipeline`. */
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { TrainingPipelineInput } from '../../../src/contracts/runs';
import { TASK_QUEUES } from '../../../src/contracts/task-queues';

export { backfill } from '../../../src/workflows/backfill';

/** What the stand-in calls: queue `millrace-data`. */
export interface StandInActivities {
  /** @returns the outcome */
  runPartition(run: { workflowId: string; runId: string; input: TrainingPipelineInput }): Promise<string>;
}

const { runPartition } = proxyActivities<StandInActivities>({
  taskQueue: TASK_QUEUES.data,
  // A worker that was killed is noticed by this.
  heartbeatTimeout: '10s',
  startToCloseTimeout: '5m',
});

/** Ends as the activity says. */
export async function trainingPipeline(input: TrainingPipelineInput): Promise<{ outcome: string }> {
  const { workflowId, runId } = workflowInfo();
  return { outcome: await runPartition({ workflowId, runId, input }) };
}

/** The other side of the comparison: as many children, started without more ado. */
export { rawChildren } from './raw-children';
