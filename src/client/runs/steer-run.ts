/** Steering a run from outside: ending it, deciding of its version. */
import type { Client } from '@temporalio/client';
import { MillraceError } from '../../contracts/errors';
import { RUN_MESSAGES, type Decision } from '../../contracts/runs';
import { aboutWorkflow } from '../temporal-errors';

/** Asks a run to end. @throws RUN_NOT_FOUND; RUN_CONFLICT when it is over, or no run. */
export async function cancelRun(client: Client, workflowId: string): Promise<void> {
  await aboutWorkflow(workflowId, async () => {
    const handle = client.workflow.getHandle(workflowId);
    // Temporal takes a request to cancel what is over, and nothing comes of it.
    const { status, type } = await handle.describe();
    if (type === 'modelRelease')
      throw new MillraceError('RUN_CONFLICT', `${workflowId} is the owner of a model, not a run.`, {
        where: workflowId,
        mend: 'cancel the run that waits with it; the owner stays, for it knows what is in production',
      });
    if (status.name !== 'RUNNING' && status.name !== 'PAUSED')
      throw new MillraceError('RUN_CONFLICT', `The run ${workflowId} is over: it is ${status.name}.`, {
        where: workflowId,
        mend: `see how it ended with \`millrace show ${workflowId}\``,
      });
    await handle.cancel();
  });
}

/** Approves or rejects the version that a run waits with. @returns the version. @throws RUN_NOT_FOUND, APPROVAL_REFUSED. */
export async function decideRun(
  client: Client,
  workflowId: string,
  verdict: 'approve' | 'reject',
  decision: Decision,
): Promise<string | undefined> {
  const answer = await aboutWorkflow(workflowId, () =>
    client.workflow
      .getHandle(workflowId)
      .executeUpdate<{ accepted: true; version: string | undefined }, [Decision]>(RUN_MESSAGES[verdict], {
        args: [decision],
      }),
  );
  return answer.version;
}
