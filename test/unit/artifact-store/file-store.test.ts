/** Catches, in a store on a disk, what the suite of all stores names; and damage that is handed on unseen, files that change while they are read. */
import { execFile, spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { createFileArtifactStore, type FileArtifactStore } from '../../../src/adapters/artifact-store/file';
import type { StoredArtifact } from '../../../src/ports/artifact-store';
import { identity } from '../../support/artifact-store/identity';
import { commitTo, testArtifactStore } from '../../support/artifact-store/suite';
import { startTypeScript } from '../../support/child-process';

const support = join(__dirname, '..', '..', 'support', 'artifact-store');

let root: string;
let store: FileArtifactStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'millrace-store-'));
  store = await createFileArtifactStore({ root });
});

afterEach(() => rm(root, { recursive: true, force: true }));

describe('as every store', () =>
  testArtifactStore(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-store-'));
    return {
      open: () => createFileArtifactStore({ root: folder }),
      racers: () => Promise.resolve([folder, folder].map((path) => JSON.stringify({ path }))),
      staged: () => staged(folder),
      remove: () => rm(folder, { recursive: true, force: true }),
    };
  }));

async function staged(folder = root): Promise<string[]> {
  const owners = await readdir(join(folder, 'staging'));
  return (await Promise.all(owners.map((owner) => readdir(join(folder, 'staging', owner))))).flat();
}

