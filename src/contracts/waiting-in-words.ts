/** What a run waits for, as a sentence's predicate. Pure. */
import type { Waiting } from './runs';

/** `waits for a slot: …`, `waits to be resumed: …`. */
export function waitingInWords({ for: what }: Pick<Waiting, 'for'>): string {
  return what.startsWith('to be ') ? `waits ${what}` : `waits for ${what}`;
}
