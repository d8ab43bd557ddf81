/** How backfills stand: asked of Temporal, which keeps them as long as it keeps any workflow. */
import { isGrpcServiceError, type Client } from '@temporalio/client';
import { BACKFILL_MESSAGES, type BackfillStatus } from '../../contracts/backfill';
import { MillraceError } from '../../contracts/errors';
import { WORKFLOW_TYPES } from '../../contracts/workflow-types';
import { aboutWorkflow } from '../temporal-errors';

/** A backfill, and Temporal's word for how it is. */
export interface BackfillView {
  readonly status: BackfillStatus;
  readonly execution: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

/** One backfill. @throws RUN_NOT_FOUND, SETUP_FAILED when no worker answers for it. */
export async function readBackfill(client: Client, workflowId: string): Promise<BackfillView> {
  return aboutWorkflow(workflowId, async () => {
    const handle = client.workflow.getHandle(workflowId);
    const { type, status, startTime, closeTime } = await handle.describe();
    if (type !== WORKFLOW_TYPES.backfill)
      throw new MillraceError('RUN_CONFLICT', `${workflowId} is no backfill but a ${type}.`, {
        where: workflowId,
        mend: 'list the backfills with `millrace backfill list`',
      });
    return {
      status: await handle.query<BackfillStatus>(BACKFILL_MESSAGES.status),
      execution: status.name,
      startedAt: startTime.toISOString(),
      endedAt: closeTime?.toISOString() ?? null,
    };
  });
}

/** One line of the list. */
export interface BackfillEntry {
  readonly workflowId: string;
  readonly execution: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

/** The newest first; executions that were continued as new are left out. */
export async function listBackfills(client: Client, limit: number): Promise<BackfillEntry[]> {
  const found: BackfillEntry[] = [];
  const query = `WorkflowType = '${WORKFLOW_TYPES.backfill}' AND ExecutionStatus != 'ContinuedAsNew'`;
  try {
    for await (const { workflowId, status, startTime, closeTime } of client.workflow.list({ query })) {
      found.push({
        workflowId,
        execution: status.name,
        startedAt: startTime.toISOString(),
        endedAt: closeTime?.toISOString() ?? null,
      });
      if (found.length >= limit) break;
    }
  } catch (error) {
    if (isGrpcServiceError(error)) return aboutWorkflow('backfill', () => Promise.reject(error as Error));
    throw error;
  }
  return found;
}
