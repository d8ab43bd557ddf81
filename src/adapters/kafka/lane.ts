/** One partition of a generation: what is under way of it, and what is kept back while one of its messages waits. */
import type { Message } from '@platformatic/kafka';
import { OffsetTracker } from './offset-tracker';
import { Slots } from './slots';

/** So few of a partition are tried again at once: a server that is merely slow must not be kept slow by all that wait for it. */
const AGAIN_AT_ONCE = 4;
/** What a message takes beside its value: its objects, headers and key. */
const OVERHEAD_BYTES = 1024;

/** Bytes that a message takes while it is kept back. */
export function bytesOf({ value }: Message): number {
  return OVERHEAD_BYTES + ((value as Buffer | undefined)?.length ?? 0);
}

/** A partition, for as long as it is assigned. */
export class Lane {
  readonly tracker = new OffsetTracker();
  readonly again = new Slots(AGAIN_AT_ONCE);
  /** Messages that wait to be tried again; nothing new of this partition is begun meanwhile. */
  waiting = 0;
  /** Messages behind those, in their order. */
  readonly kept: Message[] = [];
  /** Whether those are being begun, one after the other. */
  isGoingOn = false;

  constructor(
    readonly topic: string,
    readonly partition: number,
  ) {}

  /** Whether a message that comes now must stay behind others. */
  isHeld(): boolean {
    return this.waiting > 0 || this.kept.length > 0;
  }
}
