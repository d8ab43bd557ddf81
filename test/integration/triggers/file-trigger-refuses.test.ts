// Catches a bad file that vanishes without a word, is written down again and again, holds up the next one, or leads out of the data root.
import { appendFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lookoutFor } from '../../../src/client/serve/triggers/file/sights';
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

async function takes({ lookAfter }: HandDriven, pipeline: string, name: string): Promise<void> {
  await world.write(name, `id\n${name}\n`);
  await lookAfter(0);
  await lookAfter(STABLE);
  expect(world.startedOf(pipeline).map(({ cause }) => cause?.event)).toEqual([name]);
}

test('an empty file is told once, by every watcher together, and taken when it has bytes', async () => {
  const pipeline = world.pipeline();
  const trigger = { path: 'empty/*.csv' };
  await world.write('empty/day.csv', '');
  const first = await world.watch(pipeline, trigger);
  const second = await world.watch(pipeline, trigger);
  for (const { lookAfter } of [first, second]) {
    await lookAfter(0);
    await lookAfter(STABLE);
    await lookAfter(STABLE);
  }
  expect(await world.letters(pipeline)).toEqual(['EVENT_INVALID empty/day.csv']);
  await takes(first, pipeline, 'empty/next.csv');

  await appendFile(world.path('empty/day.csv'), 'id\n1\n');
  await second.lookAfter(0);
  await second.lookAfter(STABLE);
  expect(world.startedOf(pipeline)).toHaveLength(2);
  expect(await world.letters(pipeline, 'open')).toEqual([]);
});

test('a file that is not complete in time is told once, and its letter is closed when it completes after all', async () => {
  const pipeline = world.pipeline();
  const driven = await world.watch(pipeline, { path: 'late/*.csv', timeout: '60s' });
  await world.write('late/day.csv', 'id\n');
  await driven.lookAfter(0);
  for (let row = 0; row < 20; row += 1) {
    await appendFile(world.path('late/day.csv'), `${row}\n`);
    await driven.lookAfter(STABLE - 1);
  }
  expect(await world.letters(pipeline, 'open')).toEqual(['FILE_INCOMPLETE late/day.csv']);
  await driven.lookAfter(STABLE);
  expect(world.startedOf(pipeline)).toHaveLength(1);
  expect(await world.letters(pipeline, 'open')).toEqual([]);
  expect(await world.letters(pipeline, 'replayed')).toEqual(['FILE_INCOMPLETE late/day.csv']);
});

test('a letter that a person has closed stays closed when a new watcher sees the same file', async () => {
  const pipeline = world.pipeline();
  const trigger = { path: 'closed/*.csv', marker: '.done', timeout: '60s' };
  await world.write('closed/day.csv', 'id\n1\n');
  const first = await world.watch(pipeline, trigger);
  await first.lookAfter(0);
  await first.lookAfter(60);
  const [letter] = await world.ledger.listDeadLetters({ pipeline, limit: 10 });
  expect(letter).toMatchObject({ code: 'FILE_INCOMPLETE', where: 'closed/day.csv', kind: 'file' });
  await world.ledger.settleDeadLetter(letter!.id, { state: 'discarded', by: 'ada', why: 'old' });
  const second = await world.watch(pipeline, trigger);
  await second.lookAfter(0);
  await second.lookAfter(60);
  expect(await world.letters(pipeline, 'open')).toEqual([]);
});

test('a file that vanishes before it is read is told once; the next is taken', async () => {
  const pipeline = world.pipeline();
  const driven = await world.watch(pipeline, { path: 'vanish/*.csv' });
  await world.write('vanish/day.csv', 'id\n1\n');
  await driven.lookAfter(0);
  await rm(world.path('vanish/day.csv'));
  await driven.lookAfter(STABLE);
  await driven.lookAfter(STABLE);
  expect(await world.letters(pipeline)).toEqual(['FILE_INCOMPLETE vanish/day.csv']);
  await takes(driven, pipeline, 'vanish/next.csv');
});

test('a file that a link leads to outside the root is told once and never read; a link within is taken', async () => {
  const pipeline = world.pipeline();
  await writeFile(join(world.folder, 'secret.csv'), 'id\nsecret\n');
  await mkdir(world.path('links'), { recursive: true });
  await symlink(join(world.folder, 'secret.csv'), world.path('links/out.csv'));
  const trigger = { path: 'links/*.csv' };
  const driven = await world.watch(pipeline, trigger);
  for (const { lookAfter } of [driven, await world.watch(pipeline, trigger)]) {
    await lookAfter(0);
    await lookAfter(STABLE);
  }
  expect(await world.letters(pipeline)).toEqual(['PATH_OUTSIDE_ROOT links/out.csv']);
  await world.write('elsewhere/in.csv', 'id\nelse\n');
  await symlink(world.path('elsewhere/in.csv'), world.path('links/in.csv'));
  await driven.lookAfter(0);
  await driven.lookAfter(STABLE);
  expect(world.startedOf(pipeline).map(({ cause }) => cause?.event)).toEqual(['links/in.csv']);
});

test.each(['../other/*.csv', 'a/{..,b}/../../*.csv', '/etc/*', 'out/*.csv'])(
  'the pattern %s leads out of the root',
  async (path) => {
    await mkdir(join(world.folder, 'other'), { recursive: true });
    await symlink(join(world.folder, 'other'), world.path('out')).catch(() => undefined);
    await expect(lookoutFor(fileTriggerSchema.parse({ path }), world.dataRoot)).rejects.toMatchObject({
      code: 'PATH_OUTSIDE_ROOT',
    });
  },
);

test('hidden files, folders and what a marker names are no events', async () => {
  const pipeline = world.pipeline();
  await world.write('hidden/.day.csv.part', 'id\n');
  await mkdir(world.path('hidden/folder.csv'), { recursive: true });
  const driven = await world.watch(pipeline, { path: 'hidden/*' });
  await driven.lookAfter(0);
  expect(driven.watch.waiting).toBe(0);
  await takes(driven, pipeline, 'hidden/day.csv');
});
