/** `scheduledRun` as it is, and runs that end when a test says so. */
import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import { ApplicationFailure } from '@temporalio/common';

export { scheduledRun } from '../../../src/workflows/scheduled-run';

/** Ends a run: `ok`, or else it fails. */
export const endSignal = defineSignal<['ok' | 'failed']>('end');

/** A run of a pipeline called `quick…` ends at once. */
export async function trainingPipeline(input: { pipeline: string; nominalDate?: string }): Promise<object> {
  let end: string | undefined = input.pipeline.startsWith('quick') ? 'ok' : undefined;
  setHandler(endSignal, (how) => void (end = how));
  await condition(() => end !== undefined);
  if (end !== 'ok') throw ApplicationFailure.nonRetryable('it failed', 'QUALITY_FAILED');
  return input;
}
