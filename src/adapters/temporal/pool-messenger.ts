import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy, type Client } from '@temporalio/client';
import { MillraceError } from '../../contracts/errors';
import { poolIdFor } from '../../contracts/ids';
import {
  LEASE_GRANTED,
  POOL_MESSAGES,
  type LeaseRequest,
  type ResourcePoolInput,
} from '../../contracts/pools';
import { TASK_QUEUES } from '../../contracts/task-queues';
import { WORKFLOW_TYPES } from '../../contracts/workflow-types';
import type { PoolMessenger } from '../../ports/pool-messenger';
import { isWorkflowNotFound } from './not-found';

/** Reaches pools, and those who wait for them, through Temporal. */
export function createPoolMessenger(client: Client): PoolMessenger {
  return {
    async ask(pool, request) {
      try {
        await client.workflow.signalWithStart<(input: ResourcePoolInput) => Promise<void>, [LeaseRequest]>(
          WORKFLOW_TYPES.resourcePool,
          {
            workflowId: poolIdFor(pool),
            taskQueue: TASK_QUEUES.pipelines,
            workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
            workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
            staticSummary: `Owner of the pool ${pool}`,
            // Runs wait for it, the most urgent too.
            priority: { priorityKey: 1 },
            args: [{ pool }],
            signal: POOL_MESSAGES.acquire,
            signalArgs: [request],
          },
        );
      } catch (error) {
        throw unavailable(poolIdFor(pool), error);
      }
    },
    async grant(holder, grant) {
      try {
        await client.workflow.getHandle(holder).signal(LEASE_GRANTED, grant);
        return true;
      } catch (error) {
        if (isWorkflowNotFound(error)) return false;
        throw unavailable(holder, error);
      }
    },
  };
}

function unavailable(where: string, cause: unknown): MillraceError {
  return new MillraceError(
    'TEMPORAL_UNAVAILABLE',
    `The workflow ${where} could not be reached: ${cause instanceof Error ? cause.message : String(cause)}`,
    { where, cause },
  );
}
