/** A process that serves all that a backfill needs, until it is killed: `worker.ts ADDRESS NAMESPACE LEDGER RUNS BUNDLE`. Each run is a line of the file RUNS. */
import { appendFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createBackfillActivities } from '../../../src/activities/backfill';
import { createSqliteLedger } from '../../../src/adapters/ledger/sqlite';
import { createRunDirectory } from '../../../src/adapters/temporal/run-directory';
import { TASK_QUEUES } from '../../../src/contracts/task-queues';
import { quietTemporal } from '../temporal';
import { beating, recordRun } from './stand-in';
import type { StandInActivities } from './workflows';

async function main(): Promise<void> {
  const [address = '', namespace = '', ledgerFile = '', runsFile = '', codePath = ''] = process.argv.slice(2);
  quietTemporal();
  const ledger = await createSqliteLedger(ledgerFile);
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace });
  const common = { connection, namespace };
  const standIn: StandInActivities = {
    async runPartition(run) {
      // The work of a run; the file is what shows that it ran.
      await beating(() => pause(50));
      await appendFile(runsFile, `${run.workflowId} ${run.runId}\n`);
      await recordRun(ledger, run, 'stopped');
      return 'stopped';
    },
  };
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.pipelines,
      workflowBundle: { codePath },
    }),
    Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.services,
      activities: createBackfillActivities({ ledger, runs: createRunDirectory(client) }),
    }),
    Worker.create({ ...common, taskQueue: TASK_QUEUES.data, activities: standIn }),
  ]);
  process.stdout.write('ready\n');
  await Promise.all(workers.map((worker) => worker.run()));
}

void main();
