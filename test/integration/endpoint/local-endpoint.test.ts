// Catches an endpoint that changes its address with the version, loses a request in a switch, dies with the worker that started it, serves
// nothing after a crash, kills a stranger whose pid it once knew, or leaves processes behind.
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { lookUntil } from '../../../src/adapters/endpoint/local/looks';
import { processesWith } from '../../../src/adapters/endpoint/local/processes';
import { readRecord, writeRecord } from '../../../src/adapters/endpoint/local/records';
import { currentSystem, isAlive, readStat } from '../../../src/adapters/local-host/process-identity';
import type { DeploymentPlan, EndpointHost } from '../../../src/ports/endpoint-host';
import { makeChurnModels, projectPython } from '../../support/churn-models';
import { startTypeScript } from '../../support/child-process';
import { localEndpoints } from '../../support/local-endpoints';
import { freePort } from '../../support/free-port';

jest.setTimeout(300_000);

const MODEL = 'churn';
let models: string;
let root: string;
let host: EndpointHost;

beforeAll(async () => {
  models = await makeChurnModels({ mild: 0.05, strong: 20 });
});
afterAll(() => rm(models, { recursive: true, force: true }));

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'millrace-endpoints-'));
  host = localEndpoints(root);
});
afterEach(async () => {
  await host.stopAll();
  await rm(root, { recursive: true, force: true });
});

const planOf = (version: string, changes: Partial<DeploymentPlan> = {}): DeploymentPlan => ({
  model: MODEL,
  deploymentId: `v${version}-test`,
  version,
  modelDirectory: join(models, version === '1' ? 'mild' : 'strong', 'model'),
  python: projectPython(),
  threshold: 0.3,
  ...changes,
});
const deploy = async (plan: DeploymentPlan): Promise<string> => {
  await host.stage(plan);
  return (await host.switchTo(plan)).endpoint;
};

const ROW = { columns: ['tenure', 'charges', 'contract', 'since'], data: [[3, 80.5, 'month', '2020-01-04']] };
/** Asks for one prediction; throws on anything but an answer. */
async function ask(endpoint: string): Promise<{ version: string | null; score: number; prediction: string }> {
  const answer = await fetch(`${endpoint}/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ dataframe_split: ROW }),
  });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  const { predictions } = (await answer.json()) as { predictions: { score: number; prediction: string }[] };
  return { ...predictions[0]!, version: answer.headers.get('x-millrace-model-version') };
}
async function statusOf(endpoint: string, body: string | ReadableStream): Promise<number> {
  const answer = await fetch(`${endpoint}/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    duplex: 'half',
  });
  await answer.text();
  return answer.status;
}
const folderOf = (version: string) => join(root, MODEL, 'deployments', `v${version}-test`);
const serverOf = async (version: string) => (await readRecord(folderOf(version), 'server.json'))!;

test('versions change behind one address, and every answer says which one it is from', async () => {
  const first = planOf('1');
  await host.stage(first);
  expect(await host.list()).toEqual([]);
  const { endpoint } = await host.switchTo(first);
  const before = await ask(endpoint);
  expect(before.version).toBe('1');
  expect(before.prediction).toBe(before.score >= 0.3 ? 'Yes' : 'No');
  expect((await fetch(`${endpoint}/ping`)).status).toBe(200);
  expect(await (await fetch(`${endpoint}/version`)).text()).toMatch(/^\d+\.\d+/);
  const rows = JSON.stringify({ dataframe_split: ROW });
  expect(await statusOf(endpoint, 'x'.repeat(17 * 1024 * 1024))).toBe(413);
  expect(await statusOf(endpoint, '{"dataframe_split": {"columns": ["tenure"], "data": [[1]]}}')).toBe(400);
  // Without a length: as a stream, in chunks.
  expect(await statusOf(endpoint, new Blob([rows]).stream())).toBe(200);

  expect(await deploy(planOf('2'))).toBe(endpoint);
  const after = await ask(endpoint);
  expect(after.version).toBe('2');
  expect(after.score).not.toBeCloseTo(before.score, 3);
  await host.complete(planOf('2'));
  expect(await host.list()).toEqual([
    { model: MODEL, endpoint, version: '2', deploymentId: 'v2-test', gateway: 'running', server: 'running' },
  ]);
  // Only what serves is left.
  expect(await processesWith('MILLRACE_DEPLOYMENT_DIR', folderOf('1'))).toEqual([]);
  await expect(readFile(join(folderOf('1'), 'deployment.json'))).rejects.toThrow('ENOENT');
  // A repeat of any step changes nothing.
  expect(await host.switchTo(planOf('2'))).toEqual({ endpoint });
  await host.complete(planOf('2'));
  expect((await ask(endpoint)).version).toBe('2');
});

test('no request fails while versions are switched under load', async () => {
  const endpoint = await deploy(planOf('1'));
  const seen: string[] = [];
  const failures: string[] = [];
  const state = { over: false };
  const callers = Array.from({ length: 3 }, async () => {
    while (!state.over) {
      await ask(endpoint).then(
        ({ version }) => seen.push(version ?? 'none'),
        (error: unknown) => failures.push(String(error)),
      );
      await pause(10);
    }
  });
  for (const version of ['2', '1']) {
    await deploy(planOf(version));
    await host.complete(planOf(version));
  }
  state.over = true;
  await Promise.all(callers);
  expect(failures).toEqual([]);
  expect(seen.length).toBeGreaterThan(100);
  expect(new Set(seen)).toEqual(new Set(['1', '2']));
  expect(seen.at(-1)).toBe('1');
});

