/** A real development server, a real ledger, and workers that serve the real backfill with runs of one activity. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { createBackfillActivities } from '../../../src/activities/backfill';
import { createSqliteLedger } from '../../../src/adapters/ledger/sqlite';
import { createRunDirectory } from '../../../src/adapters/temporal/run-directory';
import type { BackfillInput, BackfillStatus } from '../../../src/contracts/backfill';
import { backfillIdFor } from '../../../src/contracts/ids';
import type { TrainingPipelineInput } from '../../../src/contracts/runs';
import { TASK_QUEUES } from '../../../src/contracts/task-queues';
import type { Ledger } from '../../../src/ports/ledger';
import type { RunDirectory } from '../../../src/ports/run-directory';
import { failureInterceptor } from '../../../src/workers/failure-interceptor';
import { bundleWorkflows, startDevServer, type DevServer } from '../temporal';
import { beating, failed, recordRun } from './stand-in';
import type { StandInActivities } from './workflows';

/** A backfill. */
export type Backfill = WorkflowHandle<(input: BackfillInput) => Promise<BackfillStatus>>;
/** One call of the stand-in. */
export type PartitionRun = Parameters<StandInActivities['runPartition']>[0];

/** What the tests work with; `end` leaves nothing behind. */
export class BackfillSuite {
  readonly directory: RunDirectory;
  /** Calls of the stand-in, in order. */
  readonly runs: PartitionRun[] = [];
  /** What a call comes to; the test may change it. */
  behave: (run: PartitionRun) => Promise<string> | string = () => 'stopped';
  private ending: (() => Promise<unknown>)[] = [];
  private count = 0;

  private constructor(
    readonly server: DevServer,
    readonly client: Client,
    readonly ledger: Ledger,
    readonly ledgerFile: string,
    private readonly native: NativeConnection,
    readonly bundle: WorkflowBundleWithSourceMap,
  ) {
    this.directory = createRunDirectory(client);
  }

  /** Starts server and ledger; workers come with {@link serve}. */
  static async start(): Promise<BackfillSuite> {
    const bundling = bundleWorkflows(join(__dirname, 'workflows.ts'));
    const server = await startDevServer();
    const connection = await Connection.connect({ address: server.address });
    const native = await NativeConnection.connect({ address: server.address });
    const folder = await mkdtemp(join(tmpdir(), 'millrace-backfill-'));
    const file = join(folder, 'ledger.sqlite');
    const ledger = await createSqliteLedger(file);
    const client = new Client({ connection, namespace: server.namespace });
    const suite = new BackfillSuite(server, client, ledger, file, native, await bundling);
    suite.ending = [
      () => connection.close(),
      () => native.close(),
      () => ledger.close(),
      () => server.stop(),
      () => rm(folder, { recursive: true }),
    ];
    return suite;
  }

  /** Starts workers for these kinds of work, and returns what stops them. */
  async serve(
    kinds: readonly ('workflows' | 'services' | 'runs')[],
    atOnce = 20,
  ): Promise<() => Promise<void>> {
    const common = {
      connection: this.native,
      namespace: this.server.namespace,
      interceptors: { activity: [failureInterceptor] },
    };
    const workers = await Promise.all(
      kinds.map((kind) => {
        if (kind === 'workflows')
          return Worker.create({
            ...common,
            taskQueue: TASK_QUEUES.pipelines,
            workflowBundle: this.bundle,
          });
        if (kind === 'services')
          return Worker.create({
            ...common,
            taskQueue: TASK_QUEUES.services,
            activities: createBackfillActivities({ ledger: this.ledger, runs: this.directory }),
          });
        return Worker.create({
          ...common,
          taskQueue: TASK_QUEUES.data,
          activities: this.standIn(),
          maxConcurrentActivityTaskExecutions: atOnce,
        });
      }),
    );
    const running = Promise.all(workers.map((worker) => worker.run()));
    let stopped = false;
    const stop = async (): Promise<void> => {
      if (stopped) return;
      stopped = true;
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
    };
    this.ending.unshift(stop);
    return stop;
  }

  /** Stops all that was started. */
  async end(): Promise<void> {
    for (const step of this.ending) await step();
  }

  /** Starts a backfill of daily partitions unless told otherwise. */
  async backfill(
    input: Omit<BackfillInput, 'range'> & {
      range: { from: string; to: string } & Partial<BackfillInput['range']>;
    },
  ): Promise<Backfill> {
    this.count += 1;
    return this.client.workflow.start<(input: BackfillInput) => Promise<BackfillStatus>>('backfill', {
      workflowId: backfillIdFor(input.pipeline, `b${String(this.count)}`),
      taskQueue: TASK_QUEUES.pipelines,
      args: [{ ...input, range: { every: 'day', ...input.range } }],
    });
  }

  /** Starts a run as a live event would. */
  async live(pipeline: string, id: string, priorityKey: number): Promise<void> {
    await this.client.workflow.start<(input: TrainingPipelineInput) => Promise<unknown>>('trainingPipeline', {
      workflowId: id,
      taskQueue: TASK_QUEUES.pipelines,
      priority: { priorityKey },
      args: [{ pipeline }],
    });
  }

  /** Days that ran, each as often as it ran. */
  days(pipeline: string): string[] {
    return this.runs
      .filter(({ input }) => input.pipeline === pipeline)
      .map(({ input }) => (input.nominalDate ?? '').slice(0, 10))
      .sort();
  }

  private standIn(): StandInActivities {
    return {
      runPartition: async (run) => {
        this.runs.push(run);
        const outcome = await beating(async () => this.behave(run));
        await recordRun(this.ledger, run, outcome);
        if (outcome === 'failed') throw failed();
        return outcome;
      },
    };
  }
}
