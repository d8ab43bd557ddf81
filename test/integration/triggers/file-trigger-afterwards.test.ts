/**
 * Catches a file that is lost, overwritten or taken twice when it is moved or deleted after its run has started, also by a crash half-way; and a
 * file of another user, or one that cannot be put back, that stops the trigger.
 */
import { chmod, chown, link, mkdir, readdir, readFile, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { finishFile } from '../../../src/client/serve/triggers/file/afterwards';
import { lookoutFor, sightsOf } from '../../../src/client/serve/triggers/file/sights';
import { fileTriggerSchema } from '../../../src/contracts/pipeline-file';
import { quietTemporal } from '../../support/temporal';
import { FileTriggerWorld, type HandDriven } from './file-trigger-world';

const STABLE = 5;
let world: FileTriggerWorld;
beforeAll(async () => {
  quietTemporal();
  world = await FileTriggerWorld.create();
}, 60_000);
afterAll(() => world.remove());

async function take({ lookAfter }: HandDriven): Promise<void> {
  await lookAfter(0);
  await lookAfter(STABLE);
}

/** All files below a folder of the data root, hidden ones too, with their text. */
async function files(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(world.path(folder), { recursive: true, withFileTypes: true }))
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name);
      found[path.slice(world.path(folder).length + 1)] = await readFile(path, 'utf8');
    }
  return found;
}

test('deleted with its marker, and not before its run has started', async () => {
  const pipeline = world.pipeline();
  const driven = await world.watch(pipeline, { path: 'delete/*.csv', after: 'delete', marker: '.done' });
  await world.write('delete/day.csv', 'id\n1\n');
  await world.write('delete/day.csv.done', '');
  world.beforeStart = () => Promise.reject(new Error('killed'));
  await take(driven);
  expect(Object.keys(await files('delete'))).toEqual(['day.csv', 'day.csv.done']);
  world.beforeStart = () => Promise.resolve();
  await driven.lookAfter(STABLE);
  expect(world.startedOf(pipeline)).toHaveLength(1);
  expect(await files('delete')).toEqual({});
});

test('moved below the same folder, where it is no event; one of the same name is never overwritten', async () => {
  const pipeline = world.pipeline();
  const driven = await world.watch(pipeline, { path: 'move/**/*.csv', after: { move: 'move/done' } });
  for (const text of ['one', 'two', 'three']) {
    await world.write('move/day.csv', text);
    await take(driven);
  }
  await driven.lookAfter(STABLE);
  expect(world.startedOf(pipeline)).toHaveLength(3);
  expect(await files('move')).toEqual({
    'done/day.csv': 'one',
    'done/day-2.csv': 'two',
    'done/day-3.csv': 'three',
  });
});

test('a crash after the file was set aside, or after it got its second name, loses and doubles nothing', async () => {
  const pipeline = world.pipeline();
  const trigger = { path: 'half/*.csv', after: { move: 'half-done' } } as const;
  for (const name of ['a', 'b']) await world.write(`half/${name}.csv`, name);
  const killed = await world.watch(pipeline, { ...trigger, after: 'keep' });
  await take(killed);
  expect(world.startedOf(pipeline)).toHaveLength(2);
  // As a process leaves it that is killed between two steps.
  for (const name of ['a', 'b'])
    await rename(world.path(`half/${name}.csv`), world.path(`half/.${name}.csv.millrace-done`));
  await mkdir(world.path('half-done'));
  await link(world.path('half/.b.csv.millrace-done'), world.path('half-done/b.csv'));

  await take(await world.watch(pipeline, trigger));
  expect(await files('half')).toEqual({});
  expect(await files('half-done')).toEqual({ 'a.csv': 'a', 'b.csv': 'b' });
  expect(world.startedOf(pipeline)).toHaveLength(2);
});

