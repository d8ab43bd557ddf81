import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy, type Client } from '@temporalio/client';
import { MillraceError } from '../../contracts/errors';
import { poolIdFor } from '../../contracts/ids';
import {
  LEASE_GRANTED,
  MOST_WORDS_AT_ONCE,
  POOL_MESSAGES,
  type LeaseRelease,
  type LeaseReleases,
  type LeaseRequest,
  type LeaseRequests,
  type ResourcePoolInput,
} from '../../contracts/pools';
import { TASK_QUEUES } from '../../contracts/task-queues';
import { WORKFLOW_TYPES } from '../../contracts/workflow-types';
import type { PoolMessenger } from '../../ports/pool-messenger';
import { JoinedCalls } from './joined-calls';
import { isWorkflowNotFound } from './not-found';

/** The client would ask for up to 40 s by itself; who waits for it keeps a workflow task. */
const CALL_MS = 5000;

/** Reaches pools, and those who wait for them, through Temporal. */
export function createPoolMessenger(client: Client): PoolMessenger {
  const asking = new JoinedCalls<LeaseRequest>(MOST_WORDS_AT_ONCE, async (pool, requests) => {
    try {
      await client.withDeadline(Date.now() + CALL_MS, () =>
        client.workflow.signalWithStart<(input: ResourcePoolInput) => Promise<void>, [LeaseRequests]>(
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
            signalArgs: [{ requests: [...requests] }],
          },
        ),
      );
    } catch (error) {
      throw unavailable(poolIdFor(pool), error);
    }
  });
  const releasing = new JoinedCalls<LeaseRelease>(MOST_WORDS_AT_ONCE, async (pool, releases) => {
    try {
      await client.withDeadline(Date.now() + CALL_MS, () =>
        client.workflow
          .getHandle(poolIdFor(pool))
          .signal<[LeaseReleases]>(POOL_MESSAGES.release, { releases: [...releases] }),
      );
    } catch (error) {
      if (!isWorkflowNotFound(error)) throw unavailable(poolIdFor(pool), error);
    }
  });
  return {
    ask: (pool, request) => asking.tell(pool, request),
    release: (pool, release) => releasing.tell(pool, release),
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
