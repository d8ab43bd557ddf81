import type { Client } from '@temporalio/client';
import type { RunDirectory, RunEnd } from '../../ports/run-directory';
import { isWorkflowNotFound } from './not-found';

/** Asks Temporal whether a workflow is open. An unreachable Temporal throws: nobody may be taken for closed because of it. */
export function createRunDirectory(client: Client): RunDirectory {
  const look = async (workflowId: string) => {
    try {
      return await client.workflow.getHandle(workflowId).describe();
    } catch (error) {
      if (isWorkflowNotFound(error)) return undefined;
      throw error;
    }
  };
  return {
    async isOpen(workflowId) {
      const found = await look(workflowId);
      return found !== undefined && isOpen(found.status.name);
    },
    async endOf(workflowId) {
      const found = await look(workflowId);
      if (found === undefined || isOpen(found.status.name)) return undefined;
      return { how: endNamed(found.status.name), at: found.closeTime?.getTime() ?? Date.now() };
    },
  };
}

function isOpen(status: string): boolean {
  return status === 'RUNNING' || status === 'PAUSED';
}

function endNamed(status: string): RunEnd['how'] {
  if (status === 'COMPLETED') return 'completed';
  return status === 'FAILED' ? 'failed' : 'stopped';
}
