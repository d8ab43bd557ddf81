/** Catches: a committed offset with an open message before it, which a crash would lose; an offset that goes back; a gap of offsets that stops all commits. */
import { OffsetTracker } from '../../../src/adapters/kafka/offset-tracker';
import { seededRandom } from '../../support/seeded-random';

function tracker(...offsets: number[]): OffsetTracker {
  const made = new OffsetTracker();
  for (const offset of offsets) expect(made.begin(BigInt(offset))).toBe(true);
  return made;
}

test('only what stands before the first open message is committed', () => {
  const one = tracker(5, 6, 7);
  expect(one.toCommit()).toBeUndefined();
  one.done(7n);
  one.done(6n);
  expect(one.toCommit()).toBeUndefined();
  one.done(5n);
  expect(one.toCommit()).toBe(8n);
  expect(one.waiting).toBe(0);
});

test('what Kafka has taken is not committed again, and what it refused is', () => {
  const one = tracker(1, 2);
  one.done(1n);
  expect(one.toCommit()).toBe(2n);
  expect(one.toCommit()).toBe(2n);
  one.wasCommitted(2n);
  expect(one.toCommit()).toBeUndefined();
  one.done(2n);
  expect(one.toCommit()).toBe(3n);
});

test('offsets may have gaps, as transactions and compaction leave them', () => {
  const one = tracker(0, 4, 9);
  one.done(0n);
  expect(one.toCommit()).toBe(1n);
  one.done(4n);
  one.done(9n);
  expect(one.toCommit()).toBe(10n);
});

test('a message that came before is on its way already', () => {
  const one = tracker(3, 4);
  expect(one.begin(4n)).toBe(false);
  expect(one.begin(3n)).toBe(false);
  one.done(3n);
  expect(one.begin(3n)).toBe(false);
});

test('in whatever order messages end, the committed offset is the first open one and never goes back', () => {
  const random = seededRandom(7);
  const count = 300;
  const one = tracker(...Array.from({ length: count }, (_, offset) => offset));
  const open = new Set(Array.from({ length: count }, (_, offset) => offset));
  let last = 0n;
  while (open.size > 0) {
    const candidates = [...open];
    const chosen = candidates[Math.floor(random() * candidates.length)] ?? 0;
    open.delete(chosen);
    one.done(BigInt(chosen));
    const next = one.toCommit();
    if (next === undefined) continue;
    expect(next).toBe(BigInt(open.size === 0 ? count : Math.min(...open)));
    expect(next).toBeGreaterThan(last);
    one.wasCommitted(next);
    last = next;
  }
  expect(last).toBe(BigInt(count));
});
