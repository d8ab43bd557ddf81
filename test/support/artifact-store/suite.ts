/**
 * What every artifact store must do, on a disk or in a bucket. Catches: a half-written output that is found, two processes that both believe their
 * output is the valid one, a key that differs for equal identities, staging folders that pile up, names that leave the store.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepIdentity } from '../../../src/contracts/artifacts';
import type { ArtifactStore, StoredArtifact } from '../../../src/ports/artifact-store';
import { startTypeScript } from '../child-process';
import { identity } from './identity';

/** A new, empty store for each test. */
export interface StorePlace {
  /** Opens it, as another process would. */
  open(): Promise<ArtifactStore>;
  /** For two processes, each the store of `environment` as JSON: equal for a disk, with caches of their own for a bucket. */
  racers(): Promise<readonly string[]>;
  /** Names in the staging folders. */
  staged(): Promise<string[]>;
  remove(): Promise<void>;
}

/** Commits these files under {@link identity}, or another. */
export function commitTo(
  store: ArtifactStore,
  files: Record<string, string>,
  of: StepIdentity = identity,
): Promise<StoredArtifact> {
  return store.commit(of, async (folder) => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(folder, name, '..'), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    return { summary: { files: Object.keys(files).length }, inputs: { table: 'f'.repeat(64) } };
  });
}

/** The tests that every store must pass; call it at the top of a test file. */
export function testArtifactStore(makePlace: () => Promise<StorePlace>): void {
  let place: StorePlace;
  let store: ArtifactStore;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-store-sources-'));
    place = await makePlace();
    store = await place.open();
  });

  afterEach(async () => {
    await place.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const commit = (files: Record<string, string>, of?: StepIdentity) => commitTo(store, files, of);

  test('what was committed is found again under an equal identity, with its bytes, summary and lineage', async () => {
    expect(await store.find(identity)).toBeUndefined();
    const first = await commit({ 'rows.txt': 'one', 'model/MLmodel': 'two' });
    const again = await (
      await place.open()
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
    expect(await place.staged()).toEqual([]);
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
    const racers = await place.racers();
    const writer = join(__dirname, 'racing-writer.ts');
    const children = ['one', 'two'].map((name, index) =>
      startTypeScript(writer, [racers[index] ?? '', name]),
    );
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

  test('a file that is received is a blob; one whose making fails leaves nothing', async () => {
    const blob = await store.receiveBlob((file) => writeFile(file, 'x,y\n1,2\n'));
    await writeFile(join(folder, 'a.csv'), 'x,y\n1,2\n');
    expect(await store.putBlob(join(folder, 'a.csv'))).toEqual(blob);
    const failing = store.receiveBlob(async (file) => {
      await writeFile(file, 'half');
      throw new Error('broken on purpose');
    });
    await expect(failing).rejects.toThrow('broken on purpose');
    expect(await place.staged()).toEqual([]);
  });

  test('the same bytes are one blob, whatever their name', async () => {
    await writeFile(join(folder, 'a.csv'), 'x,y\n1,2\n');
    await writeFile(join(folder, 'b.csv'), 'x,y\n1,2\n');
    const first = await store.putBlob(join(folder, 'a.csv'));
    expect(first).toEqual(await store.putBlob(join(folder, 'b.csv')));
    expect(first.sha256).toBe(createHash('sha256').update('x,y\n1,2\n').digest('hex'));
    expect(first.bytes).toBe(8);
    expect(await store.blobPath(first.sha256)).toBe(first.path);
    await writeFile(join(folder, 'a.csv'), 'x,y\n9,9\n');
    expect(await readFile(first.path, 'utf8')).toBe('x,y\n1,2\n');
    expect(await place.staged()).toEqual([]);
  });

  test('a file larger than one read arrives whole', async () => {
    const bytes = randomBytes(3_500_000);
    await writeFile(join(folder, 'large.bin'), bytes);
    const blob = await store.putBlob(join(folder, 'large.bin'));
    expect(blob.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(bytes.equals(await readFile(blob.path))).toBe(true);
  });

  test('a missing source, a blob that is gone, a digest that is a path', async () => {
    await expect(store.putBlob(join(folder, 'absent.csv'))).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
    });
    await expect(store.blobPath('0'.repeat(64))).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await expect(store.blobPath('../../etc/passwd')).rejects.toThrow();
  });
}
