import { WorkflowFailedError, type Client } from '@temporalio/client';
import { aboutWorkflow } from '../temporal-errors';
import { readRun, type RunView } from './read-run';
import type { StartedRun } from './start-run';

/**
 * Waits for the end of exactly this execution, not of one that retried it. A run that failed is an answer: its outcome says so.
 * @throws RUN_NOT_FOUND, TEMPORAL_UNAVAILABLE.
 */
export async function awaitRun(client: Client, { workflowId, runId }: StartedRun): Promise<RunView> {
  await aboutWorkflow(workflowId, () =>
    client.workflow
      .getHandle(workflowId, runId, { followRuns: false })
      .result()
      .catch((error: unknown) => {
        if (!(error instanceof WorkflowFailedError)) throw error;
      }),
  );
  return readRun(client, workflowId, runId);
}
