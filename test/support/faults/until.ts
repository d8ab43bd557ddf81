/** Waiting for what must come true, on a machine of any speed. */
import { setTimeout as pause } from 'node:timers/promises';

/** Far beyond what anything here takes: a test that waits so long has failed. */
const LIMIT_MS = 90_000;
const LOOK_MS = 50;

/** Resolves with what `look` finds as soon as that is neither undefined nor false. @throws Error naming `what` when it does not come. */
export async function until<Found>(
  what: string,
  look: () => Promise<Found | undefined | false>,
  limitMs = LIMIT_MS,
): Promise<Found> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`it did not come true: ${what}`);
    await pause(LOOK_MS);
  }
}
