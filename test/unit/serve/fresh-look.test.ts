// Catches an answer that is older than the question, and a thousand questions at once that are a thousand looks.
import { createFreshLook } from '../../../src/client/serve/fresh-look';

test('many questions at once share looks, and each gets one that began after it', async () => {
  const begun: (() => void)[] = [];
  let value = 0;
  const look = createFreshLook(async () => {
    const found = value;
    await new Promise<void>((resolve) => begun.push(resolve));
    return found;
  });
  const first = look();
  await Promise.resolve();
  value = 1;
  const others = Array.from({ length: 1000 }, look);
  while (begun.length < 1) await Promise.resolve();
  begun[0]!();
  expect(await first).toBe(0);
  while (begun.length < 2) await Promise.resolve();
  begun[1]!();
  expect(new Set(await Promise.all(others))).toEqual(new Set([1]));
  expect(begun).toHaveLength(2);
});

test('a look that fails fails those who asked for it, and nobody after them', async () => {
  let fails = true;
  const look = createFreshLook(() => (fails ? Promise.reject(new Error('away')) : Promise.resolve('there')));
  const failing = look();
  await expect(failing).rejects.toThrow('away');
  fails = false;
  expect(await look()).toBe('there');
});
