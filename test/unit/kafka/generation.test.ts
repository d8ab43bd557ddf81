/**
 * Catches: a commit past a message that is not done, a commit after the partitions were taken away, messages that go on while one waits for Temporal (the window
 * would grow without bound), more work at once than is allowed.
 */
import type { Message } from '@platformatic/kafka';
import { Generation } from '../../../src/client/serve/triggers/kafka/generation';
import { Slots } from '../../../src/client/serve/triggers/kafka/slots';
import { until } from '../../support/faults/until';

/** Messages 0, 1, 2… of one partition, each done when the test says so. */
class Messages {
  readonly begun: number[] = [];
  readonly committed: bigint[] = [];
  readonly generation: Generation;
  private readonly settle = new Map<number, { done: () => void; fail: () => void }>();

  constructor(count: number, inFlight: number) {
    this.generation = new Generation({
      slots: new Slots(inFlight),
      serve: ({ offset }) =>
        new Promise((resolve, reject) => {
          this.begun.push(Number(offset));
          this.settle.set(Number(offset), { done: resolve, fail: () => reject(new Error('away')) });
        }),
      commit: (offsets) => {
        this.committed.push(...offsets.map(({ offset }) => offset));
        return Promise.resolve();
      },
      away: () => undefined,
      back: () => undefined,
      pauseBefore: () => 0,
    });
    void this.generation.take(streamOf(count));
  }

  /** Waits until exactly these have begun, in this order. */
  async hasBegun(...offsets: number[]): Promise<void> {
    await until(`${offsets.join()} have begun`, () => Promise.resolve(this.begun.length >= offsets.length));
    expect(this.begun).toEqual(offsets);
  }

  done(offset: number): void {
    this.settle.get(offset)?.done();
  }

  fail(offset: number): void {
    this.settle.get(offset)?.fail();
  }

  async hasCommitted(offset: bigint): Promise<void> {
    await until(`${offset} is committed`, () => Promise.resolve(this.committed.at(-1) === offset));
  }
}

async function* streamOf(count: number): AsyncGenerator<Message> {
  for (let offset = 0; offset < count; offset++) {
    yield { topic: 't', partition: 0, offset: BigInt(offset) } as Message;
    await Promise.resolve();
  }
}

test('an open message holds back the commits of all behind it', async () => {
  const messages = new Messages(3, 10);
  await messages.hasBegun(0, 1, 2);
  messages.done(1);
  messages.done(2);
  messages.done(0);
  await messages.hasCommitted(3n);
  expect(messages.committed).toEqual([3n]);
  messages.generation.end();
});

test('once it has ended nothing is committed, whatever is done then', async () => {
  const messages = new Messages(2, 10);
  await messages.hasBegun(0, 1);
  messages.generation.end();
  messages.done(0);
  messages.done(1);
  await messages.generation.finish(1000);
  expect(messages.committed).toEqual([]);
});

test('a message that cannot be served yet is tried again, and none behind it begins meanwhile', async () => {
  const messages = new Messages(4, 2);
  await messages.hasBegun(0, 1);
  messages.fail(0);
  await messages.hasBegun(0, 1, 0);
  messages.done(1);
  messages.fail(0);
  await messages.hasBegun(0, 1, 0, 0);
  messages.done(0);
  await messages.hasBegun(0, 1, 0, 0, 2, 3);
  messages.generation.end();
});

test('no more is under way than is allowed', async () => {
  const messages = new Messages(5, 2);
  await messages.hasBegun(0, 1);
  messages.done(0);
  await messages.hasBegun(0, 1, 2);
  messages.done(2);
  messages.done(1);
  await messages.hasBegun(0, 1, 2, 3, 4);
  messages.generation.end();
});

test('finishing waits for what is under way, and commits it', async () => {
  const messages = new Messages(2, 10);
  await messages.hasBegun(0, 1);
  const finished = messages.generation.finish(10_000);
  messages.done(0);
  messages.done(1);
  await finished;
  expect(messages.committed).toEqual([2n]);
});
