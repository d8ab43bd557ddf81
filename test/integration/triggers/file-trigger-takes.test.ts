// Catches a file that starts a run while it is still being written, twice, or not at all: by a touch, a new name, a restart of the watcher between
// claim and start, a Temporal that is away, or the same bytes under two names.
import { appendFile, readFile, rename, rm, utimes } from 'node:fs/promises';
import { pino } from 'pino';
import { createClaimKeeper } from '../../../src/client/serve/claims';
import { sha256 } from '../../../src/contracts/digest';
import { until } from '../../support/faults/until';
import { quietTemporal } from '../../support/temporal';
import { FileTriggerWorld } from './file-trigger-world';

const STABLE = 5;
let world: FileTriggerWorld;
beforeAll(async () => {
  quietTemporal();
  world = await FileTriggerWorld.create();
}, 60_000);
afterAll(() => world.remove());
afterEach(() => {
  world.beforeStart = world.afterStart = () => Promise.resolve();
});

test('a file that grows is taken once it has stood still, whole, and its run has the bytes whatever becomes of it', async () => {
  const pipeline = world.pipeline();
  const { lookAfter, watch } = await world.watch(pipeline, { path: 'grow/*.csv', data: 'append' });
  await world.write('grow/day.csv', 'id,churn\n');
  await lookAfter(0);
  for (let row = 0; row < 4; row += 1) {
    await appendFile(world.path('grow/day.csv'), `${row},0\n`);
    await lookAfter(STABLE - 1);
    expect([watch.taken, watch.waiting]).toEqual([0, 1]);
  }
  await lookAfter(STABLE);
  expect([watch.taken, watch.waiting]).toEqual([1, 0]);

  const text = 'id,churn\n0,0\n1,0\n2,0\n3,0\n';
  await world.write('grow/day.csv', 'overwritten');
  const [input] = world.startedOf(pipeline);
  expect(input).toMatchObject({
    cause: { kind: 'file', event: 'grow/day.csv' },
    arrivals: [
      { source: 'customers', mode: 'append', name: 'grow/day.csv', sha256: sha256(text), bytes: text.length },
    ],
  });
  expect(await readFile(await world.store.blobPath(sha256(text)), 'utf8')).toBe(text);
});

test('with a marker the marker decides, and one that is older than the file was for another', async () => {
  const pipeline = world.pipeline();
  const { lookAfter, watch } = await world.watch(pipeline, { path: 'marked/*', marker: '.done' });
  await world.write('marked/day.csv.done', '');
  await utimes(world.path('marked/day.csv.done'), 1000, 1000);
  await world.write('marked/day.csv', 'id\n1\n');
  await lookAfter(0);
  await lookAfter(STABLE * 100);
  expect(watch.taken).toBe(0);
  await utimes(world.path('marked/day.csv.done'), new Date(), new Date());
  await lookAfter(0);
  expect(world.startedOf(pipeline).map(({ cause }) => cause?.event)).toEqual(['marked/day.csv']);
});

test('a touch, a look in between and a new watcher start nothing; other bytes do', async () => {
  const pipeline = world.pipeline();
  const trigger = { path: 'again/*.csv' };
  await world.write('again/day.csv', 'id\n1\n');
  const first = await world.watch(pipeline, trigger);
  await first.lookAfter(0);
  await first.lookAfter(STABLE);
  await utimes(world.path('again/day.csv'), new Date(), new Date());
  await first.lookAfter(0);
  await first.lookAfter(STABLE);
  // It was looked at again, and found its run.
  expect(first.watch.taken).toBe(2);
  const second = await world.watch(pipeline, trigger);
  await second.lookAfter(0);
  await second.lookAfter(STABLE);
  expect([second.watch.taken, second.watch.waiting]).toEqual([1, 0]);
  expect(world.startedOf(pipeline)).toHaveLength(1);

  await world.write('again/day.csv', 'id\n1\n2\n');
  await second.lookAfter(0);
  await second.lookAfter(STABLE);
  expect(world.startedOf(pipeline)).toHaveLength(2);
});

