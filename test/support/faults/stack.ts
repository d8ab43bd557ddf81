/** Everything that a run needs, real, in one folder, and harmed at will: Temporal with its data on disk, MLflow, a worker process. */
import { createMlflowClient, type MlflowClient } from 'mlflow-client-ts';
import { join } from 'node:path';
import { startMlflowServer, type MlflowServer } from '../mlflow-server';
import { startDevServer, type DevServer } from '../temporal';
import { killNow, killProcessesOf } from './processes';
import { FaultProject } from './project';
import { Runs } from './runs';
import { WorkerProcess } from './worker';

/** Time to start a stack, and for one test, on a machine that does five other things. */
export const STACK_START_MS = 240_000;
export const FAULT_TEST_MS = 150_000;

export class FaultStack {
  private constructor(
    readonly project: FaultProject,
    readonly temporal: DevServer,
    readonly mlflowServer: MlflowServer,
    readonly worker: WorkerProcess,
    readonly runs: Runs,
    readonly mlflow: MlflowClient,
    private readonly atExit: () => void,
  ) {}

  /** Starts it all, the worker with `workerOptions`. What did start is ended again when something does not. */
  static async start({
    workerOptions = [],
  }: { workerOptions?: readonly string[] } = {}): Promise<FaultStack> {
    const project = await FaultProject.create();
    // Jobs are detached: a test process that is interrupted must still take them with it.
    const atExit = (): void => killNow(project.folder);
    process.on('exit', atExit);
    const undo: (() => Promise<void>)[] = [() => project.remove()];
    try {
      const [temporal, mlflowServer] = await bothOrNone(
        startDevServer(),
        // Its own: these tests stop it and count what is on it.
        startMlflowServer({ own: true }),
      );
      undo.push(
        () => mlflowServer.stop(),
        () => temporal.stop(),
      );
      const worker = new WorkerProcess(
        project.root,
        join(project.logs, 'worker.log'),
        {
          TEMPORAL_ADDRESS: temporal.address,
          MLFLOW_TRACKING_URI: mlflowServer.uri,
          // By it `killProcessesOf` finds the worker, too.
          MILLRACE_TEST_FOLDER: project.folder,
        },
        workerOptions,
      );
      undo.push(
        () => killProcessesOf(project.folder),
        () => worker.kill(),
      );
      await worker.start();
      const runs = await Runs.at(temporal.address);
      const mlflow = createMlflowClient({ trackingUri: mlflowServer.uri });
      return new FaultStack(project, temporal, mlflowServer, worker, runs, mlflow, atExit);
    } catch (error) {
      for (const step of undo.reverse()) await step();
      process.off('exit', atExit);
      throw error;
    }
  }

  /** Ends all of it, jobs included, and removes the folder. */
  async stop(): Promise<void> {
    await this.worker.kill();
    await this.runs.close();
    await killProcessesOf(this.project.folder);
    await Promise.all([this.temporal.stop(), this.mlflowServer.stop()]);
    await this.project.remove();
    process.off('exit', this.atExit);
  }

  /** Tags by key and status of every MLflow run of a pipeline, parents and candidates. */
  async mlflowRuns(
    pipeline: string,
  ): Promise<{ name: string; status: string; tags: Record<string, string> }[]> {
    const experiment = await this.mlflow.experiments.getByName(pipeline);
    const found: { name: string; status: string; tags: Record<string, string> }[] = [];
    for await (const run of this.mlflow.runs.search({ experimentIds: [experiment.experimentId] }))
      found.push({ name: run.runName, status: run.status, tags: run.tags });
    return found;
  }
}

async function bothOrNone(
  first: Promise<DevServer>,
  second: Promise<MlflowServer>,
): Promise<[DevServer, MlflowServer]> {
  const [one, two] = await Promise.allSettled([first, second]);
  if (one.status === 'fulfilled' && two.status === 'fulfilled') return [one.value, two.value];
  for (const part of [one, two]) if (part.status === 'fulfilled') await part.value.stop();
  throw one.status === 'rejected' ? one.reason : (two as PromiseRejectedResult).reason;
}
