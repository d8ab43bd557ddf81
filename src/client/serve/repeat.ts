/** Work that is done again and again, one at a time, until it is told to stop. */

/** Something that goes on by itself. */
export interface Repetition {
  /** Begins none any more, and waits for the one under way. */
  stop(): Promise<void>;
}

/** Does `work` now and then again `everyMs` after each end. `work` must not throw: it says itself what went wrong. */
export function repeat(everyMs: number, work: () => Promise<void>): Repetition {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let under: Promise<void> = Promise.resolve();
  const next = (): void => {
    under = work().finally(() => {
      if (!stopped) timer = setTimeout(next, everyMs);
    });
  };
  next();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await under;
    },
  };
}
