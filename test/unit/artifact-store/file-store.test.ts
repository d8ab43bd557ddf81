/**
 * Catches: a half-written output that is found, two processes that both believe their output is the valid one, a key that differs for equal
 * identities, damage that is handed on unseen, staging folders that pile up, names that leave the store.
 */
import { spawn } from 'node:child_process';
import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createFileArtifactStore, type FileArtifactStore } from '../../../src/adapters/artifact-store/file';
import type { StepIdentity } from '../../../src/contracts/artifacts';
import type { StoredArtifact } from '../../../src/ports/artifact-store';
import { startTypeScript } from '../../support/child-process';

const identity: StepIdentity = {
  step: 'features',
  code: 'v1',
  params: { b: 2, a: 1 },
  inputs: { table: 'f'.repeat(64) },
};

let root: string;
let store: FileArtifactStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'millrace-store-'));
  store = await createFileArtifactStore({ root });
});

afterEach(() => rm(root, { recursive: true, force: true }));

function commit(files: Record<string, string>, of: StepIdentity = identity): Promise<StoredArtifact> {
  return store.commit(of, async (folder) => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(folder, name, '..'), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    return { summary: { files: Object.keys(files).length }, inputs: { table: 'f'.repeat(64) } };
  });
}

async function staged(): Promise<string[]> {
  const owners = await readdir(join(root, 'staging'));
  return (await Promise.all(owners.map((owner) => readdir(join(root, 'staging', owner))))).flat();
}

test('what was committed is found again under an equal identity, with its bytes, summary and lineage', async () => {
  expect(await store.find(identity)).toBeUndefined();
  const first = await commit({ 'rows.txt': 'one', 'model/MLmodel': 'two' });
  const again = await (
    await createFileArtifactStore({ root })
  ).find({ inputs: identity.inputs, params: { a: 1, b: 2 }, code: 'v1', step: 'features' });
  expect(again).toEqual(first);
  expect(first.manifest.summary).toEqual({ files: 2 });
  expect(first.manifest.files['model/MLmodel']).toEqual({
    sha256: createHash('sha256').update('two').digest('hex'),
    bytes: 3,
  });
  expect(await readFile(join(first.directory, 'rows.txt'), 'utf8')).toBe('one');
  expect((await stat(join(first.directory, 'rows.txt'))).mode & 0o222).toBe(0);
  expect(await store.openByKey(first.ref.key)).toEqual(first);
  expect(await store.openByKey('0'.repeat(64))).toBeUndefined();
});

test('another parameter, code or input is another key', async () => {
  await commit({ 'rows.txt': 'one' });
  expect(await store.find({ ...identity, params: { a: 1, b: 3 } })).toBeUndefined();
  expect(await store.find({ ...identity, code: 'v2' })).toBeUndefined();
  expect(await store.find({ ...identity, inputs: { table: 'e'.repeat(64) } })).toBeUndefined();
});

test('the digest covers names and bytes', async () => {
  const digest = async (round: number, files: Record<string, string>): Promise<string> =>
    (await commit(files, { ...identity, params: { round } })).ref.digest;
  const plain = await digest(1, { a: 'x', b: 'y' });
  expect(await digest(2, { b: 'y', a: 'x' })).toBe(plain);
  expect(await digest(3, { a: 'y', b: 'x' })).not.toBe(plain);
  expect(await digest(4, { a: 'xy', b: '' })).not.toBe(plain);
  expect(await digest(5, { a: 'x', c: 'y' })).not.toBe(plain);
});

test('a step that fails leaves nothing behind', async () => {
  const failing = store.commit(identity, async (folder) => {
    await writeFile(join(folder, 'half.txt'), 'half');
    throw new Error('broken on purpose');
  });
  await expect(failing).rejects.toThrow('broken on purpose');
  expect(await staged()).toEqual([]);
  expect(await store.find(identity)).toBeUndefined();
});

test('a link in an output is refused, since it could lead out of the store', async () => {
  const leading = store.commit(identity, async (folder) => {
    await symlink('/etc/hostname', join(folder, 'link'));
    return { summary: null };
  });
  await expect(leading).rejects.toMatchObject({ code: 'PATH_OUTSIDE_ROOT' });
  expect(await store.find(identity)).toBeUndefined();
});

