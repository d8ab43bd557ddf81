/** Commits what partitions are done with: gathered for a moment, one commit at a time. */
import type { OffsetTracker } from './offset-tracker';

/** Commits are gathered for this long. */
const EVERY_MS = 50;

/** An offset as Kafka takes it. */
export interface CommittedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly leaderEpoch: number;
}

/** A partition with its offsets. */
interface Tracked {
  readonly topic: string;
  readonly partition: number;
  readonly tracker: OffsetTracker;
}

/** The commits of one assignment of partitions. */
export class OffsetCommits {
  private timer: NodeJS.Timeout | undefined;
  private committing: Promise<void> = Promise.resolve();
  private ended = false;

  /** `partitions` is asked for all of them; `failed` is told what a commit threw, and the commit is tried again with the next one. */
  constructor(
    private readonly partitions: () => Iterable<Tracked>,
    private readonly commit: (offsets: CommittedOffset[]) => Promise<void>,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Commits soon. */
  schedule(): void {
    if (this.ended || this.timer) return;
    this.timer = setTimeout(() => {
      void this.flush().finally(() => {
        this.timer = undefined;
        if (this.pending().length > 0) this.schedule();
      });
    }, EVERY_MS);
  }

  /** Commits now. One at a time, so that an older one never lands after a newer one. */
  flush(): Promise<void> {
    this.committing = this.committing.then(async () => {
      const pending = this.ended ? [] : this.pending();
      if (pending.length === 0) return;
      try {
        await this.commit(
          pending.map(({ topic, partition, offset }) => ({ topic, partition, offset, leaderEpoch: -1 })),
        );
        for (const { tracker, offset } of pending) tracker.wasCommitted(offset);
      } catch (error) {
        this.failed(error);
      }
    });
    return this.committing;
  }

  /** From now on nothing is committed. */
  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private pending(): (Tracked & { readonly offset: bigint })[] {
    return [...this.partitions()].flatMap(({ topic, partition, tracker }) => {
      const offset = tracker.toCommit();
      return offset === undefined ? [] : [{ topic, partition, tracker, offset }];
    });
  }
}
