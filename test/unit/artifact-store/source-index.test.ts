/** Catches: a source that was rewritten and is taken for what it held before. */
import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprintOf, recall, remember } from '../../../src/adapters/artifact-store/file/source-index';

const digest = { sha256: 'a'.repeat(64), bytes: 3 };
const LATER_MS = 10_000;

let folder: string;
let file: string;
let entry: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-source-index-'));
  file = join(folder, 'source.csv');
  entry = join(folder, 'index', 'entry.json');
  await writeFile(file, 'one');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function recalled(): Promise<unknown> {
  return recall(entry, fingerprintOf(await stat(file, { bigint: true })) ?? '');
}

test('an unchanged file is known again', async () => {
  await remember(entry, await stat(file, { bigint: true }), Date.now() + LATER_MS, digest);
  expect(await recalled()).toEqual(digest);
});

test('a file rewritten in place at equal size and time of modification is not', async () => {
  const { atime, mtime } = await stat(file);
  // So that the time of modification has no finer part than what utimes can set again.
  await utimes(file, atime, mtime);
  await remember(entry, await stat(file, { bigint: true }), Date.now() + LATER_MS, digest);
  await writeFile(file, 'two');
  await utimes(file, atime, mtime);
  expect(await recalled()).toBeUndefined();
});

test('a file that was written just before it was read is not remembered', async () => {
  await remember(entry, await stat(file, { bigint: true }), Date.now(), digest);
  expect(await recalled()).toBeUndefined();
});

test('an index entry cut short is no entry', async () => {
  await remember(entry, await stat(file, { bigint: true }), Date.now() + LATER_MS, digest);
  await writeFile(entry, '{"fingerprint":');
  expect(await recalled()).toBeUndefined();
});
