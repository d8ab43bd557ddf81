/** Whole runs on a server that skips time, or on a real one: fake activities, the real owner of the model. */
import {
  ApplicationFailure,
  CancelledFailure,
  Client,
  Connection,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { NativeConnection, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { modelReleaseIdFor } from '../../src/contracts/ids';
import { RELEASE_MESSAGES, type ReleaseRequest } from '../../src/contracts/release';
import { RUN_MESSAGES, type RunStatus, type TrainingPipelineInput } from '../../src/contracts/runs';
import { TASK_QUEUES } from '../../src/contracts/task-queues';
import type { modelRelease, trainingPipeline } from '../../src/workflows';
import { bundleWorkflows, startTimeSkipping, type DevServer } from '../support/temporal';
import { FakePipeline } from './fake-pipeline';
import { FakeProduction } from './fake-production';
import { eventually } from './owner-suite';

/** A run. */
export type Run = WorkflowHandle<typeof trainingPipeline>;

/**
 * The workers of one suite; `next` gives each test a pipeline, a model and a production of its own, and a server of its own where it skips time: a
 * workflow that ends while a task of it is under way leaves a server that skips time no more, or slowly (temporalio/sdk-java issue 1138).
 */
export class PipelineSuite {
  production = new FakeProduction();
  pipeline = new FakePipeline('', () => Promise.resolve());
  model = '';
  /** Activities beside the fakes'; they may use the client. */
  more: (client: Client) => object = () => ({});
  private count = 0;
  private runs: Run[] = [];
  private server: DevServer | undefined;
  private bundle: WorkflowBundleWithSourceMap | undefined;
  private connected: Client | undefined;
  private end: () => Promise<void> = () => Promise.resolve();

  get client(): Client {
    if (!this.connected) throw new Error('start the suite first');
    return this.connected;
  }

  /** Bundles the workflows. Tests run on `server` where it is given. */
  async start({
    server,
    bundle = bundleWorkflows(),
  }: {
    server?: DevServer;
    bundle?: Promise<WorkflowBundleWithSourceMap>;
  } = {}): Promise<void> {
    this.bundle = await bundle;
    this.server = server;
  }

  /** A fresh pipeline and model; what the last test left ends. */
  async next(candidates?: readonly string[]): Promise<void> {
    await this.stop();
    this.production = new FakeProduction();
    this.count += 1;
    this.model = `churn-${String(this.count)}`;
    this.pipeline = new FakePipeline(this.model, ({ request }) => this.submit(request), candidates);
    // The server that skips time knows no search attributes of ours.
    this.pipeline.resolved.searchAttributes = this.server !== undefined;
    await this.startWorkers();
  }

  /** Ends what runs, the workers, and the server if it is not a given one. */
  async stop(): Promise<void> {
    const { end } = this;
    this.end = () => Promise.resolve();
    await end();
  }

  private async startWorkers(): Promise<void> {
    if (!this.bundle) throw new Error('start the suite first');
    const place = await (this.server ? connectTo(this.server) : skipTime());
    this.connected = place.client;
    const { connection } = place;
    const common = {
      connection,
      // A history must not carry the name of the machine it was recorded on.
      identity: 'millrace-test',
      maxHeartbeatThrottleInterval: '50ms',
      defaultHeartbeatThrottleInterval: '50ms',
    };
    const activities = this.activities();
    const { pipelines, data, training, services } = TASK_QUEUES;
    const workers = await Promise.all([
      Worker.create({
        ...common,
        taskQueue: pipelines,
        workflowBundle: this.bundle,
        activities,
        enableNonLocalActivities: false,
      }),
      ...[data, training, services].map((taskQueue) => Worker.create({ ...common, taskQueue, activities })),
    ]);
    const running = Promise.all(workers.map((worker) => worker.run()));
    this.end = async () => {
      await this.terminateAll();
      for (const worker of workers) worker.shutdown();
      await running;
      await place.close();
    };
  }

  /** Starts a run. */
  run(input: Partial<TrainingPipelineInput> = {}): Promise<Run> {
    return this.runWith({ pipeline: 'telco-churn', ...input });
  }

  /** Starts a run with any input, also one that the types forbid. */
  async runWith(input: unknown): Promise<Run> {
    const handle = await this.client.workflow.start<typeof trainingPipeline>('trainingPipeline', {
      workflowId: `telco-churn/manual/${String(this.count)}-${String(this.runs.length + 1)}`,
      taskQueue: TASK_QUEUES.pipelines,
      args: [input as TrainingPipelineInput],
    });
    this.runs.push(handle);
    return handle;
  }

  /** Starts a run and waits for its end. */
  async finished(input: Partial<TrainingPipelineInput> = {}): Promise<RunStatus> {
    return (await this.run(input)).result();
  }

  /** Waits until `look` is true. @throws Error that says what never happened. */
  async until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
    await eventually(what, async () => (await look()) || undefined);
  }

  private async submit(request: ReleaseRequest): Promise<void> {
    await this.client.workflow.signalWithStart<typeof modelRelease, [ReleaseRequest]>('modelRelease', {
      workflowId: modelReleaseIdFor(request.model),
      taskQueue: TASK_QUEUES.pipelines,
      args: [{ model: request.model }],
      signal: RELEASE_MESSAGES.submit,
      signalArgs: [request],
    });
  }

  /** Functions that stay, whose doing is that of the current test's fakes. */
  private activities(): object {
    const names = <Fake extends object>(fake: Fake) => Object.keys(fake) as (keyof Fake)[];
    return {
      ...this.more(this.client),
      ...Object.fromEntries(
        names(this.pipeline.activities).map((name) => [
          name,
          (input: never) => this.pipeline.activities[name](input),
        ]),
      ),
      ...Object.fromEntries(
        names(this.production.activities).map((name) => [
          name,
          (input: never) => this.production.activities[name](input),
        ]),
      ),
    };
  }

  private async terminateAll(): Promise<void> {
    const { workflow } = this.client;
    const left = [...this.runs, workflow.getHandle(modelReleaseIdFor(this.model))];
    this.runs = [];
    for (const handle of left) await handle.terminate().catch(() => undefined);
  }
}

/** A run's answer to the query `status`. */
export const statusOf = (run: Run): Promise<RunStatus> => run.query<RunStatus>(RUN_MESSAGES.status);

/** How a run failed. @throws Error when it did not. */
export async function failureOf(run: Run): Promise<{ type: string; message: string; mend: unknown }> {
  try {
    await run.result();
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (!(cause instanceof ApplicationFailure)) throw error;
    const { mend } = (cause.details?.[0] ?? {}) as { mend?: unknown };
    return { type: cause.type ?? '', message: cause.message, mend };
  }
  throw new Error('the run did not fail');
}

/** Waits for the end of a run that was cancelled. @throws Error when it ended otherwise. */
export async function cancelled(run: Run): Promise<RunStatus> {
  const end = await run.result().catch((error: unknown) => error);
  if (!(end instanceof WorkflowFailedError && end.cause instanceof CancelledFailure))
    throw new Error('the run did not end cancelled', { cause: end });
  return statusOf(run);
}

/** Stages by their state at the end. */
export const stagesIn = (status: RunStatus, state: string): string[] =>
  status.stages.filter((stage) => stage.state === state).map(({ stage }) => stage);

interface Place {
  readonly client: Client;
  readonly connection: NativeConnection;
  close(): Promise<void>;
}

async function skipTime(): Promise<Place> {
  const environment = await startTimeSkipping();
  return {
    client: environment.client,
    connection: environment.nativeConnection,
    close: () => environment.teardown(),
  };
}

async function connectTo({ address, namespace }: DevServer): Promise<Place> {
  const [toAsk, connection] = await Promise.all([
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
  ]);
  return {
    client: new Client({ connection: toAsk, namespace, identity: 'millrace-test' }),
    connection,
    async close() {
      await connection.close();
      await toAsk.close();
    },
  };
}
