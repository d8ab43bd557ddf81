/** Proxies of the activities, by room: each with the options of its class, on the queue that does its kind of work. */
import { proxyActivities, type ActivityInterfaceFor, type ActivityOptions } from '@temporalio/workflow';
import type {
  DataActivities,
  EvaluationActivities,
  FeatureActivities,
  FeatureCodeActivities,
  HandoverActivities,
  JobKeepingActivities,
  NotificationActivities,
  PipelineActivities,
  PublishingActivities,
  RegistryActivities,
  ReportActivities,
  TrainingActivities,
  UpstreamActivities,
} from '../contracts/activity-interfaces';
import type { ResolvedRun } from '../contracts/runs';
import { TASK_QUEUES } from '../contracts/task-queues';
import { ANNOUNCEMENT, DATA, JOB, METADATA } from './activity-options';

/** What can be called before the pipeline file is resolved, which tells the queues of everything else. */
export const resolving = proxyActivities<PipelineActivities & NotificationActivities>({
  ...METADATA,
  taskQueue: TASK_QUEUES.services,
});

/** What a run calls that is over before its pipeline file was read. */
export const announcing = proxyActivities<Pick<UpstreamActivities, 'announceOutcome'>>({
  ...ANNOUNCEMENT,
  taskQueue: TASK_QUEUES.services,
});

/**
 * The activities of one run, on its queues: a store on a local disk binds work to that host's queues. `priority` is asked at every call; without an
 * answer the workflow's own holds.
 */
export function activitiesFor(
  queues: ResolvedRun['queues'],
  priority: () => number | undefined = () => undefined,
) {
  const proxyActivities = proxiesBy(priority);
  return {
    data: proxyActivities<DataActivities & FeatureActivities & EvaluationActivities & ReportActivities>({
      ...DATA,
      taskQueue: queues.data,
    }),
    publishing: proxyActivities<PublishingActivities>({ ...DATA, taskQueue: queues.data }),
    jobs: proxyActivities<
      Omit<TrainingActivities, 'findTrained'> & Pick<FeatureCodeActivities, 'runFeatureJob'>
    >({ ...JOB, taskQueue: queues.training }),
    /** The sources as the user's function gets them. */
    tables: proxyActivities<Pick<FeatureCodeActivities, 'writeTables'>>({ ...DATA, taskQueue: queues.data }),
    /** What the host that trains has in its store. */
    trained: proxyActivities<Pick<TrainingActivities, 'findTrained'>>({
      ...DATA,
      taskQueue: queues.training,
    }),
    keeping: proxyActivities<JobKeepingActivities>({ ...METADATA, taskQueue: queues.training }),
    services: proxyActivities<RegistryActivities & NotificationActivities & HandoverActivities>({
      ...METADATA,
      taskQueue: queues.services,
    }),
    upstream: proxyActivities<Omit<UpstreamActivities, 'announceOutcome'>>({
      ...METADATA,
      taskQueue: queues.services,
    }),
    announcing: proxyActivities<Pick<UpstreamActivities, 'announceOutcome'>>({
      ...ANNOUNCEMENT,
      taskQueue: queues.services,
    }),
  };
}
type AnyActivities = Record<string, (...input: unknown[]) => Promise<unknown>>;

/** As `proxyActivities`, but each call goes by the priority at its moment. */
function proxiesBy(priority: () => number | undefined) {
  return <Activities extends object>(options: ActivityOptions): ActivityInterfaceFor<Activities> =>
    new Proxy({} as ActivityInterfaceFor<Activities>, {
      get:
        (_, name: string) =>
        (...input: unknown[]) => {
          const priorityKey = priority();
          const now = priorityKey === undefined ? options : { ...options, priority: { priorityKey } };
          return proxyActivities<AnyActivities>(now)[name]?.(...input);
        },
    });
}

/** See {@link activitiesFor}. */
export type RunActivities = ReturnType<typeof activitiesFor>;
