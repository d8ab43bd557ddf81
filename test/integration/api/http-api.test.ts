// Catches an API that starts a run twice for one key, or none; lets in who may not, or tells them what exists; takes what is not valid; forgets who
// decided; and answers an outage as if it were the caller's fault.
import { createAdaptorServer } from '@hono/node-server';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteLedger } from '../../../src/adapters/ledger/sqlite';
import { createPipelineCatalog, readProject } from '../../../src/adapters/project';
import { createRunStarter } from '../../../src/adapters/temporal/run-starter';
import { startForEvent } from '../../../src/activities/triggers/start-for-event';
import { createApi } from '../../../src/client/serve/api/app';
import { readTokens } from '../../../src/client/serve/api/tokens';
import type { Ledger } from '../../../src/ports/ledger';
import { DATASET, SOURCES } from '../../support/pipeline-text';
import { quietTemporal, startDevServer, type DevServer } from '../../support/temporal';
import { PipelineSuite } from '../../workflows/pipeline-suite';

jest.setTimeout(120_000);
quietTemporal();

const TOKENS = {
  all: 'all-may-do-everything-0001',
  starter: 'starter-may-only-start-0002',
  other: 'other-is-for-another-pipeline-0003',
};
const tokens = readTokens(
  JSON.stringify({
    tokens: [
      { name: 'ada', token: TOKENS.all, scopes: ['runs:start', 'runs:read', 'runs:cancel', 'runs:approve'] },
      { name: 'ci', token: TOKENS.starter, scopes: ['runs:start'] },
      {
        name: 'guest',
        token: TOKENS.other,
        scopes: ['runs:start', 'runs:read', 'runs:cancel', 'runs:approve'],
        pipelines: ['another'],
      },
    ],
  }),
);

const suite = new PipelineSuite();
let temporal: DevServer;
let folder: string;
let ledger: Ledger;
let server: Server;
let base: string;
const started = new Set<string>();

beforeAll(async () => {
  temporal = await startDevServer();
  await suite.start({ server: temporal });
  folder = await mkdtemp(join(tmpdir(), 'millrace-api-'));
  await mkdir(join(folder, 'pipelines'));
  await writeFile(
    join(folder, 'pipelines', 'telco-churn.yaml'),
    `apiVersion: millrace/v1
name: telco-churn
params: { depth: { type: integer, default: 3 } }
${SOURCES}${DATASET}candidates: [{ name: a, trainer: xgboost, params: { max_depth: "{{ params.depth }}" } }]
`,
  );
  ledger = await createSqliteLedger(join(folder, 'ledger.sqlite'));
});
beforeEach(async () => {
  await suite.next();
  const project = await readProject(folder);
  const api = createApi({
    client: suite.client,
    ledger,
    catalog: createPipelineCatalog({ project, environment: project.environment().settings }),
    tokens,
    start: (event) => startForEvent({ ledger, starter: createRunStarter(suite.client) }, event),
    tell: (error) => {
      throw error;
    },
  });
  server = createAdaptorServer({ fetch: api.fetch }) as Server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  // What a test has started must not meet the fakes of the next one.
  for (const workflowId of started)
    await suite.client.workflow
      .getHandle(workflowId)
      .terminate()
      .catch(() => undefined);
  started.clear();
});
afterAll(async () => {
  await suite.stop();
  await ledger.close();
  await temporal.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}
async function ask(
  path: string,
  { token = TOKENS.all, key, send }: { token?: string | null; key?: string; send?: unknown } = {},
): Promise<Asked> {
  const response = await fetch(`${base}${path}`, {
    method: send === undefined ? 'GET' : 'POST',
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(send !== undefined && { 'content-type': 'application/json' }),
    },
    ...(send !== undefined && { body: typeof send === 'string' ? send : JSON.stringify(send) }),
  });
  const body = (await response.json()) as Record<string, unknown>;
  if (send !== undefined && typeof body.workflowId === 'string') started.add(body.workflowId);
  return { status: response.status, headers: response.headers, body };
}
const START = '/v1/pipelines/telco-churn/runs';
const pathOf = (workflowId: unknown, rest = ''): string =>
  `/v1/runs/${encodeURIComponent(String(workflowId))}${rest}`;
