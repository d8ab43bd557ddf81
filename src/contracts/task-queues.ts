/** The task queues of the fleet, and the search attributes and memo keys that runs carry. */
import { storeQueueFor } from './ids';

/** One task queue per kind of work; what each is sized by stands in the design. */
export const TASK_QUEUES = {
  pipelines: 'millrace-pipelines',
  data: 'millrace-data',
  training: 'millrace-training',
  services: 'millrace-services',
} as const;
/** A kind of work that has a queue. */
export type QueueKind = keyof typeof TASK_QUEUES;

/** Search attributes, all of type Keyword. */
export const SEARCH_ATTRIBUTES = {
  pipeline: 'MillracePipeline',
  stage: 'MillraceStage',
  outcome: 'MillraceOutcome',
  model: 'MillraceModel',
} as const;

/**
 * The queues that a run's activities go to. Work that reads a store on a local disk goes to queues of that store's host; so do
 * the services, since what is recorded in MLflow, deployed or announced lies in the store. On a shared store everything goes to the plain ones.
 */
export function runQueuesFor(store: { readonly id: string; readonly hostBound: boolean }): {
  data: string;
  training: string;
  services: string;
} {
  const bound = (queue: string): string => (store.hostBound ? storeQueueFor(queue, store.id) : queue);
  return {
    data: bound(TASK_QUEUES.data),
    training: bound(TASK_QUEUES.training),
    services: bound(TASK_QUEUES.services),
  };
}
