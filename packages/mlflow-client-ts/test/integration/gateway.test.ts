/**
 * Catches a client that works only on a bare address: loses a path prefix, does not identify itself, follows a redirect with
 * its credentials, sends a body without its length, takes half an answer for a whole one, or shows a password in an error. A gateway in front of the real server asks for all of it.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { startMlflowServer, type MlflowServer } from '../../../../test/support/mlflow-server';
import { createMlflowClient, isNotFound } from '../../src/index';
import { failureFrom, uniqueName } from './suites/context';

jest.setTimeout(240_000);

const password = 's3cret:pässword';
const basic = `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`;
let server: MlflowServer;
let gateway: Server;
let address: string;

/** Serves `/team/ml/…` to who is allowed in, redirects `/old/…` there, and has no other paths. Breaks off when asked to. */
beforeAll(async () => {
  server = await startMlflowServer();
  const upstream = new URL(server.uri);
  gateway = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '';
    if (path.startsWith('/old/')) {
      outgoing.writeHead(302, { location: path.replace('/old/', '/team/ml/') }).end();
      return;
    }
    const allowed = [basic, 'Bearer token-1'].includes(incoming.headers.authorization ?? '');
    if (!allowed || incoming.headers['x-gateway'] === undefined) {
      outgoing.writeHead(401, { 'content-type': 'text/html' }).end('<html><h1>Who are you?</h1></html>');
      return;
    }
    if (!path.startsWith('/team/ml/')) {
      outgoing.writeHead(404, { 'content-type': 'text/html' }).end('<h1>nothing here</h1>');
      return;
    }
    if (incoming.method === 'PUT' && incoming.headers['content-length'] === undefined) {
      outgoing.writeHead(411).end('how long?');
      return;
    }
    const forwarded = request(
      new URL(path.slice('/team/ml'.length), upstream),
      { method: incoming.method, headers: { ...incoming.headers, host: upstream.host } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        if (incoming.headers['x-gateway'] === 'breaks' && path.includes('mlflow-artifacts')) {
          answer.once('data', (chunk: Buffer) => outgoing.write(chunk, () => outgoing.destroy()));
        } else answer.pipe(outgoing);
      },
    );
    forwarded.on('error', (error) => outgoing.destroy(error));
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${String((gateway.address() as AddressInfo).port)}`;
});
afterAll(async () => {
  gateway.closeAllConnections();
  await new Promise((resolve) => gateway.close(resolve));
  await server.stop();
});

const headers = { 'x-gateway': 'yes' };

it.each([
  ['basic', { trackingUri: '/team/ml/', credentials: { kind: 'basic', username: 'ada', password } }],
  ['bearer', { trackingUri: '/team/ml', credentials: { kind: 'bearer', token: 'token-1' } }],
] as const)(
  'works below a path prefix with %s credentials, artifacts included',
  async (_, { trackingUri, credentials }) => {
    const client = createMlflowClient({ trackingUri: `${address}${trackingUri}`, credentials, headers });
    expect(client.trackingUri).toBe(`${address}/team/ml`);
    const { item } = await client.ensure.experiment({ name: uniqueName('prefixed') });
    const { runId } = await client.runs.create({ experimentId: item.experimentId, startTime: 1 });
    await client.artifacts.write({ runId }, 'a/b.txt', 'x');
    await expect(client.artifacts.list({ runId }, 'a')).resolves.toEqual([
      { path: 'a/b.txt', isFolder: false, sizeBytes: 1 },
    ]);
    const missing = await failureFrom(client.runs.get('0'.repeat(32)));
    expect(isNotFound(missing)).toBe(true);
  },
);

it('sends a file with its length, and leaves nothing of an answer that breaks off', async () => {
  const credentials = { kind: 'bearer', token: 'token-1' } as const;
  const trackingUri = `${address}/team/ml`;
  const client = createMlflowClient({ trackingUri, credentials, headers });
  const { item } = await client.ensure.experiment({ name: uniqueName('transfers') });
  const owner = await client.runs.create({ experimentId: item.experimentId, startTime: 1 });
  const folder = await mkdtemp(join(tmpdir(), 'mlflow-gateway-'));
  try {
    await writeFile(join(folder, 'sent'), Buffer.alloc(3_000_000, 'x'));
    await expect(client.artifacts.uploadFile(owner, join(folder, 'sent'), 'sent')).resolves.toBe(3_000_000);
    const broken = createMlflowClient({ trackingUri, credentials, headers: { 'x-gateway': 'breaks' } });
    for (const attempt of [
      broken.artifacts.downloadFile(owner, 'sent', join(folder, 'received')),
      broken.artifacts.read(owner, 'sent'),
    ]) {
      expect(await failureFrom(attempt)).toMatchObject({ errorCode: 'NETWORK_ERROR', retryable: true });
    }
    expect(await readdir(folder)).toEqual(['sent']);
    await client.artifacts.downloadFile(owner, 'sent', join(folder, 'received'));
    expect((await readFile(join(folder, 'received'))).length).toBe(3_000_000);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it('takes a user and password out of the address, and shows them nowhere', async () => {
  const withUser = address.replace('//', `//ada:${encodeURIComponent(password)}@`);
  const client = createMlflowClient({ trackingUri: `${withUser}/team/ml`, headers });
  expect(client.trackingUri).toBe(`${address}/team/ml`);
  await expect(client.experiments.get('0')).resolves.toMatchObject({ experimentId: '0' });

  const refused = createMlflowClient({ trackingUri: `${withUser}/team/ml` });
  const failure = await failureFrom(refused.experiments.get('0'));
  expect(failure).toMatchObject({
    status: 401,
    errorCode: 'UNAUTHENTICATED',
    retryable: false,
    message: 'Who are you?',
  });
  await new Promise((resolve) => gateway.close(resolve).closeAllConnections());
  const gone = await failureFrom(client.experiments.get('0'));
  const port = Number(new URL(address).port);
  await new Promise<void>((resolve) => gateway.listen(port, '127.0.0.1', resolve));
  expect(gone).toMatchObject({ errorCode: 'NETWORK_ERROR' });
  for (const text of [failure, gone].map((error) => inspect(error, { depth: 20, showHidden: true }))) {
    expect(text).not.toContain('s3cret');
    expect(text).not.toContain(basic.slice('Basic '.length));
  }
});

it('does not mistake a wrong address for a missing thing, and does not follow redirects', async () => {
  const credentials = { kind: 'bearer', token: 'token-1' } as const;
  const wrongPrefix = createMlflowClient({ trackingUri: `${address}/team`, credentials, headers });
  const notThere = await failureFrom(wrongPrefix.runs.get('0'.repeat(32)));
  expect(notThere).toMatchObject({ status: 404, errorCode: 'ENDPOINT_NOT_FOUND', retryable: false });
  expect(isNotFound(notThere)).toBe(false);
  const old = createMlflowClient({ trackingUri: `${address}/old`, credentials, headers });
  const redirected = await failureFrom(old.experiments.get('0'));
  expect(redirected).toMatchObject({ status: 302, errorCode: 'UNEXPECTED_RESPONSE', retryable: false });
});
