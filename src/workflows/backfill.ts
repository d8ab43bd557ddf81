/**
 * Runs a pipeline for every partition of a range of dates: a window of so many runs that slides over it. Each run is a child `trainingPipeline` of its
 * own id. Cancelling the backfill cancels the runs that are open and starts no more; terminating it leaves them.
 *
 *     temporal workflow query --workflow-id ID --type status
 *     temporal workflow update execute --workflow-id ID --name setParallel --input '{"parallel":8}'
 */
import {
  CancellationScope,
  continueAsNew,
  defineQuery,
  defineUpdate,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import {
  BACKFILL_MESSAGES,
  backfillInputSchema,
  parallelChangeSchema,
  type BackfillInput,
  type BackfillStatus,
  type ParallelChange,
} from '../contracts/backfill';
import { BackfillWindow } from './backfill-window';
import { endsTheRun, failureOf, workflowFailureOf } from './failures';
import { parseInput } from './parse-input';

/** How far the backfill is; answered also after its end, by a worker. */
export const backfillStatusQuery = defineQuery<BackfillStatus>(BACKFILL_MESSAGES.status);
/** Changes how many runs may be open at once; ones that are open go on. */
export const setParallelUpdate = defineUpdate<BackfillStatus, [ParallelChange]>(
  BACKFILL_MESSAGES.setParallel,
);

/** See the file's head. @returns how it ended; partitions that failed are in it, and fail nothing else. */
export async function backfill(rawInput: BackfillInput): Promise<BackfillStatus> {
  const input = parseInput(backfillInputSchema, rawInput, 'the input of backfill');
  const window = new BackfillWindow(input);
  setHandler(backfillStatusQuery, () => window.status);
  setHandler(setParallelUpdate, ({ parallel }) => window.widen(parallel), {
    validator: (change) => void parseInput(parallelChangeSchema, change, 'the change'),
  });
  let carried: BackfillInput['carried'];
  try {
    carried = await window.slide();
  } catch (error) {
    if (!endsTheRun(error)) throw error;
    await CancellationScope.nonCancellable(() => window.giveUp());
    window.end();
    throw isCancellation(error) ? error : workflowFailureOf(failureOf(error));
  }
  if (carried !== undefined)
    await continueAsNew<typeof backfill>({ ...input, parallel: window.status.parallel, carried });
  window.end();
  return window.status;
}
