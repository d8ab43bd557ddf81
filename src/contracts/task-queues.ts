/** The task queues of the fleet, and the search attributes and memo keys that runs carry. */

/** One task queue per kind of work; what each is sized by stands in the design. */
export const TASK_QUEUES = {
  pipelines: 'millrace-pipelines',
  data: 'millrace-data',
  training: 'millrace-training',
  services: 'millrace-services',
} as const;
export type QueueKind = keyof typeof TASK_QUEUES;

/** Search attributes, all of type Keyword. */
export const SEARCH_ATTRIBUTES = {
  pipeline: 'MillracePipeline',
  stage: 'MillraceStage',
  outcome: 'MillraceOutcome',
  model: 'MillraceModel',
} as const;
