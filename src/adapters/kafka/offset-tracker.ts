/** Which offset of one partition may be committed: pure. Messages end in any order; only those before the first open one count. */

/** One partition, for as long as it is assigned. */
export class OffsetTracker {
  /** In the order in which they came; what is done stays until all before it are. */
  private readonly open: { readonly offset: bigint; done: boolean }[] = [];
  private readonly byOffset = new Map<bigint, { done: boolean }>();
  private newest: bigint | undefined;
  private next: bigint | undefined;
  private committed: bigint | undefined;

  /** A message has come. @returns false for one that came before: it is on its way already. */
  begin(offset: bigint): boolean {
    if (this.newest !== undefined && offset <= this.newest) return false;
    this.newest = offset;
    const entry = { offset, done: false };
    this.open.push(entry);
    this.byOffset.set(offset, entry);
    return true;
  }

  /** The message is done with for good. */
  done(offset: bigint): void {
    const entry = this.byOffset.get(offset);
    if (entry) entry.done = true;
    while (this.open[0]?.done) {
      const { offset: passed } = this.open[0];
      this.open.shift();
      this.byOffset.delete(passed);
      // Offsets may have gaps; the one after the last message is always right.
      this.next = passed + 1n;
    }
  }

  /** Offset of the next message to be served after a restart; undefined when it is committed already. */
  toCommit(): bigint | undefined {
    return this.next === this.committed ? undefined : this.next;
  }

  /** Kafka has taken it. */
  wasCommitted(offset: bigint): void {
    if (this.committed === undefined || offset > this.committed) this.committed = offset;
  }

  /** Messages that came and are not before the committed offset. */
  get waiting(): number {
    return this.open.length;
  }
}
