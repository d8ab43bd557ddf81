/** How much may be under way at once: a counting semaphore, first come first served. */

/** So many at once. */
export class Slots {
  private taken = 0;
  private waiting: (() => void)[] = [];

  constructor(private readonly limit: number) {}

  /** Waits for a slot. @returns what gives it back, or undefined when `signal` came first. */
  async take(signal: AbortSignal): Promise<(() => void) | undefined> {
    while (this.taken >= this.limit && !signal.aborted)
      await new Promise<void>((resolve) => {
        const go = (): void => {
          signal.removeEventListener('abort', go);
          // Who gave up must not take the wake-up of the next in line.
          this.waiting = this.waiting.filter((one) => one !== go);
          resolve();
        };
        this.waiting.push(go);
        signal.addEventListener('abort', go);
      });
    if (signal.aborted) return undefined;
    this.taken += 1;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.taken -= 1;
      this.waiting[0]?.();
    };
  }

  /** Resolves when none is taken, or after `limitMs`. */
  async idle(limitMs: number): Promise<void> {
    const deadline = Date.now() + limitMs;
    while (this.taken > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  get inUse(): number {
    return this.taken;
  }
}
