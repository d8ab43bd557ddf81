/** Children of a workflow, so many at a time, and nothing else: what a backfill is measured against. */
import { continueAsNew, executeChild, workflowInfo } from '@temporalio/workflow';
import type { TrainingPipelineInput } from '../../../src/contracts/runs';

/** How many children, and how many at a time. */
export interface RawChildrenInput {
  readonly count: number;
  readonly parallel: number;
  readonly from?: number;
}

const CHILDREN_PER_EXECUTION = 400;

/** Runs the stand-in for `trainingPipeline` so often. */
export async function rawChildren({ count, parallel, from = 0 }: RawChildrenInput): Promise<void> {
  const { workflowId } = workflowInfo();
  const end = Math.min(count, from + CHILDREN_PER_EXECUTION);
  let next = from;
  const lane = async (): Promise<void> => {
    while (next < end) {
      const number = next++;
      await executeChild<(input: TrainingPipelineInput) => Promise<unknown>>('trainingPipeline', {
        workflowId: `${workflowId}/${number}`,
        args: [{ pipeline: 'raw' }],
      });
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  if (end < count) await continueAsNew<typeof rawChildren>({ count, parallel, from: end });
}