test.each([
  ['name+content', 2],
  ['content', 1],
] as const)('the same bytes under two names, by %s: %d runs', async (dedupe, runs) => {
  const pipeline = world.pipeline();
  const folder = `twice-${runs}`;
  await world.write(`${folder}/a.csv`, 'id\n1\n');
  await world.write(`${folder}/b.csv`, 'id\n1\n');
  const { lookAfter, watch } = await world.watch(pipeline, { path: `${folder}/*.csv`, dedupe });
  await lookAfter(0);
  await lookAfter(STABLE);
  expect(watch.taken).toBe(2);
  expect(world.startedOf(pipeline)).toHaveLength(runs);
});

test.each(['beforeStart', 'afterStart'] as const)(
  'a watcher that ends at %s leaves one run to the next one',
  async (moment) => {
    const pipeline = world.pipeline();
    const trigger = { path: `crash-${moment}/*.csv` };
    await world.write(`crash-${moment}/day.csv`, 'id\n1\n');
    const killed = await world.watch(pipeline, trigger);
    world[moment] = () => Promise.reject(new Error('killed'));
    await killed.lookAfter(0);
    await killed.lookAfter(STABLE);
    expect([killed.watch.taken, killed.watch.away]).toEqual([0, 'killed']);
    world[moment] = () => Promise.resolve();

    const next = await world.watch(pipeline, trigger);
    await next.lookAfter(0);
    await next.lookAfter(STABLE);
    expect(next.watch.taken).toBe(1);
    expect(world.startedOf(pipeline)).toHaveLength(1);
    expect(await world.ledger.listUnconfirmed('9999', 10)).toEqual([]);
  },
);

test('a claim whose file is gone when the watcher comes back has its run all the same', async () => {
  const pipeline = world.pipeline();
  await world.write('gone/day.csv', 'id\n1\n');
  const killed = await world.watch(pipeline, { path: 'gone/*.csv' });
  world.beforeStart = () => Promise.reject(new Error('killed'));
  await killed.lookAfter(0);
  await killed.lookAfter(STABLE);
  await rm(world.path('gone/day.csv'));
  world.beforeStart = () => Promise.resolve();

  const { ledger, starter } = world;
  const keeper = createClaimKeeper(
    { ledger, starter, logger: pino({ level: 'silent' }) },
    { lookEveryMs: 20, leftBehindMs: 0 },
  );
  await until('the claim has its run', () => Promise.resolve(world.startedOf(pipeline).length === 1));
  await keeper.stop();
  expect(await ledger.listUnconfirmed('9999', 10)).toEqual([]);
});

test('while Temporal is away files wait, and no letter is written', async () => {
  const pipeline = world.pipeline();
  const { lookAfter, watch } = await world.watch(pipeline, { path: 'away/*.csv' });
  for (const name of ['a', 'b']) await world.write(`away/${name}.csv`, `id\n${name}\n`);
  await lookAfter(0);
  await world.server.kill();
  await lookAfter(STABLE);
  expect(watch.waiting).toBe(2);
  expect(watch.away).toMatch(/^TEMPORAL_UNAVAILABLE/);
  await world.server.restart();
  await until('both have their runs', async () => {
    await lookAfter(1);
    return watch.waiting === 0;
  });
  expect(world.startedOf(pipeline)).toHaveLength(2);
  expect(watch.away).toBeUndefined();
  expect(await world.letters(pipeline)).toEqual([]);
}, 90_000);

test('a file that gets its last name while it waits is taken under that one', async () => {
  const pipeline = world.pipeline();
  const { lookAfter } = await world.watch(pipeline, { path: 'renamed/*' });
  await world.write('renamed/day.csv.part', 'id\n1\n');
  await lookAfter(0);
  await rename(world.path('renamed/day.csv.part'), world.path('renamed/day.csv'));
  await lookAfter(STABLE);
  expect(world.startedOf(pipeline).map(({ cause }) => cause?.event)).toEqual(['renamed/day.csv']);
  expect(await world.letters(pipeline)).toEqual([]);
});
