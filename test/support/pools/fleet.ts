/** A real server, a pool's workers, and holders whose jobs are processes of this host. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, isGrpcServiceError, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { Context } from '@temporalio/activity';
import {
  createLeaseActivities,
  createPoolActivities,
  createPoolWordActivities,
} from '../../../src/activities/pools';
import { createPoolMessenger } from '../../../src/adapters/temporal/pool-messenger';
import { createRunDirectory } from '../../../src/adapters/temporal/run-directory';
import { poolIdFor } from '../../../src/contracts/ids';
import { POOL_MESSAGES, type PoolQuestion, type PoolStatus } from '../../../src/contracts/pools';
import { TASK_QUEUES } from '../../../src/contracts/task-queues';
import { MillraceError } from '../../../src/contracts/errors';
import { failureInterceptor } from '../../../src/workers/failure-interceptor';
import { MOST_CACHED_WORKFLOWS } from '../../../src/workers/fleet';
import { bundleWorkflows, startDevServer, type DevServer } from '../temporal';
import { SleepingJobs } from './sleeping-jobs';
import type { HolderActivities, HolderInput } from './workflows';

/** Of gRPC. */
const DEADLINE_EXCEEDED = 4;

/** Queue of the holders' jobs. */
export const JOBS_QUEUE = 'jobs-of-the-test';

/** How long a job of each behaviour sleeps. */
const SECONDS = { finish: 0.2, fail: 0.1, endless: 600 } as const;

/** See the file's head. */
export class PoolFleet {
  /** Called when the job of a holder is about to run. */
  onJob: (workflowId: string, fence: number) => void = () => undefined;
  private workers: Worker[] = [];
  private running: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly server: DevServer,
    readonly client: Client,
    readonly jobs: SleepingJobs,
    readonly folder: string,
    private readonly connection: Connection,
    private readonly native: NativeConnection,
    private readonly bundle: WorkflowBundleWithSourceMap,
  ) {}

  static async start(): Promise<PoolFleet> {
    const server = await startDevServer();
    const connection = await Connection.connect({ address: server.address });
    const native = await NativeConnection.connect({ address: server.address });
    const folder = await mkdtemp(join(tmpdir(), 'millrace-pools-'));
    const client = new Client({ connection, namespace: server.namespace });
    const bundle = await bundleWorkflows(join(__dirname, 'workflows.ts'));
    const fleet = new PoolFleet(server, client, new SleepingJobs(folder), folder, connection, native, bundle);
    await fleet.startWorkers();
    return fleet;
  }

  async stop(): Promise<void> {
    await this.stopWorkers();
    for (const name of this.jobs.names()) await this.jobs.end(name);
    await this.native.close();
    await this.connection.close();
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Starts the workers of all queues; holders wait while they are away. */
  async startWorkers(): Promise<void> {
    const { client, native: connection } = this;
    const runs = createRunDirectory(client);
    const pools = createPoolMessenger(client);
    const leases = createLeaseActivities({ runs, backend: this.jobs });
    const common = {
      connection,
      namespace: this.server.namespace,
      interceptors: { activity: [failureInterceptor] },
      maxHeartbeatThrottleInterval: '500ms',
      defaultHeartbeatThrottleInterval: '500ms',
      shutdownGraceTime: '1s',
    };
    const holders: HolderActivities = { runJob: (input) => this.runJob(input) };
    this.workers = await Promise.all([
      Worker.create({
        ...common,
        taskQueue: TASK_QUEUES.pipelines,
        workflowBundle: this.bundle,
        maxCachedWorkflows: MOST_CACHED_WORKFLOWS,
        activities: createPoolWordActivities({ pools }),
        enableNonLocalActivities: false,
      }),
      Worker.create({
        ...common,
        taskQueue: TASK_QUEUES.services,
        activities: { ...createPoolActivities({ pools }), ...leases },
        maxConcurrentActivityTaskExecutions: 20,
      }),
      Worker.create({ ...common, taskQueue: JOBS_QUEUE, activities: { ...holders, ...leases } }),
    ]);
    this.running = Promise.all(this.workers.map((worker) => worker.run()));
  }

  async stopWorkers(): Promise<void> {
    for (const worker of this.workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    this.workers = [];
    await this.running;
  }

  /** Tasks that the workers of this process have in hand now. */
  busySlots(): number {
    return this.workers.reduce((sum, worker) => {
      const { numInFlightActivities, numInFlightWorkflowActivations } = worker.getStatus();
      return sum + numInFlightActivities + numInFlightWorkflowActivations;
    }, 0);
  }

  hold(
    workflowId: string,
    input: Partial<HolderInput> & Pick<HolderInput, 'pool' | 'limit'>,
    options: { workflowExecutionTimeout?: number } = {},
  ): Promise<WorkflowHandle> {
    const whole: HolderInput = {
      ...{ units: 1, priority: 3, behaviour: 'finish' },
      ...input,
    };
    return this.client.workflow.start<(input: HolderInput) => Promise<void>>('leaseHolder', {
      workflowId,
      taskQueue: TASK_QUEUES.pipelines,
      args: [whole],
      ...options,
    });
  }

  /** How a pool stands. A server and a worker that are busy are given time to answer. */
  async status(pool: string, question: PoolQuestion = {}): Promise<PoolStatus> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.client.workflow
          .getHandle(poolIdFor(pool))
          .query<PoolStatus, [PoolQuestion]>(POOL_MESSAGES.status, question);
      } catch (error) {
        const { cause } = error as Error;
        if (tries === 10 || !isGrpcServiceError(cause) || (cause.code as number) !== DEADLINE_EXCEEDED)
          throw error;
      }
    }
  }

  /** Goes back to the first task of a workflow: its new execution asks the pool again. */
  async reset(workflowId: string): Promise<void> {
    const handle = this.client.workflow.getHandle(workflowId);
    const [{ runId }, { events }] = await Promise.all([handle.describe(), handle.fetchHistory()]);
    const first = events?.find((event) => event.workflowTaskCompletedEventAttributes);
    await this.client.workflowService.resetWorkflowExecution({
      namespace: this.server.namespace,
      workflowExecution: { workflowId, runId },
      workflowTaskFinishEventId: first?.eventId ?? null,
      requestId: `${runId}-reset`,
      reason: 'a test',
    });
  }

  private async runJob({
    name,
    fence,
    pool,
    behaviour,
  }: Parameters<HolderActivities['runJob']>[0]): Promise<void> {
    const context = Context.current();
    const lease = { pool, workflowId: name, what: 'job', fence };
    const job = await this.jobs.launchOrAdopt(name, lease, SECONDS[behaviour]);
    this.onJob(name, fence);
    const beat = setInterval(() => context.heartbeat(), 250);
    try {
      await Promise.race([job.ended, context.cancelled]);
    } catch (error) {
      // As training does: a cancelled run ends its job, one that is closed or whose worker stops leaves it alone.
      if (context.cancellationDetails?.cancelRequested) await this.jobs.end(name);
      throw error;
    } finally {
      clearInterval(beat);
    }
    if (behaviour === 'fail') throw new MillraceError('TRAINER_BAD_INPUT', 'it failed, as it was to');
  }
}