const runsOf = async (): Promise<string[]> => {
  const { body } = await ask('/v1/runs?pipeline=telco-churn&limit=200');
  return (body.runs as { workflowId: string }[]).map(({ workflowId }) => workflowId);
};

test('a run is started with its parameters, and its cause is in its input', async () => {
  const { status, body } = await ask(START, {
    send: { params: { depth: 5 }, reason: 'drift' },
    token: TOKENS.starter,
  });
  expect(status).toBe(201);
  expect(await ledger.listUnconfirmed('9', 1)).toEqual([]);
  const history = await suite.client.workflow.getHandle(String(body.workflowId)).fetchHistory();
  const given = history.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
  expect(JSON.parse(Buffer.from(given!).toString())).toMatchObject({
    pipeline: 'telco-churn',
    params: { depth: 5 },
    startedBy: 'http ci',
    cause: { kind: 'http', reason: 'drift' },
  });
});

test('the same key is one run, however often and at once it is sent; also when Temporal has forgotten the run', async () => {
  const all = await Promise.all(Array.from({ length: 12 }, () => ask(START, { key: 'order-7', send: {} })));
  const ids = new Set(all.map(({ body }) => body.workflowId));
  expect(ids.size).toBe(1);
  expect(all.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(all.filter(({ status }) => status === 200)).toHaveLength(11);

  const [id] = ids as Set<string>;
  const handle = suite.client.workflow.getHandle(id!);
  // However it ends: it is a run that is over.
  await handle.result().catch(() => undefined);
  await suite.client.workflowService.deleteWorkflowExecution({
    namespace: temporal.namespace,
    workflowExecution: { workflowId: id! },
  });
  await suite.until('the history is gone', () =>
    handle.describe().then(
      () => false,
      () => true,
    ),
  );
  expect(await ask(START, { key: 'order-7', send: {} })).toMatchObject({
    status: 200,
    body: { workflowId: id, started: false },
  });
  await expect(handle.describe()).rejects.toThrow();
});

test('a key that was used for another request is refused', async () => {
  expect((await ask(START, { key: 'order-8', send: { params: { depth: 2 } } })).status).toBe(201);
  expect(await ask(START, { key: 'order-8', send: { params: { depth: 4 } } })).toMatchObject({
    status: 409,
    body: { code: 'EVENT_REFUSED' },
  });
});

test.each([
  { what: 'no JSON', send: '{"params":', status: 400 },
  { what: 'an unknown key', send: { parms: {} }, status: 422 },
  { what: 'an unknown parameter', send: { params: { width: 3 } }, status: 422 },
  { what: 'a parameter of another type', send: { params: { depth: 'deep' } }, status: 422 },
  { what: 'a body of 10 MB', send: { reason: 'x'.repeat(10_000_000) }, status: 413 },
])('$what is refused, and starts nothing', async ({ send, status }) => {
  const before = await runsOf();
  expect((await ask(START, { key: 'bad', send })).status).toBe(status);
  expect(await runsOf()).toEqual(before);
});

test('an unknown pipeline and an unknown run are not found', async () => {
  expect(await ask('/v1/pipelines/telco-chrun/runs', { send: {} })).toMatchObject({
    status: 404,
    body: { code: 'PIPELINE_NOT_FOUND' },
  });
  expect(await ask(pathOf('telco-churn/manual/none'))).toMatchObject({
    status: 404,
    body: { code: 'RUN_NOT_FOUND' },
  });
});

describe('who may not', () => {
  const requests = (workflowId: string) => [
    { path: START, send: {} },
    { path: '/v1/pipelines/nobody/runs', send: 'not even JSON' },
    { path: '/v1/runs?pipeline=telco-churn' },
    { path: pathOf(workflowId) },
    { path: pathOf('telco-churn/manual/none') },
    { path: pathOf(workflowId, '/cancel'), send: {} },
    { path: pathOf(workflowId, '/approve'), send: { nonsense: true } },
    { path: pathOf(workflowId, '/reject'), send: {} },
  ];

  test.each([
    { who: 'nobody', token: null, status: 401 },
    { who: 'a wrong token', token: 'wrong-but-long-enough-0000', status: 401 },
    { who: 'a token of another pipeline', token: TOKENS.other, status: 403 },
  ])('$who gets $status, and learns nothing of what exists', async ({ token, status }) => {
    const { body } = await ask(START, { send: {} });
    const answers = [];
    for (const { path, ...rest } of requests(String(body.workflowId)))
      answers.push(await ask(path, { token, ...rest }));
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => status));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
  });

  test('a token without the scope gets 403', async () => {
    const { body } = await ask(START, { send: {} });
    for (const { path, ...rest } of requests(String(body.workflowId)).slice(2))
      expect((await ask(path, { token: TOKENS.starter, ...rest })).status).toBe(403);
  });
});

