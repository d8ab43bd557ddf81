/**
 * One assignment of partitions to this process, from the join of the consumer group to the next. It serves messages side by side, says again what could
 * not be served yet, and commits the contiguous prefix of what is done with. A message that waits holds its own partition, and no other. Once the
 * generation has ended it commits nothing more: what was not committed comes again to whoever has the partition then, and finds its claim.
 */
import type { Message } from '@platformatic/kafka';
import { kafkaUnavailable } from './connection';
import { bytesOf, Lane } from './lane';
import { OffsetCommits, type CommittedOffset } from './offset-commits';
import type { Slots } from './slots';

type KafkaRecord = Message;

/** What a generation needs of the part. */
export interface GenerationDependencies {
  readonly slots: Slots;
  /** Serves a message for good; on the last try what has no tries left is given up. @throws what shall be tried again. */
  serve(message: KafkaRecord, isLast: boolean): Promise<void>;
  /** So many tries of a message may fail like this before it is given up; Infinity where something is away that is no fault of the message. */
  triesFor(error: unknown): number;
  commit(offsets: CommittedOffset[]): Promise<void>;
  /** Something did not answer, or does again. */
  away(error: unknown): void;
  back(): void;
  /** Milliseconds before the next try. */
  pauseBefore(attempt: number): number;
  /** Bytes that may be kept back of partitions that wait; with more of them nothing is read. */
  readonly keptBytes?: number;
}

/** How many tries of one message failed, by how many of their kind there may be. */
type Failures = Map<number, number>;

/** Thousands of messages behind one that waits, and a bound for the memory. */
const KEPT_BYTES = 32 * 1024 * 1024;

/** See the file's head. */
export class Generation {
  private readonly lanes = new Map<string, Lane>();
  private readonly ending = new AbortController();
  private readonly under = new Set<Promise<void>>();
  /** Messages that wait to be tried again, of all partitions. */
  private waiting = 0;
  /** What lanes keep back. */
  private keptBytes = 0;
  private readonly wake = new Set<() => void>();
  private finishing = false;
  private readonly commits: OffsetCommits;

  constructor(private readonly dependencies: GenerationDependencies) {
    this.commits = new OffsetCommits(
      () => this.lanes.values(),
      (offsets) => dependencies.commit(offsets),
      (error) => dependencies.away(kafkaUnavailable(error)),
    );
  }

  /** Takes messages until the stream or the generation ends. */
  async take(stream: AsyncIterable<KafkaRecord>): Promise<void> {
    for await (const message of stream) {
      const lane = this.laneOf(message);
      if (lane.isHeld()) {
        await this.keep(lane, message);
        if (this.isOver) return;
        continue;
      }
      const release = await this.dependencies.slots.take(this.ending.signal);
      if (!release || this.isOver) {
        release?.();
        return;
      }
      // It may have begun to wait while there was no slot.
      if (lane.isHeld()) {
        release();
        await this.keep(lane, message);
      } else this.begin(lane, message, release);
    }
  }

  get ended(): boolean {
    return this.ending.signal.aborted;
  }

  /** From now on nothing is committed and nothing is tried again. */
  end(): void {
    this.ending.abort();
    this.commits.end();
    this.wakeUp();
  }

  /** Begins nothing more, waits for what is under way (at most so long), commits it, and ends. */
  async finish(limitMs: number): Promise<void> {
    this.finishing = true;
    this.wakeUp();
    const limit = new Promise((resolve) => setTimeout(resolve, limitMs).unref());
    await Promise.race([Promise.all(this.under), limit]);
    if (!this.ended) await Promise.race([this.commits.flush(), limit]);
    this.end();
  }

  /** Nothing more is begun. */
  private get isOver(): boolean {
    return this.ended || this.finishing;
  }

