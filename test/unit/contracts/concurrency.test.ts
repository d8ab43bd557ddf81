/** Catches: more at a time than may be, results out of order, work that is begun after a failure or still under way when the caller goes on. */
import { mapConcurrently } from '../../../src/contracts/concurrency';

const items = Array.from({ length: 20 }, (_, index) => index);

/** Lets whatever can go on go on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('no more than so many at a time, and the results in the order of the items', async () => {
  let running = 0;
  let most = 0;
  const results = await mapConcurrently(items, 3, async (item) => {
    most = Math.max(most, ++running);
    // Later ones end sooner.
    for (let turns = items.length - item; turns > 0; turns -= 1) await turn();
    running -= 1;
    return item * 2;
  });
  expect(results).toEqual(items.map((item) => item * 2));
  expect(most).toBe(3);
});

test('one that has ended makes room at once', async () => {
  const slow = Promise.withResolvers<undefined>();
  const begun: number[] = [];
  const all = mapConcurrently(items, 2, async (item) => {
    begun.push(item);
    if (item === 0) await slow.promise;
  });
  while (begun.length < items.length) await turn();
  slow.resolve(undefined);
  await all;
});

test('after a failure nothing more is begun, what is under way is waited for, and the first failure is thrown', async () => {
  const held = Promise.withResolvers<undefined>();
  const begun: number[] = [];
  let ended = false;
  const all = mapConcurrently(items, 3, async (item) => {
    begun.push(item);
    if (item === 1) throw new Error('the first');
    await held.promise;
    throw new Error('a later one');
  });
  const failure = all.then(
    () => undefined,
    (error: unknown) => {
      ended = true;
      return error;
    },
  );
  for (let turns = 0; turns < 10; turns += 1) await turn();
  expect({ begun, ended }).toEqual({ begun: [0, 1, 2], ended: false });
  held.resolve(undefined);
  expect(await failure).toEqual(new Error('the first'));
});

test('nothing to do, and more room than work', async () => {
  expect(await mapConcurrently([], 5, () => Promise.reject(new Error('never')))).toEqual([]);
  expect(await mapConcurrently(['a'], 5, (item) => Promise.resolve(item))).toEqual(['a']);
});
