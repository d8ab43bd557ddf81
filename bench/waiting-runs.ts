/** What it costs to wait for an upstream, and how soon a run goes on that has waited. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { createSqliteLedger } from '../src/adapters/ledger/sqlite';
import type { ResolvedWait } from '../src/contracts/announcements';
import { TASK_QUEUES } from '../src/contracts/task-queues';
import type { Ledger } from '../src/ports/ledger';
import { startDevServer } from '../test/support/temporal';
import type { announcingRun, waitingRun } from '../test/support/upstream/workflows';
import type { Figure, Scenario } from './scenario';
import { percentile } from './support/statistics';
import { startWaitingWorker, type WaitingWorker } from './support/waiting-worker';

const RUNS = 5000;
const AT_ONCE = 50;
/** Announcements that each start one pipeline, one after the other. */
const STARTS = 50;
const LOOK_MS = 100;
const LIMIT_MS = 20 * 60_000;
const DATASET = 'churn.features';
const WAIT: ResolvedWait = { dataset: DATASET, within: 60, failed: ['failed'], timeout: 86_400 };

/** What the parts of the scenario work with. */
interface Bench {
  readonly client: Client;
  readonly ledger: Ledger;
  readonly worker: WaitingWorker;
  readonly say: (text: string) => void;
}

/** See the file's head. Everything is real but the runs, which have the waiting of real ones and one stage. */
export const waitingRuns: Scenario = {
  name: 'waiting-runs',
  question: `what do ${RUNS.toLocaleString('en')} runs cost that wait for one upstream, and how soon do they go on?`,
  async run({ say }) {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-waiting-'));
    const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
    try {
      const server = await startDevServer();
      undo.unshift(() => server.stop());
      const file = join(folder, 'ledger.sqlite');
      const worker = await startWaitingWorker([server.address, server.namespace, file]);
      undo.unshift(() => worker.stop());
      const connection = await Connection.connect({ address: server.address });
      undo.unshift(() => connection.close());
      const ledger = await createSqliteLedger(file);
      undo.unshift(() => ledger.close());
      const bench = { client: new Client({ connection, namespace: server.namespace }), ledger, worker, say };
      return [...(await startedRuns(bench)), ...(await wokenRuns(bench))];
    } finally {
      for (const step of undo) await step();
    }
  },
};

/** One announcement, one start, often: from the announcement to the first stage of the run that it starts. */
async function startedRuns({ client, ledger, worker }: Bench): Promise<Figure[]> {
  const milliseconds: number[] = [];
  for (let number = 0; number < STARTS; number += 1) {
    const [dataset, pipeline] = [`features-${number}`, `downstream-${number}`];
    await ledger.putRegistration({
      pipeline,
      file: `${pipeline}.yaml`,
      triggers: [{ upstream: { dataset } }],
      sources: [],
      appliedAt: new Date().toISOString(),
    });
    const { at, started } = await announce(client, dataset);
    if (started.length !== 1)
      throw new Error(`the announcement of ${dataset} started ${started.length} runs`);
    const began = await until(`the first stage of ${pipeline}`, async () =>
      (await worker.state('stages')).stages.find(([workflowId]) => workflowId === started[0]),
    );
    milliseconds.push(began[1] - Date.parse(at));
    await ledger.removeRegistration(pipeline);
  }
  return [
    {
      name: 'announcement → first stage of the run that it starts, p50',
      value: percentile(milliseconds, 50),
      unit: 'ms',
    },
    { name: '… p95', value: percentile(milliseconds, 95), unit: 'ms', note: `${STARTS} one after the other` },
  ];
}

async function wokenRuns({ client, ledger, worker, say }: Bench): Promise<Figure[]> {
  const started = performance.now();
  const memory = new Map<number, number>();
  for (let first = 0; first < RUNS; first += AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, RUNS - first) }, (_, index) =>
        client.workflow.start<typeof waitingRun>('waitingRun', {
          workflowId: `waiting/${first + index}`,
          taskQueue: TASK_QUEUES.pipelines,
          args: [WAIT],
        }),
      ),
    );
    const count = first + AT_ONCE;
    // No faster than the machine takes them: tasks that wait for ten seconds are given to somebody else.
    await until(`${count} runs wait`, async () => (await countWaiting(ledger)) === count);
    if (count % (RUNS / 5) !== 0) continue;
    await until('the worker is at nothing', async () => (await worker.state()).busy === 0);
    const { memoryBytes } = await worker.state();
    memory.set(count, memoryBytes);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    say(`${count} runs wait after ${seconds} s, the worker has ${(memoryBytes / 1e6).toFixed(0)} MB`);
  }
  const seconds = (performance.now() - started) / 1000;
  const busy = (await worker.state()).busy;
  const { at, woken } = await announce(client, DATASET);
  await until('all have gone on', async () => (await worker.state()).staged === RUNS + STARTS);
  const stages = (await worker.state('stages')).stages.filter(([id]) => id.startsWith('waiting/'));
  const after = stages.map(([, moment]) => moment - Date.parse(at)).sort((a, b) => a - b);
  const [few = NaN, many = NaN] = [memory.get(RUNS / 5), memory.get(RUNS)];
  return [
    {
      name: 'runs that wait for one announcement',
      value: RUNS,
      unit: 'runs',
      note: `woken ${woken}, registered in ${seconds.toFixed(0)} s`,
    },
    { name: 'slots of the worker that they hold', value: busy, unit: 'runs', limit: { atMost: 0 } },
    {
      name: `worker's memory with ${RUNS} / with ${RUNS / 5}`,
      value: many / few,
      unit: '×',
      limit: { atMost: 1.25 },
      note: `${(many / 1e6).toFixed(0)} MB, ${(few / 1e6).toFixed(0)} MB`,
    },
    { name: 'announcement → first run goes on', value: after[0] ?? NaN, unit: 'ms', limit: { atMost: 1000 } },
    { name: '… p50 of all', value: percentile(after, 50), unit: 'ms' },
    { name: '… p95 of all', value: percentile(after, 95), unit: 'ms' },
    { name: '… last', value: after.at(-1) ?? NaN, unit: 'ms' },
  ];
}

function announce(client: Client, dataset: string): ReturnType<typeof announcingRun> {
  return client.workflow.execute<typeof announcingRun>('announcingRun', {
    workflowId: `announcing/${dataset}`,
    taskQueue: TASK_QUEUES.pipelines,
    args: [{ pipeline: `${dataset}-pipeline`, outcome: 'published', dataset: { name: dataset } }],
  });
}

async function countWaiting(ledger: Ledger): Promise<number> {
  const announced = { kind: 'dataset', name: DATASET, outcome: 'published' } as const;
  return (await ledger.listWaiters(announced, { limit: RUNS * 2 })).length;
}

async function until<Found>(what: string, look: () => Promise<Found | undefined | false>): Promise<Found> {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`it did not come true: ${what}`);
    await pause(LOOK_MS);
  }
}
