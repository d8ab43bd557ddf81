/** Whether a file that is seen again and again may be taken. Pure. */

/** What is known of a file that waits. Seconds. */
export interface Waiting {
  /** Since its size or time last changed, as far as was seen. */
  readonly unchangedFor: number;
  /** Since it was first seen. */
  readonly seenFor: number;
  /** Whether it has its marker; undefined where the trigger asks for none. */
  readonly marked: boolean | undefined;
}

/**
 * `complete`: take it. `late`: it has had its time, and somebody must be told; it is still taken when it completes after all.
 * The wall clock is not asked for the age of a file: a share's clock may be another.
 */
export function completenessOf(
  { unchangedFor, seenFor, marked }: Waiting,
  { stable, timeout }: { readonly stable: number; readonly timeout: number },
): 'complete' | 'late' | 'waiting' {
  if (marked ?? unchangedFor >= stable) return 'complete';
  return seenFor >= timeout ? 'late' : 'waiting';
}