  /** Leaves a message behind those of its partition that wait; waits itself when too much is kept. */
  private async keep(lane: Lane, message: KafkaRecord): Promise<void> {
    const limit = this.dependencies.keptBytes ?? KEPT_BYTES;
    while (this.keptBytes >= limit && lane.isHeld() && !this.isOver)
      await new Promise<void>((resolve) => this.wake.add(resolve));
    this.keptBytes += bytesOf(message);
    lane.kept.push(message);
    // Those before it may all have been begun while it waited for room.
    this.goOn(lane);
  }

  /** Begins what was kept back, until a message of the partition waits again. */
  private goOn(lane: Lane): void {
    if (lane.isGoingOn || lane.waiting > 0) return;
    lane.isGoingOn = true;
    this.track(this.beginKept(lane));
  }

  private async beginKept(lane: Lane): Promise<void> {
    try {
      while (lane.kept.length > 0) {
        const release = await this.dependencies.slots.take(this.ending.signal);
        const next = lane.waiting > 0 || this.isOver ? undefined : lane.kept.shift();
        if (!release || !next) {
          release?.();
          return;
        }
        this.keptBytes -= bytesOf(next);
        this.wakeUp();
        this.begin(lane, next, release);
      }
    } finally {
      lane.isGoingOn = false;
    }
  }

  private begin(lane: Lane, message: KafkaRecord, release: () => void): void {
    if (lane.tracker.begin(message.offset)) this.track(this.serveUntilDone(lane, message, release));
    else release();
  }

  private track(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => this.under.delete(tracked));
    this.under.add(tracked);
  }

  /** `release` gives back the slot of the first try: a message that waits has none, so that others have theirs. */
  private async serveUntilDone(lane: Lane, message: KafkaRecord, release: () => void): Promise<void> {
    const failures: Failures = new Map();
    const isServed = await this.isServed(lane, message, failures);
    if (!isServed) this.waits(lane, 1);
    release();
    if (isServed) return;
    try {
      for (let attempt = 1; !this.ended; attempt++) {
        await this.pause(this.dependencies.pauseBefore(attempt));
        if (await this.isServedInTurn(lane, message, failures)) return;
      }
    } finally {
      this.waits(lane, -1);
    }
  }

  private async isServedInTurn(lane: Lane, message: KafkaRecord, failures: Failures): Promise<boolean> {
    const { signal } = this.ending;
    const turn = await lane.again.take(signal);
    const release = turn && (await this.dependencies.slots.take(signal));
    try {
      return release !== undefined && (await this.isServed(lane, message, failures));
    } finally {
      release?.();
      turn?.();
    }
  }

  /** One try. */
  private async isServed({ tracker }: Lane, message: KafkaRecord, failures: Failures): Promise<boolean> {
    const isLast = [...failures].some(([most, count]) => count >= most - 1);
    try {
      await this.dependencies.serve(message, isLast);
    } catch (error) {
      const most = this.dependencies.triesFor(error);
      failures.set(most, (failures.get(most) ?? 0) + 1);
      this.dependencies.away(error);
      return false;
    }
    tracker.done(message.offset);
    this.commits.schedule();
    this.tellBack();
    return true;
  }

  private waits(lane: Lane, change: 1 | -1): void {
    lane.waiting += change;
    this.waiting += change;
    if (this.ended || change > 0) return;
    this.tellBack();
    this.wakeUp();
    this.goOn(lane);
  }

  /** Said once nothing waits any more: else what one message waits for would be told of anew with every other that is served. */
  private tellBack(): void {
    if (this.waiting === 0) this.dependencies.back();
  }

  private wakeUp(): void {
    for (const resolve of this.wake) resolve();
    this.wake.clear();
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = (): void => {
        clearTimeout(timer);
        this.ending.signal.removeEventListener('abort', stop);
        resolve();
      };
      const timer = setTimeout(stop, milliseconds);
      this.ending.signal.addEventListener('abort', stop);
    });
  }

  private laneOf({ topic, partition }: KafkaRecord): Lane {
    const key = `${topic}/${partition}`;
    let lane = this.lanes.get(key);
    if (!lane) this.lanes.set(key, (lane = new Lane(topic, partition)));
    return lane;
  }
}
