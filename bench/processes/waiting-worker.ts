/** A worker of runs that wait, in a process of its own: `waiting-worker.ts ADDRESS NAMESPACE LEDGER`. Answers each line of its input with one of JSON. */
import { createInterface } from 'node:readline';
import { quietTemporal } from '../../test/support/temporal';
import { startUpstreamFleet } from '../../test/support/upstream/fleet';

/** What the worker says of itself. */
export interface WorkerState {
  /** Resident memory of the process. */
  readonly memoryBytes: number;
  /** Activities and workflow tasks that the worker is at. */
  readonly busy: number;
  /** Runs whose first stage has begun. */
  readonly staged: number;
  /** Of those, when (milliseconds since the epoch); only where it was asked for. */
  readonly stages: readonly (readonly [string, number])[];
}

async function main([address = '', namespace = '', ledger = '']: readonly string[]): Promise<void> {
  quietTemporal();
  const fleet = await startUpstreamFleet({ address, namespace }, ledger);
  process.stdout.write('ready\n');
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'stop') break;
    const status = fleet.workers.map((worker) => worker.getStatus());
    const state: WorkerState = {
      memoryBytes: process.memoryUsage.rss(),
      busy: status.reduce(
        (sum, one) => sum + one.numInFlightActivities + one.numInFlightWorkflowActivations,
        0,
      ),
      staged: fleet.stages.size,
      stages: line === 'stages' ? [...fleet.stages].map(([id, { at }]) => [id, at] as const) : [],
    };
    process.stdout.write(`${JSON.stringify(state)}\n`);
  }
  await fleet.stop();
}

void main(process.argv.slice(2));
