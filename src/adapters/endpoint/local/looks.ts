import { setTimeout as pause } from 'node:timers/promises';

/** Looks at once and then every `everyMs` until `look` finds something, for about `forMs`. @returns what it found, or undefined. */
export async function lookUntil<Found>(
  forMs: number,
  everyMs: number,
  look: () => Promise<Found | undefined>,
): Promise<Found | undefined> {
  const deadline = Date.now() + forMs;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(everyMs);
  }
  return undefined;
}
