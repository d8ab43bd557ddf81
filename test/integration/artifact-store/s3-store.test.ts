/**
 * Catches, in a store in a bucket, what the suite of all stores names; and an upload that is seen before it is whole, bytes that changed in the
 * bucket or in a host's cache and are handed on, or stay there for ever, hosts that take each other's store for another one, a server that is away taken for an empty store.
 */
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openArtifactStore } from '../../../src/adapters/artifact-store/open';
import { createS3ArtifactStore } from '../../../src/adapters/artifact-store/s3';
import { openS3 } from '../../../src/adapters/object-storage/s3';
import type { MillraceError } from '../../../src/contracts/errors';
import { s3StoreSchema, type Environment } from '../../../src/contracts/project-file';
import type { ArtifactStore } from '../../../src/ports/artifact-store';
import { identity } from '../../support/artifact-store/identity';
import { commitTo, testArtifactStore } from '../../support/artifact-store/suite';
import { startTypeScript } from '../../support/child-process';
import { startS3Server, type S3Server } from '../../support/s3-server';

jest.setTimeout(60_000);
const support = join(__dirname, '..', '..', 'support', 'artifact-store');

let server: S3Server;
let folder: string;
let places = 0;
beforeAll(async () => {
  server = await startS3Server();
  folder = await mkdtemp(join(tmpdir(), 'millrace-s3-store-'));
}, 150_000);
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Settings of a store below `prefix`, as a host with this cache folder has them. */
function settings(prefix: string, cache: string, changes: object = {}): Environment['store'] {
  const { connection, bucket } = server;
  return {
    s3: s3StoreSchema.parse({ ...connection, bucket, prefix, cache: join(folder, cache), ...changes }),
  };
}

function open(store: Environment['store']): Promise<ArtifactStore> {
  return openArtifactStore({ projectRoot: folder, environment: { store } });
}

async function keysBelow(prefix: string, client: S3Client = server.client): Promise<string[]> {
  const { Contents = [] } = await client.send(
    new ListObjectsV2Command({ Bucket: server.bucket, Prefix: `${prefix}/` }),
  );
  return Contents.map(({ Key = '' }) => Key.slice(prefix.length + 1));
}

describe('as every store', () =>
  testArtifactStore(() => {
    const name = `place-${String(++places)}`;
    return Promise.resolve({
      open: () => open(settings(name, name)),
      racers: () =>
        Promise.resolve(['one', 'two'].map((host) => JSON.stringify(settings(name, `${name}-${host}`)))),
      async staged() {
        const area = join(folder, name, 'staging');
        const owners = await readdir(area);
        return (await Promise.all(owners.map((owner) => readdir(join(area, owner))))).flat();
      },
      remove: () => rm(join(folder, name), { recursive: true, force: true }),
    });
  }));

test('another host finds, opens and reads what this one committed, under the same id and without a queue of its own', async () => {
  const here = await open(settings('hosts', 'here'));
  const there = await open(settings('hosts/', 'there'));
  expect(there.id).toBe(here.id);
  expect((await open(settings('other', 'here'))).id).not.toBe(here.id);
  expect([here.hostBound, there.hostBound]).toEqual([false, false]);
  const first = await commitTo(here, { 'rows.txt': 'one', 'model/MLmodel': 'two' });
  const found = await there.find(identity);
  expect(found?.manifest).toEqual(first.manifest);
  expect(found?.directory).not.toBe(first.directory);
  const opened = await there.open(first.ref);
  expect(await readFile(join(opened.directory, 'model', 'MLmodel'), 'utf8')).toBe('two');
  await writeFile(join(folder, 'a.csv'), 'x,y\n1,2\n');
  const { sha256 } = await here.putBlob(join(folder, 'a.csv'));
  expect(await readFile(await there.blobPath(sha256), 'utf8')).toBe('x,y\n1,2\n');
});

test('a file of many parts arrives whole', async () => {
  const file = join(folder, 'large.bin');
  await writeFile(file, Buffer.alloc(35 * 2 ** 20, 'part '));
  const { sha256, bytes } = await (await open(settings('large', 'large-here'))).putBlob(file);
  expect(bytes).toBe(35 * 2 ** 20);
  // The path is given only once the bytes have this digest.
  const path = await (await open(settings('large', 'large-there'))).blobPath(sha256);
  expect((await readFile(path)).equals(await readFile(file))).toBe(true);
});

