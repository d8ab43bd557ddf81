/** Proxies of the activities that the owner of a model calls, each with the options of its class. */
import { proxyActivities } from '@temporalio/workflow';
import type { DeploymentActivities, ReleaseActivities } from '../../contracts/activity-interfaces';
import type { ReleaseRequest } from '../../contracts/release';
import { TASK_QUEUES } from '../../contracts/task-queues';
import { CLEAN_UP, DEPLOYMENT, METADATA } from '../activity-options';

/** The activities on the queues of a request: endpoint and store may be bound to a host. The plain queues unless given. */
export function ownerActivitiesFor(queues: ReleaseRequest['queues'] | undefined) {
  const taskQueue = queues?.services ?? TASK_QUEUES.services;
  return {
    registry: proxyActivities<ReleaseActivities>({ ...METADATA, taskQueue }),
    deployment: proxyActivities<DeploymentActivities>({ ...DEPLOYMENT, taskQueue }),
    cleanUp: proxyActivities<Pick<DeploymentActivities, 'completeDeployment' | 'discardDeployment'>>({
      ...CLEAN_UP,
      // It waits for the requests that the old server is answering. Those behind it in the line do not wait a day for it.
      startToCloseTimeout: '10m',
      heartbeatTimeout: '30s',
      retry: { ...CLEAN_UP.retry, maximumAttempts: 10 },
      taskQueue,
    }),
  };
}
/** See {@link ownerActivitiesFor}. */
export type OwnerActivities = ReturnType<typeof ownerActivitiesFor>;
