/**
 * Catches: objects of a source that are left out (behind the first page of a listing, in a list, with brackets in their key) or taken twice, an
 * object that changes while it is read, one that is fetched again though nothing changed, an error that does not name bucket and key.
 */
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { createServer, request, type Server } from 'node:http';
import { once } from 'node:events';
import { acquireData } from '../../../src/activities/data/acquire/acquire-data';
import { takeObject } from '../../../src/activities/data/acquire/take-object';
import { isMillraceError, type MillraceError } from '../../../src/contracts/errors';
import { startS3Server, type S3Server } from '../../support/s3-server';
import { DataProject } from './data-project';

jest.setTimeout(60_000);

let server: S3Server;
let front: Front;
let project: DataProject;
beforeAll(async () => {
  server = await startS3Server();
  front = await countingFront(server.endpoint);
}, 150_000);
afterAll(async () => {
  front.close();
  await server.stop();
});
beforeEach(async () => {
  project = await DataProject.create({ s3: { ...server.connection, endpoint: front.endpoint } });
  front.gets.length = 0;
});
afterEach(() => project.remove());

const dataset = { key: 'id', label: 'label', positive: 'yes' } as const;

function rowsOf(from: number, count: number): string {
  const rows = Array.from({ length: count }, (_, index) => {
    const id = from + index;
    return `${String(id)},${String(id * 3)},${id % 2 ? 'yes' : 'no'}`;
  });
  return ['id,amount,label', ...rows, ''].join('\n');
}

async function built(uri: string | string[]): Promise<Record<string, { path: string; sha256: string }[]>> {
  const { acquired } = await project.build({ sources: { rows: { uri } }, dataset });
  return project.json(acquired.artifact, 'sources.json');
}

async function refusal(uri: string): Promise<MillraceError> {
  const error: unknown = await built(uri).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (isMillraceError(error)) return error;
  throw new Error('it was not refused', { cause: error });
}

test('one object, a pattern and a list become one source, each object once, in the order of their keys', async () => {
  await server.put('days/2026-01-02.csv', rowsOf(100, 20));
  await server.put('days/2026-01-01.csv', rowsOf(0, 20));
  await server.put('days/notes.txt', 'not data');
  await server.put('days/deeper/2026-01-03.csv', rowsOf(200, 20));
  await server.put('extra[1].csv', rowsOf(300, 20));
  const bucket = `s3://${server.bucket}`;
  const sources = await built([
    `${bucket}/extra[1].csv`,
    `${bucket}/days/*.csv`,
    `${bucket}/days/2026-01-01.csv`,
  ]);
  expect(sources.rows?.map(({ path }) => path)).toEqual(
    ['days/2026-01-01.csv', 'days/2026-01-02.csv', 'extra[1].csv'].map((key) => `${bucket}/${key}`),
  );
  expect(sources.rows?.[0]?.sha256).toBe(createHash('sha256').update(rowsOf(0, 20)).digest('hex'));
  expect((await built(`${bucket}/days/**/*.csv`)).rows).toHaveLength(3);
});

test('objects and files of the project make one source', async () => {
  await server.put('mixed/a.csv', rowsOf(0, 20));
  await project.file('b.csv', rowsOf(100, 20));
  const sources = await built(['b.csv', `s3://${server.bucket}/mixed/a.csv`]);
  expect(sources.rows?.map(({ path }) => path).sort()).toEqual([
    'b.csv',
    `s3://${server.bucket}/mixed/a.csv`,
  ]);
});

test('a pattern finds what lies behind the first page of 1,000 keys, and unchanged objects are not fetched again', async () => {
  const keys = Array.from({ length: 1020 }, (_, index) => `many/${String(index).padStart(4, '0')}.txt`);
  const queue = keys.values();
  await Promise.all(
    Array.from({ length: 24 }, async () => {
      for (const key of queue) await server.put(key, 'not data');
    }),
  );
  await server.put('many/first.csv', rowsOf(0, 20));
  await server.put('many/second.csv', rowsOf(100, 20));
  const spec = await project.spec({
    sources: { rows: { uri: `s3://${server.bucket}/many/*.csv` } },
    dataset,
  });
  const acquire = () => acquireData(project.dependencies, { spec, fresh: false });
  expect(await acquire()).toMatchObject({ files: 2, cached: false });
  expect(front.gets).toHaveLength(2);
  front.gets.length = 0;
  expect(await acquire()).toMatchObject({ files: 2, cached: true });
  expect(front.gets).toEqual([]);
  await server.put('many/second.csv', rowsOf(200, 20));
  expect(await acquire()).toMatchObject({ files: 2, cached: false });
  expect(front.gets).toEqual([`/${server.bucket}/many/second.csv`]);
});

test('an object that is written to between the listing and the reading is SOURCE_CHANGED; one that vanishes is not found', async () => {
  const { store, objects } = project.dependencies;
  await server.put('changing.csv', rowsOf(0, 20));
  const seen = await objects.head({ bucket: server.bucket, key: 'changing.csv' });
  if (!seen) throw new Error('it is not there');
  await server.put('changing.csv', rowsOf(0, 21));
  await expect(takeObject({ store, objects }, seen)).rejects.toMatchObject({
    code: 'SOURCE_CHANGED',
    retryable: true,
    where: `s3://${server.bucket}/changing.csv`,
  });
  await server.client.send(new DeleteObjectCommand({ Bucket: server.bucket, Key: 'changing.csv' }));
  await expect(takeObject({ store, objects }, seen)).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
});

test('what is not there is named with what lies near by; empty objects and bare buckets are refused', async () => {
  await server.put('near/rows-1.csv', rowsOf(0, 20));
  await server.put('near/empty.csv', '');
  const missing = await refusal(`s3://${server.bucket}/near/rows-2.csv`);
  expect(missing).toMatchObject({
    code: 'SOURCE_NOT_FOUND',
    where: `sources.rows.uri: s3://${server.bucket}/near/rows-2.csv`,
  });
  expect(missing.message).toContain(`s3://${server.bucket}/near/rows-1.csv`);
  expect(await refusal(`s3://${server.bucket}/near/*.parquet`)).toMatchObject({ code: 'SOURCE_NOT_FOUND' });
  const noBucket = await refusal('s3://no-such-bucket/near/*.csv');
  expect(noBucket).toMatchObject({ code: 'SOURCE_NOT_FOUND' });
  expect(noBucket.message).toContain('no-such-bucket');
  expect(await refusal(`s3://${server.bucket}/near/empty.csv`)).toMatchObject({
    code: 'SOURCE_EMPTY',
    where: `s3://${server.bucket}/near/empty.csv`,
  });
  expect(await refusal(`s3://${server.bucket}/`)).toMatchObject({ code: 'SOURCE_NOT_FOUND' });
});

/** A proxy that counts what is read through it. */
interface Front {
  readonly endpoint: string;
  /** Paths of objects that were read, in order. */
  readonly gets: string[];
  close(): void;
}

async function countingFront(endpoint: string): Promise<Front> {
  const gets: string[] = [];
  const { hostname, port } = new URL(endpoint);
  const proxy: Server = createServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    if (method === 'GET' && !url.includes('list-type')) gets.push(url.split('?')[0] ?? '');
    // The signature covers the name that the client called, which goes along in `headers`.
    const onward = request({ hostname, port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  return {
    endpoint: `http://127.0.0.1:${typeof address === 'object' && address ? String(address.port) : ''}`,
    gets,
    close() {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}