test('a writer that is killed during its upload leaves nothing that can be seen', async () => {
  const committing = startTypeScript(join(support, 'killed-writer.ts'), [
    JSON.stringify(settings('killed', 'killed-writer')),
  ]);
  await committing.lines[Symbol.asyncIterator]().next();
  const store = await open(settings('killed', 'killed-reader'));
  const deadline = Date.now() + 30_000;
  // Some files are up already, and hundreds are to come.
  while ((await keysBelow('killed')).length < 3 && Date.now() < deadline);
  committing.process.kill('SIGKILL');
  await committing.ended;
  const keys = await keysBelow('killed');
  expect(keys.length).toBeGreaterThanOrEqual(3);
  expect(keys.filter((key) => key.startsWith('steps/'))).toEqual([]);
  expect(await store.find(identity)).toBeUndefined();
  expect((await commitTo(store, { 'rows.txt': 'one' })).manifest.summary).toEqual({ files: 1 });
});

describe('damage in the bucket', () => {
  const blobOf = (sha256 = ''): string => `blobs/${sha256.slice(0, 2)}/${sha256}`;

  test.each(['other bytes', 'gone'])(
    'a file: %s: another host refuses to open it and finds nothing; committing again heals',
    async (kind) => {
      const prefix = `damage-${kind.replace(' ', '-')}`;
      const first = await commitTo(await open(settings(prefix, `${prefix}-a`)), { 'rows.txt': 'one' });
      const key = `${prefix}/${blobOf(first.manifest.files['rows.txt']?.sha256)}`;
      if (kind === 'gone')
        await server.client.send(new DeleteObjectCommand({ Bucket: server.bucket, Key: key }));
      else await server.put(key, 'eno');
      const other = await open(settings(prefix, `${prefix}-b`));
      await expect(other.open(first.ref)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
      await expect(other.blobPath(first.manifest.files['rows.txt']?.sha256 ?? '')).rejects.toMatchObject({
        code: 'STORE_CORRUPT',
      });
      expect(await other.find(identity)).toBeUndefined();
      expect((await commitTo(other, { 'rows.txt': 'one' })).ref).toEqual(first.ref);
      const third = await open(settings(prefix, `${prefix}-c`));
      expect(await readFile(join((await third.open(first.ref)).directory, 'rows.txt'), 'utf8')).toBe('one');
    },
  );

  test('a source file with other bytes of the same size: the bucket is blamed, and taking the file in again heals it', async () => {
    const file = join(folder, 'source.csv');
    await writeFile(file, 'id\n1\n');
    const here = await open(settings('sources', 'sources-here'));
    const { sha256 } = await here.putBlob(file);
    await server.put(`sources/${blobOf(sha256)}`, 'id\n2\n');
    const there = await open(settings('sources', 'sources-there'));
    await expect(there.blobPath(sha256)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining('in the bucket itself') as string,
      where: `s3://${server.bucket}/sources/${blobOf(sha256)}`,
    });
    // As with --no-cache: by whichever process, and though its own copy was good all the time.
    await (await open(settings('sources', 'sources-here'))).putBlob(file);
    expect(await readFile(await there.blobPath(sha256), 'utf8')).toBe('id\n1\n');
    const { LastModified: before } = await server.client.send(
      new HeadObjectCommand({ Bucket: server.bucket, Key: `sources/${blobOf(sha256)}` }),
    );
    await here.putBlob(file);
    const { LastModified: after } = await server.client.send(
      new HeadObjectCommand({ Bucket: server.bucket, Key: `sources/${blobOf(sha256)}` }),
    );
    expect(after).toEqual(before);
  });

  test.each(['other bytes', 'fewer bytes'])(
    'a local copy with %s is fetched again by the next process',
    async (kind) => {
      const prefix = `cache-${kind.replace(' ', '-')}`;
      const file = join(folder, `${prefix}.csv`);
      await writeFile(file, 'id\n1\n');
      const here = await open(settings(prefix, `${prefix}-here`));
      const { sha256 } = await here.putBlob(file);
      const output = await commitTo(here, { 'rows.txt': 'one' });
      const there = (): Promise<ArtifactStore> => open(settings(prefix, `${prefix}-there`));
      const copies = [
        await (await there()).blobPath(sha256),
        join((await (await there()).open(output.ref)).directory, 'rows.txt'),
      ];
      for (const copy of copies) {
        const bytes = await readFile(copy);
        await rm(copy);
        await writeFile(copy, kind === 'other bytes' ? bytes.reverse() : bytes.subarray(1));
      }
      expect(await readFile(await (await there()).blobPath(sha256), 'utf8')).toBe('id\n1\n');
      const { directory } = await (await there()).open(output.ref);
      expect(await readFile(join(directory, 'rows.txt'), 'utf8')).toBe('one');
    },
  );

  test('readers of one damaged copy share its repair, and meanwhile it is never away for readers in other processes', async () => {
    const file = join(folder, 'shared.csv');
    await writeFile(file, 'id\n1\n');
    const { sha256 } = await (await open(settings('shared', 'shared-here'))).putBlob(file);
    const copy = await (await open(settings('shared', 'shared-there'))).blobPath(sha256);
    await rm(copy);
    await writeFile(copy, 'id\n9\n');
    const storage = await openS3(server.connection, { projectRoot: folder });
    const there: string[] = [];
    const store = await createS3ArtifactStore({
      bucket: server.bucket,
      prefix: 'shared',
      cache: join(folder, 'shared-there'),
      storage: {
        ...storage,
        async fetchToFile(address, to, signal) {
          there.push(await readFile(copy, 'utf8').catch(() => 'away'));
          return storage.fetchToFile(address, to, signal);
        },
      },
    });
    const read = async (): Promise<string> => readFile(await store.blobPath(sha256), 'utf8');
    expect(await Promise.all([read(), read(), read()])).toEqual(['id\n1\n', 'id\n1\n', 'id\n1\n']);
    expect(there).toEqual(['id\n9\n']);
  });

  test('bytes that were damaged on the way are fetched again at once', async () => {
    const file = join(folder, 'way.csv');
    await writeFile(file, 'id\n1\n');
    const { sha256 } = await (await open(settings('way', 'way-here'))).putBlob(file);
    const storage = await openS3(server.connection, { projectRoot: folder });
    let fetches = 0;
    const store = await createS3ArtifactStore({
      bucket: server.bucket,
      prefix: 'way',
      cache: join(folder, 'way-there'),
      storage: {
        ...storage,
        async fetchToFile(address, to, signal) {
          const read = await storage.fetchToFile(address, to, signal);
          if ((fetches += 1) > 1) return read;
          await writeFile(to, 'id\n9\n');
          return { sha256: createHash('sha256').update('id\n9\n').digest('hex'), bytes: read.bytes };
        },
      },
    });
    expect(await readFile(await store.blobPath(sha256), 'utf8')).toBe('id\n1\n');
    expect(fetches).toBe(2);
  });

  test('a manifest that was changed, or is not JSON, is no output; the next commit replaces it', async () => {
    const store = await open(settings('manifests', 'manifests'));
    const { ref, manifest } = await commitTo(store, { 'rows.txt': 'one' });
    const base = `manifests/steps/features/${ref.key.slice(0, 2)}/${ref.key}`;
    await server.put(`${base}/manifest.json`, '{"version":1,"st');
    expect(await store.find(identity)).toBeUndefined();
    expect((await commitTo(store, { 'rows.txt': 'one' })).ref).toEqual(ref);
    expect((await store.find(identity))?.ref).toEqual(ref);
    await server.put(`${base}/${ref.digest}.json`, JSON.stringify({ ...manifest, files: {} }));
    await expect(store.open(ref)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await server.client.send(
      new CopyObjectCommand({
        Bucket: server.bucket,
        CopySource: `${server.bucket}/${base}/manifest.json`,
        Key: `${base}/${ref.digest}.json`,
      }),
    );
    await store.open(ref);
  });
});

describe('a server that fails', () => {
  test('nobody listens: the error is retryable and names bucket and key, never the secret', async () => {
    const store = await open(settings('away', 'away', { endpoint: 'http://127.0.0.1:1' }));
    const failure: unknown = await store.find(identity).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    expect((failure as MillraceError).where).toContain(`s3://${server.bucket}/away/steps/`);
    expect(JSON.stringify([failure, String(failure)])).not.toContain(process.env.MILLRACE_TEST_S3_SECRET);
  });

  test('a wrong secret is final', async () => {
    process.env.MILLRACE_TEST_S3_WRONG = 'wrong';
    const store = await open(settings('refused', 'refused', { secretKey: 'env:MILLRACE_TEST_S3_WRONG' }));
    await expect(store.find(identity)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: false });
  });

  test('a secret that is not there is named when the store is opened', async () => {
    await expect(open(settings('x', 'x', { secretKey: 'env:MILLRACE_NOT_SET' }))).rejects.toThrow(
      /MILLRACE_NOT_SET/,
    );
  });

  test.each([503, 429, 500])('%d is asked again, and the work goes on', async (status) => {
    let refusals = 2;
    const front = createServer((request, response) => {
      if (refusals-- > 0) {
        response.writeHead(status).end();
        request.resume();
        return;
      }
      // The signature covers the host's name, so the real server has to be asked under this one: a redirect would not do.
      response.writeHead(404, { 'content-type': 'application/xml' });
      response.end('<Error><Code>NoSuchKey</Code></Error>');
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    const { port } = front.address() as { port: number };
    try {
      const store = await open(settings('busy', 'busy', { endpoint: `http://127.0.0.1:${String(port)}` }));
      expect(await store.find(identity)).toBeUndefined();
      expect(refusals).toBeLessThan(0);
    } finally {
      front.closeAllConnections();
      front.close();
    }
  });
});