test('two processes that commit the same key at once both get the first one', async () => {
  const writer = join(__dirname, 'racing-writer.ts');
  const children = [startTypeScript(writer, [root, 'one']), startTypeScript(writer, [root, 'two'])];
  const lines = children.map((child) => child.lines[Symbol.asyncIterator]());
  for (let round = 0; round < 20; round++) {
    for (const line of lines) expect((await line.next()).value).toBe(`inside ${round}`);
    for (const child of children) child.process.stdin?.write('go\n');
  }
  const outputs = await Promise.all(lines.map(async (line) => (await line.next()).value as string));
  await Promise.all(children.map((child) => child.ended));
  expect(JSON.parse(outputs[0]!)).toEqual(JSON.parse(outputs[1]!));
  expect((JSON.parse(outputs[0]!) as { results: unknown[] }).results).toHaveLength(20);
  expect((JSON.parse(outputs[0]!) as { id: string }).id).toBe(store.id);
});

describe('damage', () => {
  async function overwrite(artifact: StoredArtifact, text: string): Promise<void> {
    const path = join(artifact.directory, 'rows.txt');
    await chmod(path, 0o644);
    await writeFile(path, text);
  }

  test('a file of another size: opening fails, finding misses, committing again heals', async () => {
    const first = await commit({ 'rows.txt': 'one' });
    await overwrite(first, 'longer');
    await expect(store.open(first.ref)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(await store.find(identity)).toBeUndefined();
    const healed = await commit({ 'rows.txt': 'one' });
    expect(healed.ref).toEqual(first.ref);
    expect(await readFile(join((await store.open(first.ref)).directory, 'rows.txt'), 'utf8')).toBe('one');
  });

  test('equal size, other bytes: only the full check sees it', async () => {
    const first = await commit({ 'rows.txt': 'one' });
    await store.verify(first.ref);
    await overwrite(first, 'eno');
    await store.open(first.ref);
    await expect(store.verify(first.ref)).rejects.toThrow(/rows\.txt has other bytes/);
  });

  test('a missing folder, another digest, a manifest that was changed', async () => {
    const first = await commit({ 'rows.txt': 'one' });
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
    const { ref } = await commit({ 'rows.txt': 'one' });
    const folder = join(root, 'steps', 'features', ref.key.slice(0, 2), ref.key);
    await writeFile(join(folder, 'manifest.json'), '{"version":1,"st');
    expect(await store.find(identity)).toBeUndefined();
    expect((await commit({ 'rows.txt': 'one' })).ref).toEqual(ref);
    expect((await store.find(identity))?.ref).toEqual(ref);
  });
});

test('after forgetting, the step runs again, and references to the former output stay good', async () => {
  const first = await commit({ 'rows.txt': 'one' });
  await store.forget(identity);
  await store.forget(identity);
  expect(await store.find(identity)).toBeUndefined();
  const second = await commit({ 'rows.txt': 'two' });
  expect(second.ref.digest).not.toBe(first.ref.digest);
  expect((await store.find(identity))?.ref).toEqual(second.ref);
  expect(await readFile(join((await store.open(first.ref)).directory, 'rows.txt'), 'utf8')).toBe('one');
});

test('the staging folder of a killed process is swept, that of a living one is not', async () => {
  const child = startTypeScript(join(__dirname, 'racing-writer.ts'), [root, 'doomed']);
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
  test('the same bytes are one blob, whatever their name', async () => {
    await writeFile(join(root, 'a.csv'), 'x,y\n1,2\n');
    await writeFile(join(root, 'b.csv'), 'x,y\n1,2\n');
    const first = await store.putBlob(join(root, 'a.csv'));
    expect(first).toEqual(await store.putBlob(join(root, 'b.csv')));
    expect(first.sha256).toBe(createHash('sha256').update('x,y\n1,2\n').digest('hex'));
    expect(first.bytes).toBe(8);
    expect(await store.blobPath(first.sha256)).toBe(first.path);
    await writeFile(join(root, 'a.csv'), 'x,y\n9,9\n');
    expect(await readFile(first.path, 'utf8')).toBe('x,y\n1,2\n');
    expect(await staged()).toEqual([]);
  });

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

  test('a file larger than one read arrives whole', async () => {
    const bytes = randomBytes(3_500_000);
    await writeFile(join(root, 'large.bin'), bytes);
    const blob = await store.putBlob(join(root, 'large.bin'));
    expect(blob.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(bytes.equals(await readFile(blob.path))).toBe(true);
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

  test('a missing source, a blob that is gone, a digest that is a path', async () => {
    await expect(store.putBlob(join(root, 'absent.csv'))).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
    await expect(store.blobPath('0'.repeat(64))).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await expect(store.blobPath('../../etc/passwd')).rejects.toThrow();
  });
});

test('the id is made once and outlives the process; an unreadable one is named', async () => {
  const others = await Promise.all(Array.from({ length: 8 }, () => createFileArtifactStore({ root })));
  expect(new Set(others.map((other) => other.id))).toEqual(new Set([store.id]));
  await writeFile(join(root, 'store.json'), 'nonsense');
  await expect(createFileArtifactStore({ root })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
});
