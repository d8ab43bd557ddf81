/** Runs as the tests start, watch and steer them. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Connection, Client } from '@temporalio/client';
import type { RunStatus, TrainingPipelineInput } from '../../../src/contracts/runs';
import { awaitRun, readRun, retryRun, startRun, type StartedRun } from '../../../src/client';
import { pythonFolder } from '../python';
import { until } from './until';

const execFileAsync = promisify(execFile);

/** The runs of one Temporal server. */
export class Runs {
  private constructor(
    private readonly connection: Connection,
    readonly client: Client,
    private readonly address: string,
  ) {}

  static async at(address: string): Promise<Runs> {
    const connection = await Connection.connect({ address });
    return new Runs(connection, new Client({ connection }), address);
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  start(pipeline: string, input: Partial<TrainingPipelineInput> = {}): Promise<StartedRun> {
    return startRun(this.client, { pipeline, ...input }, `${pipeline}/test/${randomUUID().slice(0, 8)}`);
  }

  retry({ workflowId }: StartedRun): Promise<StartedRun> {
    return retryRun(this.client, workflowId);
  }

  /** Waits for the end of exactly this execution and returns its status, whatever the outcome. */
  async ended(run: StartedRun): Promise<RunStatus> {
    return (await awaitRun(this.client, run)).status;
  }

  /** Runs a pipeline to its end. */
  async run(pipeline: string, input: Partial<TrainingPipelineInput> = {}): Promise<RunStatus> {
    return this.ended(await this.start(pipeline, input));
  }

  /** Status of a run that goes on. */
  async status({ workflowId, runId }: StartedRun): Promise<RunStatus> {
    return (await readRun(this.client, workflowId, runId)).status;
  }

  /** Waits until one of the run's own pending activities has failed at least once, and returns its type. */
  async failingActivity({ workflowId, runId }: StartedRun): Promise<string> {
    const handle = this.client.workflow.getHandle(workflowId, runId);
    return until(`an activity of ${workflowId} fails and is tried again`, async () => {
      const { raw } = await handle.describe();
      const failing = raw.pendingActivities?.find(({ lastFailure }) => lastFailure);
      return failing?.activityType?.name ?? undefined;
    });
  }

  /** Ids of the events that an execution can be reset to: every workflow task that was completed, in order. */
  async resetPoints({ workflowId, runId }: StartedRun): Promise<number[]> {
    const { events } = await this.client.workflow.getHandle(workflowId, runId).fetchHistory();
    return (events ?? []).flatMap((event) =>
      event.workflowTaskCompletedEventAttributes ? [Number(event.eventId)] : [],
    );
  }

  /** Resets an execution with the plain `temporal` command, and returns the new one. */
  async reset({ workflowId, runId }: StartedRun, eventId: number): Promise<StartedRun> {
    const { stdout } = await execFileAsync(join(pythonFolder(), 'temporal'), [
      ...['workflow', 'reset', '--address', this.address, '--workflow-id', workflowId, '--run-id', runId],
      ...['--event-id', String(eventId), '--reason', 'a test', '--output', 'json'],
      ...['--disable-config-env', '--disable-config-file'],
    ]);
    return { workflowId, runId: (JSON.parse(stdout) as { runId: string }).runId };
  }
}
