/** A real server, Millrace's own workers with activities that do nothing, and runs of either kind on them. */
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { runQueuesFor, TASK_QUEUES, type QueueKind } from '../../src/contracts/task-queues';
import { createFleet } from '../../src/workers/fleet';
import { bundleWorkflows, startDevServer } from '../../test/support/temporal';
import { BENCH_STORE, CANDIDATES, createNoOpActivities } from './no-op-activities';
import type { RawPipelineInput } from './raw-pipeline';

/** Kinds of runs. */
export type RunKind = 'pipeline' | 'raw';

/** What the scenarios run on. */
export interface NoOpFleet {
  readonly client: Client;
  /** Runs one to its end. @throws Error when it does not end well. */
  run(kind: RunKind, workflowId: string): Promise<void>;
}

/** Starts server and workers, and stops them after `work`, whatever it does. A run of each kind goes first, so that nothing is cold. */
export async function withNoOpFleet<Result>(work: (fleet: NoOpFleet) => Promise<Result>): Promise<Result> {
  const server = await startDevServer();
  const undo: (() => Promise<unknown>)[] = [() => server.stop()];
  try {
    const connection = await Connection.connect({ address: server.address });
    undo.unshift(() => connection.close());
    const native = await NativeConnection.connect({ address: server.address });
    undo.unshift(() => native.close());
    const client = new Client({ connection, namespace: server.namespace });
    const workers = await createFleet({
      connection: native,
      namespace: server.namespace,
      queues: Object.keys(TASK_QUEUES) as QueueKind[],
      activities: createNoOpActivities(client),
      workflowBundle: await bundleWorkflows(join(__dirname, 'workflows.ts')),
      storeId: BENCH_STORE,
    });
    const running = Promise.all(workers.map((worker) => worker.run()));
    undo.unshift(async () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
    });
    const fleet: NoOpFleet = { client, run: (kind, workflowId) => runOne(client, kind, workflowId) };
    await fleet.run('pipeline', 'warm-up-pipeline');
    await fleet.run('raw', 'warm-up-raw');
    return await work(fleet);
  } finally {
    for (const step of undo) await step();
  }
}

async function runOne(client: Client, kind: RunKind, workflowId: string): Promise<void> {
  const common = { taskQueue: TASK_QUEUES.pipelines, workflowId };
  if (kind === 'pipeline') {
    const status = await client.workflow.execute<(input: unknown) => Promise<{ outcome?: string }>>(
      'trainingPipeline',
      { ...common, args: [{ pipeline: workflowId }] },
    );
    if (status.outcome !== 'registered')
      throw new Error(`${workflowId} ended with ${status.outcome ?? 'no outcome'}`);
    return;
  }
  const input: RawPipelineInput = {
    queues: runQueuesFor({ id: BENCH_STORE, hostBound: true }),
    children: CANDIDATES,
  };
  await client.workflow.execute<(input: RawPipelineInput) => Promise<void>>('rawPipeline', {
    ...common,
    args: [input],
  });
}
