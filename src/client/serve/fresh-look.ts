/** A look at something that others change: what it finds is never older than the question, and many questions at once cost one look. */

/** Each call resolves with what a `read` found that began after the call; calls that come while one is under way share the next. */
export function createFreshLook<Found>(read: () => Promise<Found>): () => Promise<Found> {
  let next: Promise<Found> | undefined;
  let under: Promise<unknown> = Promise.resolve();
  return () => {
    if (next) return next;
    const begin = (): Promise<Found> => {
      next = undefined;
      const reading = read();
      under = reading;
      return reading;
    };
    next = under.then(begin, begin);
    return next;
  };
}