describe('damage', () => {
  async function overwrite(artifact: StoredArtifact, text: string): Promise<void> {
    const path = join(artifact.directory, 'rows.txt');
    await chmod(path, 0o644);
    await writeFile(path, text);
  }

  test('a file of another size: opening fails, finding misses, committing again heals', async () => {
    const first = await commitTo(store, { 'rows.txt': 'one' });
    await overwrite(first, 'longer');
    await expect(store.open(first.ref)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(await store.find(identity)).toBeUndefined();
    const healed = await commitTo(store, { 'rows.txt': 'one' });
    expect(healed.ref).toEqual(first.ref);
    expect(await readFile(join((await store.open(first.ref)).directory, 'rows.txt'), 'utf8')).toBe('one');
  });

  test('equal size, other bytes: only the full check sees it', async () => {
    const first = await commitTo(store, { 'rows.txt': 'one' });
    await store.verify(first.ref);
    await overwrite(first, 'eno');
    await store.open(first.ref);
    await expect(store.verify(first.ref)).rejects.toThrow(/rows\.txt has other bytes/);
  });

  test('a missing folder, another digest, a manifest that was changed', async () => {
    const first = await commitTo(store, { 'rows.txt': 'one' });
    await expect(store.open({ ...first.ref, digest: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
    });
    const { key, digest } = first.ref;
    const manifest = join(root, 'steps', 'features', key.slice(0, 2), key, `${digest}.json`);
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace('"bytes": 3', '"bytes": 4'));
    await expect(store.open(first.ref)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    // Manifest and file changed alike agree with one another, but no longer with the reference.
    const sha256 = (of: string): string => createHash('sha256').update(of).digest('hex');
    await writeFile(manifest, text.replace(sha256('one'), sha256('eno')));
    await overwrite(first, 'eno');
    await expect(store.verify(first.ref)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await overwrite(first, 'one');
    await writeFile(manifest, text);
    await store.verify(first.ref);
    await rm(first.directory, { recursive: true });
    await expect(store.open(first.ref)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });

  test('a manifest cut in half is no output, and another commit replaces it', async () => {
    const { ref } = await commitTo(store, { 'rows.txt': 'one' });
    const folder = join(root, 'steps', 'features', ref.key.slice(0, 2), ref.key);
    await writeFile(join(folder, 'manifest.json'), '{"version":1,"st');
    expect(await store.find(identity)).toBeUndefined();
    expect((await commitTo(store, { 'rows.txt': 'one' })).ref).toEqual(ref);
    expect((await store.find(identity))?.ref).toEqual(ref);
  });
});

test('the staging folder of a killed process is swept, that of a living one is not', async () => {
  const child = startTypeScript(join(support, 'racing-writer.ts'), [
    JSON.stringify({ path: root }),
    'doomed',
  ]);
  await child.lines[Symbol.asyncIterator]().next();
  expect(await staged()).toHaveLength(1);
  await createFileArtifactStore({ root });
  expect(await staged()).toHaveLength(1);
  child.process.kill('SIGKILL');
  await child.ended;
  await createFileArtifactStore({ root });
  expect(await staged()).toEqual([]);
});

describe('blobs', () => {
  test('a file that is written to while it is read is refused', async () => {
    const file = join(root, 'growing.csv');
    await writeFile(file, Buffer.alloc(64 << 20));
    const writer = spawn('sh', ['-c', `echo go; while :; do echo x >> "${file}"; done`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(writer.stdout, 'data');
    try {
      await expect(store.putBlob(file)).rejects.toMatchObject({ code: 'SOURCE_CHANGED', retryable: true });
    } finally {
      writer.kill('SIGKILL');
      await once(writer, 'close');
    }
    expect(await staged()).toEqual([]);
  });

  test('only a file that is not there is called so: another is unreadable, and for the time being where the host has no handle left', async () => {
    const file = join(root, 'a.csv');
    await writeFile(file, 'x\n1\n');
    for (const gone of [join(root, 'gone.csv'), join(file, 'below-a-file.csv')])
      await expect(store.putBlob(gone)).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND', retryable: false });
    const circle = join(root, 'circle.csv');
    await symlink(circle, circle);
    await expect(store.putBlob(circle)).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringContaining('ELOOP') as string,
      retryable: false,
    });
    const { stdout } = await promisify(execFile)('sh', [
      ...['-c', 'ulimit -n 256; exec "$0" "$@"', process.execPath],
      ...['--require', join(support, '..', 'typescript-hook.cjs'), join(support, 'no-handles-left.ts')],
      ...[join(root, 'other-store'), file],
    ]);
    expect(JSON.parse(stdout)).toEqual({
      without: { code: 'SOURCE_UNREADABLE', retryable: true },
      later: 'taken',
    });
  });

  test('a file that opens and cannot be read is unreadable for the time being, and is named', async () => {
    // Linux answers so, with EIO, to whoever reads the first page of a process.
    await expect(store.putBlob('/proc/self/mem')).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringContaining('EIO') as string,
      where: '/proc/self/mem',
      retryable: true,
    });
  });

  test('a file rewritten in place is another blob, even at equal size and time of modification', async () => {
    const file = join(root, 'a.csv');
    await writeFile(file, 'x,y\n1,2\n');
    const { mtime, atime } = await stat(file);
    const first = await store.putBlob(file);
    await writeFile(file, 'x,y\n1,3\n');
    await utimes(file, atime, mtime);
    expect((await store.putBlob(file)).sha256).not.toBe(first.sha256);
  });

  test('a file that has long been still is read once; without its blob it is read again', async () => {
    // Not made by this test, since its time of change must lie in the past.
    const still = '/etc/passwd';
    const first = await store.putBlob(still);
    const { dev, ino } = await stat(still, { bigint: true });
    const entry = join(root, 'sources', `${dev}-${ino}.json`);
    const other = await store.putBlob(__filename);
    await writeFile(
      entry,
      (await readFile(entry, 'utf8'))
        .replace(first.sha256, other.sha256)
        .replace(`:${first.bytes}}`, `:${other.bytes}}`),
    );
    // The answer comes from the index, as its falsified entry shows.
    expect((await store.putBlob(still)).sha256).toBe(other.sha256);
    await rm(other.path);
    expect(await store.putBlob(still)).toEqual(first);
  });

  test('a blob that lost bytes is replaced', async () => {
    await writeFile(join(root, 'a.csv'), 'x,y\n1,2\n');
    const { path } = await store.putBlob(join(root, 'a.csv'));
    await chmod(path, 0o644);
    await writeFile(path, 'x,');
    await store.putBlob(join(root, 'a.csv'));
    expect(await readFile(path, 'utf8')).toBe('x,y\n1,2\n');
  });
});

test('the id is made once and outlives the process; an unreadable one is named', async () => {
  const others = await Promise.all(Array.from({ length: 8 }, () => createFileArtifactStore({ root })));
  expect(new Set(others.map((other) => other.id))).toEqual(new Set([store.id]));
  await writeFile(join(root, 'store.json'), 'nonsense');
  await expect(createFileArtifactStore({ root })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
});