test('the endpoint outlives the process that started it, killed as hard as can be', async () => {
  const starter = startTypeScript(join(__dirname, '..', '..', 'support', 'endpoint-starter.ts'), [
    root,
    JSON.stringify(planOf('1')),
  ]);
  let endpoint = '';
  for await (const line of starter.lines) {
    endpoint = line;
    break;
  }
  starter.process.kill('SIGKILL');
  await starter.ended;
  expect((await ask(endpoint)).version).toBe('1');
  // The next process takes it over as it is.
  const server = await serverOf('1');
  expect(await host.ensureRunning(MODEL)).toMatchObject({ endpoint, gateway: 'running', server: 'running' });
  expect(await serverOf('1')).toEqual(server);
});

test('what died is started again at the same address, and callers are told in between', async () => {
  const endpoint = await deploy(planOf('1'));
  const server = await serverOf('1');
  process.kill(server.process.pid, 'SIGKILL');
  await until(async () => !(await isAlive(server.process)));
  const answer = await fetch(`${endpoint}/ping`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ error_code: 'TEMPORARILY_UNAVAILABLE' });
  expect((await host.list())[0]?.server).toBe('stopped');

  const gateway = (await readRecord(join(root, MODEL), 'gateway.json'))!;
  process.kill(gateway.process.pid, 'SIGKILL');
  await until(async () => !(await isAlive(gateway.process)));
  expect(await host.ensureAllRunning()).toMatchObject([{ endpoint, gateway: 'running', server: 'running' }]);
  expect((await ask(endpoint)).version).toBe('1');

  // As if the worker had died between starting a server and writing it down.
  const lost = await serverOf('1');
  await rm(join(folderOf('1'), 'server.json'));
  await host.ensureRunning(MODEL);
  expect(await isAlive(lost.process)).toBe(false);
  expect((await ask(endpoint)).version).toBe('1');
  const running = await processesWith('MILLRACE_DEPLOYMENT_DIR', folderOf('1'));
  expect(running).toEqual([(await serverOf('1')).process]);

  await host.stop(MODEL);
  await expect(fetch(endpoint)).rejects.toThrow();
  expect(await processesWith('MILLRACE_DEPLOYMENT_DIR', folderOf('1'))).toEqual([]);
  expect(await host.list()).toMatchObject([{ endpoint, gateway: 'stopped', server: 'stopped' }]);
});

test('a deployment that is discarded after the switch gives way to the one before', async () => {
  const endpoint = await deploy(planOf('1'));
  const server = await serverOf('1');
  await deploy(planOf('2'));
  await host.discard(planOf('2'));
  expect((await ask(endpoint)).version).toBe('1');
  expect(await serverOf('1')).toEqual(server);
  await host.discard(planOf('2'));
  expect((await ask(endpoint)).version).toBe('1');
  // The first one of all has none before it.
  await host.discard(planOf('1'));
  expect((await fetch(`${endpoint}/ping`)).status).toBe(503);
  expect(await processesWith('MILLRACE_DEPLOYMENT_DIR', folderOf('1'))).toEqual([]);
});

test('a model that cannot be served is refused with its own words, and nothing is left of it', async () => {
  const endpoint = await deploy(planOf('1'));
  const broken = join(root, 'broken-model');
  await cp(join(models, 'strong', 'model'), broken, { recursive: true });
  await writeFile(join(broken, 'data', 'estimator.pkl'), 'no pickle');
  await expect(host.stage(planOf('2', { modelDirectory: broken }))).rejects.toMatchObject({
    code: 'DEPLOYMENT_FAILED',
    message: expect.stringMatching(/UnpicklingError|pickle/) as unknown,
  });
  expect((await ask(endpoint)).version).toBe('1');
  expect(await processesWith('MILLRACE_DEPLOYMENT_DIR', folderOf('2'))).toEqual([]);
});

test('a stranger with the pid of a dead server is left alone', async () => {
  const stranger = spawn('sleep', ['60'], { detached: true });
  try {
    const stat = (await readStat(stranger.pid!))!;
    await mkdir(folderOf('9'), { recursive: true });
    await writeRecord(folderOf('9'), 'server.json', {
      port: 1,
      process: { ...currentSystem(), pid: stranger.pid!, startTicks: stat.startTicks - 1 },
      startedAt: '2026-01-01T00:00:00.000Z',
    });
    await host.stop(MODEL);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    expect((await readStat(stranger.pid!))?.startTicks).toBe(stat.startTicks);
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('the port of the pipeline file is taken; one that somebody else has is refused before anything changes', async () => {
  const first = await freePort();
  const endpoint = await deploy(planOf('1', { port: first }));
  expect(endpoint).toBe(`http://127.0.0.1:${first}`);

  const { server, port } = await occupiedPort();
  await host.stage(planOf('2', { port }));
  await expect(host.switchTo(planOf('2'))).rejects.toMatchObject({
    code: 'DEPLOYMENT_FAILED',
    retryable: false,
    message: expect.stringContaining(`port ${port}`) as unknown,
  });
  expect((await ask(endpoint)).version).toBe('1');

  await new Promise((resolve) => server.close(resolve));
  expect(await host.switchTo(planOf('2'))).toEqual({ endpoint: `http://127.0.0.1:${port}` });
  expect((await ask(`http://127.0.0.1:${port}`)).version).toBe('2');
  await expect(fetch(endpoint)).rejects.toThrow();
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const found = await lookUntil(10_000, 20, async () => ((await condition()) ? true : undefined));
  if (!found) throw new Error('it did not come to pass');
}

async function occupiedPort(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as { port: number }).port };
}
