import type { Client } from '@temporalio/client';
import { ANNOUNCED_SIGNAL, type Announcement } from '../../contracts/announcements';
import { MillraceError } from '../../contracts/errors';
import type { WaiterMessenger } from '../../ports/waiter-messenger';
import { isWorkflowNotFound } from './not-found';

/** Tells runs by a signal. Whichever execution has the id hears it, so that a run which was reset is woken too. */
export function createWaiterMessenger(client: Client): WaiterMessenger {
  return {
    async tell(workflowId, announcement) {
      try {
        await client.workflow.getHandle(workflowId).signal<[Announcement]>(ANNOUNCED_SIGNAL, announcement);
        return true;
      } catch (error) {
        if (isWorkflowNotFound(error)) return false;
        throw new MillraceError(
          'TEMPORAL_UNAVAILABLE',
          'Temporal did not take a signal to a run that waits.',
          {
            where: workflowId,
            mend: 'nothing to do: the announcement is sent again',
            cause: error,
          },
        );
      }
    },
  };
}
