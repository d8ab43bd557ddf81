/** Requests of the HTTP API that start runs. */
import { createAdaptorServer } from '@hono/node-server';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mapConcurrently } from '../src/contracts/concurrency';
import { startForEvent } from '../src/activities/triggers/start-for-event';
import { createSqliteLedger } from '../src/adapters/ledger/sqlite';
import { createPipelineCatalog, readProject } from '../src/adapters/project';
import { createRunStarter } from '../src/adapters/temporal/run-starter';
import { createApi } from '../src/client/serve/api/app';
import { readTokens } from '../src/client/serve/api/tokens';
import { until } from '../test/support/faults/until';
import { DATASET, SOURCES } from '../test/support/pipeline-text';
import type { Figure, Scenario } from './scenario';
import { eventsOf, firstStepAt } from './support/histories';
import { withNoOpFleet, type NoOpFleet } from './support/no-op-fleet';
import { percentile } from './support/statistics';

const ONE_BY_ONE = 100;
const REPEATED = 200;
const AT_ONCE = 20;
const TOKEN = 'the-bench-may-start-runs-0001';
const LIMIT_MS = 60_000;

/** See the file's head. Real sockets, real claims; a run is ended once its first stage has begun, so that the next one has the machine. */
export const httpEvents: Scenario = {
  name: 'http-events',
  question:
    'how soon does a request start the first stage of its run, and is one that is sent twice one run?',
  run: ({ say }) => withNoOpFleet((fleet) => withApi(fleet, (base) => measure(fleet, base, say))),
};

async function measure(fleet: NoOpFleet, base: string, say: (text: string) => void): Promise<Figure[]> {
  const latencies: number[] = [];
  for (let index = 0; index < ONE_BY_ONE; index += 1) {
    const at = Date.now();
    const workflowId = await startRun(base, `single-${index}`);
    const begun = await until(
      `${workflowId} has its first stage`,
      async () => {
        const step = firstStepAt(await eventsOf(fleet.client, workflowId));
        return Number.isNaN(step) ? undefined : step;
      },
      LIMIT_MS,
    );
    latencies.push(begun - at);
    await fleet.client.workflow.getHandle(workflowId).terminate();
  }
  const [p50, p95] = [percentile(latencies, 50), percentile(latencies, 95)];
  say(`${ONE_BY_ONE} requests one by one: p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`);
  const keys = Array.from({ length: REPEATED * 2 }, (_, index) => `twice-${index % REPEATED}`);
  const runs = new Set<string>();
  await mapConcurrently(keys, AT_ONCE, async (key) => void runs.add(await startRun(base, key)));
  for (const workflowId of runs) await fleet.client.workflow.getHandle(workflowId).terminate();
  return [
    { name: 'request to first stage, p50', value: p50, unit: 'ms' },
    {
      name: 'request to first stage, p95',
      value: p95,
      unit: 'ms',
      limit: { below: 1000 },
      note: `${ONE_BY_ONE} requests, one after the other`,
    },
    {
      name: `runs of ${REPEATED} keys that were sent twice`,
      value: runs.size,
      unit: 'runs',
      limit: { atMost: REPEATED },
    },
  ];
}

async function startRun(base: string, key: string): Promise<string> {
  const response = await fetch(`${base}/v1/pipelines/bench/runs`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: '{}',
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the API answered ${response.status}: ${text}`);
  return (JSON.parse(text) as { workflowId: string }).workflowId;
}

async function withApi<Result>(
  { client }: NoOpFleet,
  work: (base: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-http-'));
  await mkdir(join(folder, 'pipelines'));
  const candidate = 'candidates: [{ name: a, trainer: xgboost }]';
  await writeFile(
    join(folder, 'pipelines', 'bench.yaml'),
    `apiVersion: millrace/v1\nname: bench\n${SOURCES}${DATASET}${candidate}\n`,
  );
  const ledger = await createSqliteLedger(join(folder, 'ledger.sqlite'));
  const project = await readProject(folder);
  const starter = createRunStarter(client);
  const tokens = readTokens(
    JSON.stringify({ tokens: [{ name: 'bench', token: TOKEN, scopes: ['runs:start'] }] }),
  );
  const api = createApi({
    client,
    ledger,
    catalog: createPipelineCatalog({ project, environment: project.environment().settings }),
    tokens,
    start: (event) => startForEvent({ ledger, starter }, event),
    tell: (error) => {
      throw error;
    },
  });
  const server = createAdaptorServer({ fetch: api.fetch }) as Server;
  try {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
    await ledger.close();
    await rm(folder, { recursive: true, force: true });
  }
}
