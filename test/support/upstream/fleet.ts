/** Workers for waiting and announcing, as a worker process has them: the real activities over a real ledger. */
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, type Worker } from '@temporalio/worker';
import { join } from 'node:path';
import { createUpstreamActivities } from '../../../src/activities/upstream';
import type { UpstreamActivityDependencies } from '../../../src/activities/upstream';
import { createSqliteLedger } from '../../../src/adapters/ledger/sqlite';
import { createRunStarter } from '../../../src/adapters/temporal/run-starter';
import { createWaiterMessenger } from '../../../src/adapters/temporal/waiter-messenger';
import type { Ledger } from '../../../src/ports/ledger';
import { createFleet } from '../../../src/workers/fleet';
import { bundleWorkflows } from '../temporal';
import type { StageActivities } from './workflows';

/** A fleet that serves. */
export interface UpstreamFleet {
  readonly client: Client;
  readonly ledger: Ledger;
  readonly workers: readonly Worker[];
  /** Run → when its first stage began (milliseconds since the epoch), and how often. */
  readonly stages: ReadonlyMap<
    string,
    { readonly at: number; readonly times: number; readonly cause?: unknown }
  >;
  stop(): Promise<void>;
}

/** Serves the queues of workflows and services. `change` puts something between the activities and what they call. */
export async function startUpstreamFleet(
  server: { readonly address: string; readonly namespace: string },
  ledgerFile: string,
  change: (dependencies: UpstreamActivityDependencies) => UpstreamActivityDependencies = (same) => same,
): Promise<UpstreamFleet> {
  const connection = await Connection.connect({ address: server.address });
  const native = await NativeConnection.connect({ address: server.address });
  const client = new Client({ connection, namespace: server.namespace });
  const ledger = await createSqliteLedger(ledgerFile);
  const stages = new Map<string, { at: number; times: number; cause?: unknown }>();
  const stage: StageActivities = {
    firstStage: ({ workflowId, cause }) => {
      const before = stages.get(workflowId);
      stages.set(workflowId, { at: before?.at ?? Date.now(), times: (before?.times ?? 0) + 1, cause });
      return Promise.resolve();
    },
  };
  const dependencies = change({
    ledger,
    starter: createRunStarter(client),
    waiters: createWaiterMessenger(client),
  });
  const workers = await createFleet({
    connection: native,
    namespace: server.namespace,
    queues: ['pipelines', 'services'],
    activities: {
      pipelines: {},
      data: {},
      training: {},
      services: { ...createUpstreamActivities(dependencies), ...stage },
    },
    workflowBundle: await bundleWorkflows(join(__dirname, 'workflows.ts')),
    storeId: 'upstream',
  });
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    client,
    ledger,
    workers,
    stages,
    async stop() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
      await ledger.close();
      await native.close();
      await connection.close();
    },
  };
}
