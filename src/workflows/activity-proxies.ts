/** Proxies of the activities, by room: each with the options of its class, on the queue that does its kind of work. */
import { proxyActivities } from '@temporalio/workflow';
import type {
  DataActivities,
  EvaluationActivities,
  FeatureActivities,
  HandoverActivities,
  NotificationActivities,
  PipelineActivities,
  RegistryActivities,
  ReportActivities,
  TrainingActivities,
} from '../contracts/activity-interfaces';
import type { ResolvedRun } from '../contracts/runs';
import { TASK_QUEUES } from '../contracts/task-queues';
import { DATA, JOB, METADATA } from './activity-options';

/** What can be called before the pipeline file is resolved, which tells the queues of everything else. */
export const resolving = proxyActivities<PipelineActivities & NotificationActivities>({
  ...METADATA,
  taskQueue: TASK_QUEUES.services,
});

/** The activities of one run, on its queues: a store on a local disk binds work to that host's queues. */
export function activitiesFor(queues: ResolvedRun['queues']) {
  return {
    data: proxyActivities<DataActivities & FeatureActivities & EvaluationActivities & ReportActivities>({
      ...DATA,
      taskQueue: queues.data,
    }),
    jobs: proxyActivities<Omit<TrainingActivities, 'findTrained'>>({ ...JOB, taskQueue: queues.training }),
    /** What the host that trains has in its store. */
    trained: proxyActivities<Pick<TrainingActivities, 'findTrained'>>({
      ...DATA,
      taskQueue: queues.training,
    }),
    services: proxyActivities<RegistryActivities & NotificationActivities & HandoverActivities>({
      ...METADATA,
      taskQueue: queues.services,
    }),
  };
}
/** See {@link activitiesFor}. */
export type RunActivities = ReturnType<typeof activitiesFor>;
