/** The owner of a model on a server that skips time, with a production in memory and runs that listen. */
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { modelReleaseIdFor } from '../../src/contracts/ids';
import { RELEASE_MESSAGES, type ModelStatus, type ReleaseRequest } from '../../src/contracts/release';
import type { modelRelease } from '../../src/workflows/model-release';
import { requestOf } from '../support/release-requests';
import { bundleWorkflows, startTimeSkipping } from '../support/temporal';
import { FakeProduction } from './fake-production';
import type { listeningRun } from './owner-and-listeners';

const PIPELINES = 'pipelines';

/** A handle on the owner. */
export type Owner = WorkflowHandle<typeof modelRelease>;
/** A word that a run has heard. */
export type Heard = { state: string } & Record<string, unknown>;
/** A run that listens, and what it asks for. */
export interface ListeningRun {
  readonly handle: WorkflowHandle;
  readonly request: ReleaseRequest;
  readonly workflowId: string;
  heard(): Promise<Heard[]>;
}

/**
 * The workers of one suite; `next` gives each test a server, a model and a production of its own. A server of its own, because a workflow that ends
 * while a task of it is under way leaves a server that skips time no more, or slowly (temporalio/sdk-java issue 1138).
 */
export class OwnerSuite {
  production = new FakeProduction();
  model = '';
  private count = 0;
  private end: () => Promise<void> = () => Promise.resolve();
  private started: TestWorkflowEnvironment | undefined;
  private bundled: WorkflowBundleWithSourceMap | undefined;

  private get bundle(): WorkflowBundleWithSourceMap {
    if (!this.bundled) throw new Error('start the suite first');
    return this.bundled;
  }

  get environment(): TestWorkflowEnvironment {
    if (!this.started) throw new Error('start the suite first');
    return this.started;
  }

  /** Bundles the workflows. */
  async start(): Promise<void> {
    this.bundled = await bundleWorkflows(join(__dirname, 'owner-and-listeners.ts'));
  }

  /** A fresh server and model, once the last ones have ended. */
  async next(): Promise<void> {
    await this.stop();
    this.production = new FakeProduction();
    this.count += 1;
    this.model = `churn-${this.count}`;
    await this.startWorkers();
  }

  /** Ends workers and server. */
  async stop(): Promise<void> {
    const { end } = this;
    this.end = () => Promise.resolve();
    await end();
  }

  /** Replays what the owner has done so far. @throws DeterminismViolationError when it would do otherwise now. */
  async replay(): Promise<void> {
    const history = await this.environment.client.workflow
      .getHandle(modelReleaseIdFor(this.model))
      .fetchHistory();
    await Worker.runReplayHistory({ workflowBundle: this.bundle }, history);
  }

  private async startWorkers(): Promise<void> {
    const environment = await startTimeSkipping();
    this.started = environment;
    const { nativeConnection: connection } = environment;
    const workers = await Promise.all([
      Worker.create({
        connection,
        taskQueue: PIPELINES,
        workflowBundle: this.bundle,
      }),
      Worker.create({ connection, taskQueue: 'services', activities: this.production.activities }),
    ]);
    const running = Promise.all(workers.map((worker) => worker.run()));
    this.end = async () => {
      const { workflow } = environment.client;
      const owner = workflow.getHandle(modelReleaseIdFor(this.model));
      await owner.terminate().catch(() => undefined);
      for (const worker of workers) worker.shutdown();
      await running;
      await environment.teardown();
    };
  }

  /** A run that listens, and its request. */
  async run(name: string, changes: Partial<ReleaseRequest> = {}): Promise<ListeningRun> {
    const workflowId = `${name}-${this.count}`;
    const handle = await this.environment.client.workflow.start<typeof listeningRun>('listeningRun', {
      workflowId,
      taskQueue: PIPELINES,
    });
    const request = requestOf(workflowId, { model: this.model, ...changes });
    return { handle, request, workflowId, heard: () => handle.query<Heard[]>('heard') };
  }

  /** Hands a request to the owner, which is started if need be. */
  submit(request: ReleaseRequest): Promise<Owner> {
    return this.environment.client.workflow.signalWithStart<typeof modelRelease, [ReleaseRequest]>(
      'modelRelease',
      {
        workflowId: modelReleaseIdFor(this.model),
        taskQueue: PIPELINES,
        args: [{ model: this.model }],
        signal: RELEASE_MESSAGES.submit,
        signalArgs: [request],
      },
    );
  }
}

/** Looks until something is there. @throws Error that says what never happened. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await pause(20);
  }
  throw new Error(`never happened: ${what}`);
}

/** All that the run has heard, once its last word is `state`. */
export function heardLast(run: ListeningRun, state: string): Promise<Heard[]> {
  return eventually(`${run.workflowId} hears ${state}`, async () => {
    const heard = await run.heard();
    return heard.at(-1)?.state === state ? heard : undefined;
  });
}

/** The kinds of words, in order. */
export const words = (heard: Heard[]): string[] => heard.map(({ state }) => state);
export const statusOf = (owner: Owner): Promise<ModelStatus> =>
  owner.query<ModelStatus>(RELEASE_MESSAGES.status);
/** A person decides by an update. */
export const decide = (
  owner: Owner,
  name: 'approve' | 'reject',
  requestId: string,
  why = 'looked at it',
): Promise<ModelStatus> =>
  owner.executeUpdate<ModelStatus, [unknown]>(name, { args: [{ requestId, by: 'ada', why }] });
export const approvalRequired = {
  required: true,
  timeoutSeconds: 3600,
  why: 'the champion could not be compared',
};