test.each(['delete', { move: 'swap-done' }] as const)(
  'a file that was put in its place meanwhile stays, and has its own run (%j)',
  async (after) => {
    const pipeline = world.pipeline();
    const driven = await world.watch(pipeline, { path: 'swap/*.csv', after });
    await world.write('swap/day.csv', 'old');
    world.afterStart = async () => {
      world.afterStart = () => Promise.resolve();
      await world.write('swap/new', 'new');
      await rename(world.path('swap/new'), world.path('swap/day.csv'));
    };
    await take(driven);
    expect(await files('swap')).toEqual({ 'day.csv': 'new' });
    await take(driven);
    expect(world.startedOf(pipeline)).toHaveLength(2);
    expect(await files('swap')).toEqual({});
  },
);

test('a folder to move to that has become a link out of the root is not moved to; the run has started, the file stays', async () => {
  const pipeline = world.pipeline();
  const driven = await world.watch(pipeline, { path: 'trap/*.csv', after: { move: 'trap-done' } });
  await mkdir(join(world.folder, 'outside'));
  await symlink(join(world.folder, 'outside'), world.path('trap-done'));
  await world.write('trap/day.csv', 'id\n1\n');
  await take(driven);
  expect(world.startedOf(pipeline)).toHaveLength(1);
  expect(await files('trap')).toEqual({ 'day.csv': 'id\n1\n' });
  expect(await readdir(join(world.folder, 'outside'))).toEqual([]);
});

/** Root may link everything. Where the tests run as another user, no file of a third one can be made. */
const asRoot = process.geteuid?.() === 0 ? test : test.skip;
const NOBODY = 65_534;

/** As a service without rights of its own does it. */
async function asNobody<Result>(work: () => Promise<Result>): Promise<Result> {
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

async function folderOfNobody(name: string): Promise<void> {
  for (const folder of [world.folder, world.dataRoot]) await chmod(folder, 0o755);
  await mkdir(world.path(name));
  await chown(world.path(name), NOBODY, NOBODY);
}

asRoot(
  'a file of another user is moved, never over one that is there, and put back when it cannot be',
  async () => {
    await folderOfNobody('others');
    await folderOfNobody('others-done');
    const trigger = fileTriggerSchema.parse({ path: 'others/*.csv', after: { move: 'others-done' } });
    const lookout = await lookoutFor(trigger, world.dataRoot);
    const finish = async (): Promise<string> => {
      const { files: sights } = await sightsOf(lookout);
      return asNobody(() => finishFile(trigger.after, lookout, sights[0]!));
    };
    for (const text of ['one', 'two']) {
      await world.write('others/day.csv', text);
      expect(await finish()).toBe('gone');
    }
    expect(await files('others')).toEqual({});
    expect(await files('others-done')).toEqual({ 'day.csv': 'one', 'day-2.csv': 'two' });
    await world.write('others/day.csv', 'three');
    await chown(world.path('others-done'), 0, 0);
    await expect(finish()).rejects.toMatchObject({ code: 'EACCES' });
    expect(await files('others')).toEqual({ 'day.csv': 'three' });
  },
);

asRoot('what cannot be put back is told, and the trigger goes on', async () => {
  const pipeline = world.pipeline();
  await chmod(world.folder, 0o755);
  await world.write('stuck/.old.csv.millrace-done', 'old');
  await world.write('stuck/day.csv', 'id\n1\n');
  await chmod(world.path('stuck'), 0o755);
  const driven = await world.watch(pipeline, { path: 'stuck/*.csv' });
  await asNobody(() => driven.lookAfter(0));
  expect(driven.watch.away).toBeUndefined();
  await driven.lookAfter(STABLE);
  expect(world.startedOf(pipeline)).toHaveLength(1);
  // The next process, with the right to, finds it.
  await take(await world.watch(pipeline, { path: 'stuck/*.csv' }));
  expect(Object.keys(await files('stuck')).sort()).toEqual(['day.csv', 'old.csv']);
});
