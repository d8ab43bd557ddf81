/** Workers of one process: one per task queue, and the host-bound twin of those that work on a local store. */
import type { NativeConnection } from '@temporalio/worker';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { storeQueueFor } from '../contracts/ids';
import { TASK_QUEUES, type QueueKind } from '../contracts/task-queues';
import { failureInterceptor } from './failure-interceptor';

/** What the workers share. */
export interface FleetOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly queues: readonly QueueKind[];
  readonly activities: Record<QueueKind, object>;
  readonly workflowBundle: NonNullable<WorkerOptions['workflowBundle']>;
  /** Store that only this host can read: work on it comes by queues of its own. Absent where every host can read the store. */
  readonly storeId?: string;
}

/** Activities at a time, by queue. DuckDB uses all cores and much memory by itself; jobs only wait; services only talk. */
const CONCURRENCY: Readonly<Record<Exclude<QueueKind, 'pipelines'>, number>> = {
  data: 2,
  training: 200,
  services: 20,
};

/**
 * Workflows that are kept in memory, some 3 MB each. The SDK's default is thousands: runs that only wait would fill the heap. One that is left out is
 * replayed from its history when something comes for it.
 */
export const MOST_CACHED_WORKFLOWS = 200;

/** Time that running activities get when a worker stops; jobs run on without them. */
const SHUTDOWN_GRACE = '10s';

/** Makes the workers; they poll once they are run. */
export async function createFleet(options: FleetOptions): Promise<Worker[]> {
  const { connection, namespace, storeId } = options;
  const workers: Promise<Worker>[] = [];
  for (const kind of options.queues) {
    const common: WorkerOptions = {
      connection,
      namespace,
      taskQueue: TASK_QUEUES[kind],
      shutdownGraceTime: SHUTDOWN_GRACE,
      interceptors: { activity: [failureInterceptor] },
      // Progress bars read heartbeats; the default would show them every half minute.
      maxHeartbeatThrottleInterval: '1s',
      defaultHeartbeatThrottleInterval: '1s',
    };
    if (kind === 'pipelines') {
      workers.push(
        Worker.create({
          ...common,
          workflowBundle: options.workflowBundle,
          maxCachedWorkflows: MOST_CACHED_WORKFLOWS,
          activities: options.activities.pipelines,
          enableNonLocalActivities: false,
        }),
      );
      continue;
    }
    const activities = {
      ...common,
      activities: options.activities[kind],
      maxConcurrentActivityTaskExecutions: CONCURRENCY[kind],
    };
    workers.push(Worker.create(activities));
    if (storeId !== undefined)
      workers.push(Worker.create({ ...activities, taskQueue: storeQueueFor(TASK_QUEUES[kind], storeId) }));
  }
  return Promise.all(workers);
}
