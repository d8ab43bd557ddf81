import type { Client } from '@temporalio/client';
import type { RunDirectory } from '../../ports/run-directory';

/** Asks Temporal whether a workflow is open. An unreachable Temporal throws: nobody may be taken for closed because of it. */
export function createRunDirectory(client: Client): RunDirectory {
  return {
    async isOpen(workflowId) {
      try {
        const { status } = await client.workflow.getHandle(workflowId).describe();
        return status.name === 'RUNNING' || status.name === 'PAUSED';
      } catch (error) {
        if (error instanceof Error && error.name === 'WorkflowNotFoundError') return false;
        throw error;
      }
    },
  };
}
