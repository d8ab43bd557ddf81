/**
 * Catches: a commit past a message that is not done, a commit after the partitions were taken away, messages that go on while one of their partition waits
 * for Temporal (the window would grow without bound), a partition that is held because of another one's message, more work at once than is allowed.
 */
import type { Message } from '@platformatic/kafka';
import { Generation } from '../../../src/adapters/kafka/generation';
import { Slots } from '../../../src/adapters/kafka/slots';
import { until } from '../../support/faults/until';

const away = (): Error => new Error('away');

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
          this.settle.set(Number(offset), { done: resolve, fail: () => reject(away()) });
        }),
      commit: (offsets) => {
        this.committed.push(...offsets.map(({ offset }) => offset));
        return Promise.resolve();
      },
      triesFor: () => Infinity,
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

/** Two partitions of three messages each, one of which waits. */
class Partitions {
  readonly begun: string[] = [];
  readonly committed: string[] = [];
  readonly tellings: string[] = [];
  readonly generation: Generation;
  private letGo: () => void = () => undefined;
  private readonly isFree = new Promise<void>((resolve) => (this.letGo = resolve));

  constructor(
    places: readonly string[],
    waiting: string,
    changes: { inFlight?: number; keptBytes?: number } = {},
  ) {
    let isFree = false;
    void this.isFree.then(() => (isFree = true));
    this.generation = new Generation({
      slots: new Slots(changes.inFlight ?? 1),
      serve: ({ partition, offset }) => {
        const place = `${partition}@${offset}`;
        this.begun.push(place);
        return place === waiting && !isFree ? Promise.reject(away()) : Promise.resolve();
      },
      commit: (offsets) => {
        this.committed.push(...offsets.map(({ partition, offset }) => `${partition}@${offset}`));
        return Promise.resolve();
      },
      triesFor: () => Infinity,
      away: () => this.tellings.push('away'),
      back: () => this.tellings.push('back'),
      pauseBefore: () => 1,
      ...(changes.keptBytes !== undefined && { keptBytes: changes.keptBytes }),
    });
    void this.generation.take(messagesAt(places));
  }

  free(): void {
    this.letGo();
  }

  async hasCommitted(place: string): Promise<void> {
    await until(`${place} is committed`, () => Promise.resolve(this.committed.includes(place)));
  }
}

async function* messagesAt(places: readonly string[]): AsyncGenerator<Message> {
  for (const place of places) {
    const [partition = 0, offset = 0] = place.split('@').map(Number);
    yield { topic: 't', partition, offset: BigInt(offset), value: Buffer.alloc(10) } as unknown as Message;
    await Promise.resolve();
  }
}

test('a message that waits holds its own partition, and the others go on', async () => {
  const places = ['0@0', '0@1', '1@0', '0@2', '1@1', '1@2'];
  const partitions = new Partitions(places, '0@0');
  await partitions.hasCommitted('1@3');
  expect(partitions.begun.filter((place) => place.startsWith('0') && place !== '0@0')).toEqual([]);
  expect(partitions.committed.filter((place) => place.startsWith('0'))).toEqual([]);
  // What it waits for is not over because others are served.
  expect(partitions.tellings).not.toContain('back');
  partitions.free();
  await partitions.hasCommitted('0@3');
  expect(partitions.begun.filter((place) => place.startsWith('0') && place !== '0@0')).toEqual([
    '0@1',
    '0@2',
  ]);
  expect(partitions.tellings.at(-1)).toBe('back');
  partitions.generation.end();
});

test('what is kept back of a partition that waits is bounded: with more of it nothing is read', async () => {
  const places = ['0@0', '0@1', '0@2', '0@3', '1@0'];
  const partitions = new Partitions(places, '0@0', { keptBytes: 1 });
  await until('it was tried again', () => Promise.resolve(partitions.begun.length > 3));
  expect(new Set(partitions.begun)).toEqual(new Set(['0@0']));
  partitions.free();
  await partitions.hasCommitted('0@4');
  await partitions.hasCommitted('1@1');
  partitions.generation.end();
});

test('after the partitions were taken away nothing that was kept back is begun', async () => {
  const partitions = new Partitions(['0@0', '0@1', '1@0'], '0@0');
  await partitions.hasCommitted('1@1');
  partitions.generation.end();
  partitions.free();
  await partitions.generation.finish(1000);
  expect(partitions.begun).not.toContain('0@1');
});

test.each([
  ['a defect', new TypeError('a defect'), 5],
  ['a file that cannot be read', new RangeError('its disk'), 7],
])('%s has so many tries, of which the last one is told so', async (_, failure, most) => {
  const tries: boolean[] = [];
  const committed: bigint[] = [];
  const generation = new Generation({
    slots: new Slots(1),
    serve: (_, isLast) => {
      tries.push(isLast);
      if (tries.length === 2) return Promise.reject(away());
      return isLast ? Promise.resolve() : Promise.reject(failure);
    },
    commit: (offsets) => {
      committed.push(...offsets.map(({ offset }) => offset));
      return Promise.resolve();
    },
    triesFor: (error) => (error instanceof TypeError ? 5 : error instanceof RangeError ? 7 : Infinity),
    away: () => undefined,
    back: () => undefined,
    pauseBefore: () => 0,
  });
  void generation.take(messagesAt(['0@0']));
  await until('it was given up', () => Promise.resolve(committed.length > 0));
  // The second try found Temporal away, which is no try.
  expect(tries).toEqual([...Array.from({ length: most }, () => false), true]);
  generation.end();
});
