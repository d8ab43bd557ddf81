/**
 * One assignment of partitions to this process, from the join of the consumer group to the next. It serves messages side by side, says again what could
 * not be served yet, and commits the contiguous prefix of what is done with. Once it has ended it commits nothing more: what was not committed
 * comes again to whoever has the partition then, and finds its claim.
 */
import type { Message } from '@platformatic/kafka';
import { kafkaUnavailable } from './connection';
import { Slots } from './slots';
import { OffsetTracker } from './offset-tracker';

type KafkaRecord = Message;

/** What a generation needs of the part. */
export interface GenerationDependencies {
  readonly slots: Slots;
  /** Serves a message for good. @throws whatever may be over in a moment. */
  serve(message: KafkaRecord): Promise<void>;
  commit(offsets: { topic: string; partition: number; offset: bigint; leaderEpoch: number }[]): Promise<void>;
  /** Something did not answer, or does again. */
  away(error: unknown): void;
  back(): void;
  /** Milliseconds before the next try. */
  pauseBefore(attempt: number): number;
}

/** Commits are gathered for this long. */
const COMMIT_EVERY_MS = 50;

/** See the file's head. */
export class Generation {
  private readonly trackers = new Map<string, { topic: string; partition: number; tracker: OffsetTracker }>();
  private readonly ending = new AbortController();
  private readonly under = new Set<Promise<void>>();
  /** So few are tried again at once: a server that is merely slow must not be kept slow by all that wait for it. */
  private readonly again = new Slots(4);
  /** Messages that wait to be tried again; nothing new is begun meanwhile. */
  private stalled = 0;
  private readonly wake = new Set<() => void>();
  private finishing = false;
  private commitTimer: NodeJS.Timeout | undefined;
  private committing: Promise<void> = Promise.resolve();

  constructor(private readonly dependencies: GenerationDependencies) {}

  /** Takes messages until the stream or the generation ends. */
  async take(stream: AsyncIterable<KafkaRecord>): Promise<void> {
    for await (const message of stream) {
      const release = await this.dependencies.slots.take(this.ending.signal);
      if (!release) return;
      await this.flowing();
      const tracker = this.trackerOf(message);
      if (this.ended || this.finishing) {
        release();
        return;
      }
      if (!tracker.begin(message.offset)) {
        release();
        continue;
      }
      const work = this.serveUntilDone(message, tracker).finally(() => {
        release();
        this.under.delete(work);
      });
      this.under.add(work);
    }
  }

  get ended(): boolean {
    return this.ending.signal.aborted;
  }

  /** From now on nothing is committed and nothing is tried again. */
  end(): void {
    this.ending.abort();
    clearTimeout(this.commitTimer);
    this.wakeUp();
  }

  /** Begins nothing more, waits for what is under way (at most so long), commits it, and ends. */
  async finish(limitMs: number): Promise<void> {
    this.finishing = true;
    const limit = new Promise((resolve) => setTimeout(resolve, limitMs).unref());
    await Promise.race([Promise.all(this.under), limit]);
    if (!this.ended) await Promise.race([this.committed(), limit]);
    this.end();
  }

  private async serveUntilDone(message: KafkaRecord, tracker: OffsetTracker): Promise<void> {
    const { dependencies } = this;
    let waits = false;
    try {
      for (let attempt = 1; !this.ended; attempt++) {
        const release = waits ? await this.again.take(this.ending.signal) : undefined;
        if (waits && !release) return;
        try {
          await dependencies.serve(message);
          dependencies.back();
          tracker.done(message.offset);
          this.scheduleCommit();
          return;
        } catch (error) {
          dependencies.away(error);
          if (!waits) this.stalled += 1;
          waits = true;
          await this.pause(dependencies.pauseBefore(attempt));
        } finally {
          release?.();
        }
      }
    } finally {
      if (waits) this.stalled -= 1;
      if (this.stalled === 0) this.wakeUp();
    }
  }

  private async flowing(): Promise<void> {
    while (this.stalled > 0 && !this.ended) await new Promise<void>((resolve) => this.wake.add(resolve));
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

  private trackerOf({ topic, partition }: KafkaRecord): OffsetTracker {
    const key = `${topic}/${partition}`;
    let entry = this.trackers.get(key);
    if (!entry) this.trackers.set(key, (entry = { topic, partition, tracker: new OffsetTracker() }));
    return entry.tracker;
  }

  private scheduleCommit(): void {
    if (this.ended || this.commitTimer) return;
    this.commitTimer = setTimeout(() => {
      void this.committed().finally(() => {
        this.commitTimer = undefined;
        if (this.pending().length > 0) this.scheduleCommit();
      });
    }, COMMIT_EVERY_MS);
  }

  /** One commit at a time, so that an older one never lands after a newer one. */
  private committed(): Promise<void> {
    this.committing = this.committing.then(async () => {
      const pending = this.ended ? [] : this.pending();
      if (pending.length === 0) return;
      try {
        await this.dependencies.commit(
          pending.map(({ topic, partition, offset }) => ({ topic, partition, offset, leaderEpoch: -1 })),
        );
        for (const { tracker, offset } of pending) tracker.wasCommitted(offset);
      } catch (error) {
        this.dependencies.away(kafkaUnavailable(error));
      }
    });
    return this.committing;
  }

  private pending(): { topic: string; partition: number; offset: bigint; tracker: OffsetTracker }[] {
    return [...this.trackers.values()].flatMap(({ topic, partition, tracker }) => {
      const offset = tracker.toCommit();
      return offset === undefined ? [] : [{ topic, partition, offset, tracker }];
    });
  }
}