describe('a run that waits for a person', () => {
  let run: string;
  beforeEach(async () => {
    suite.pipeline.resolved.approval = { required: true, timeoutSeconds: 3600 };
    run = String((await ask(START, { send: {} })).body.workflowId);
    await suite.until('it waits', async () => {
      const { body } = await ask(pathOf(run));
      return (body.status as { state: string }).state === 'awaiting-approval';
    });
  });
  const end = () =>
    suite.client.workflow.getHandle(run).result() as Promise<{ outcome: string; reasons: string[] }>;

  test('is approved once', async () => {
    expect(await ask(pathOf(run, '/approve'), { send: { why: 'looked at it' } })).toMatchObject({
      status: 200,
      body: { workflowId: run, verdict: 'approve', version: '1' },
    });
    expect(await end()).toMatchObject({ outcome: 'deployed' });
    expect((await ask(pathOf(run, '/approve'), { send: {} })).status).toBe(404);
  });

  test('is rejected by the name of the token', async () => {
    expect((await ask(pathOf(run, '/reject'), { send: { why: 'too slow' } })).status).toBe(200);
    expect((await end()).reasons.join()).toMatch(/ada.*too slow/);
  });

  test('is cancelled once', async () => {
    expect((await ask(pathOf(run, '/cancel'), { send: {} })).status).toBe(202);
    await expect(end()).rejects.toThrow();
    expect((await ask(pathOf(run, '/cancel'), { send: {} })).status).toBe(409);
  });
});

test('while Temporal is away it says so, and the repeated request is one run', async () => {
  await temporal.kill();
  const away = await ask(START, { key: 'storm', send: {} });
  expect(away).toMatchObject({ status: 503, body: { code: 'TEMPORAL_UNAVAILABLE' } });
  expect(away.headers.get('retry-after')).not.toBeNull();
  await temporal.restart();
  let again = await ask(START, { key: 'storm', send: {} });
  await suite.until(
    'Temporal is back',
    async () => (again = await ask(START, { key: 'storm', send: {} })).status < 300,
  );
  await suite.until('it is listed', async () => (await runsOf()).includes(String(again.body.workflowId)));
  expect((await runsOf()).filter((id) => id === again.body.workflowId)).toHaveLength(1);
});

test('the document names every route, and needs no token', async () => {
  const { status, body } = await ask('/openapi.json', { token: null });
  expect(status).toBe(200);
  expect(Object.keys(body.paths as object).sort()).toEqual([
    '/v1/pipelines/{name}/runs',
    '/v1/runs',
    '/v1/runs/{run}',
    '/v1/runs/{run}/approve',
    '/v1/runs/{run}/cancel',
    '/v1/runs/{run}/reject',
  ]);
});
