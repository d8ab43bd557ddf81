import type { EventKind } from '../contracts/events';
import type { TrainingPipelineInput } from '../contracts/runs';
import type { RequestedFile } from '../contracts/training-request';

/** What was asked to be started for an event, once and for all: a repeat of the event finds this. */
export interface EventClaim {
  /** Key of the event for one pipeline. */
  readonly key: string;
  readonly kind: EventKind;
  readonly pipeline: string;
  readonly workflowId: string;
  readonly input: TrainingPipelineInput;
  /** ISO 8601. */
  readonly claimedAt: string;
  /** The run's first execution; absent until Temporal has taken the start. */
  readonly runId?: string;
}

/** Which events have been seen. A claim comes before the start and is confirmed after it, so that a crash between the two loses and doubles nothing. */
export interface EventLedger {
  /** Takes the claim down unless there is one of this key, and returns the one that stands. Atomic. */
  claimEvent(claim: Omit<EventClaim, 'claimedAt' | 'runId'>): Promise<EventClaim>;
  /** Notes that Temporal has taken the start. */
  confirmEvent(key: string, runId: string): Promise<void>;
  /** Takes back a claim that has no run, and whose start was refused for good. */
  withdrawEvent(key: string): Promise<void>;
  findEvent(key: string): Promise<EventClaim | undefined>;
  /** Claims without a start that are older than this moment (ISO 8601), oldest first. */
  listUnconfirmed(before: string, limit: number): Promise<EventClaim[]>;
}

/** Something that failed for good and waits for a person. */
export interface DeadLetter {
  /** A pure function of what failed: the same failure is one letter. */
  readonly id: string;
  readonly kind: EventKind | 'run';
  readonly pipeline?: string;
  readonly code: string;
  readonly message: string;
  readonly where?: string;
  readonly mend?: string;
  /** What came in, as text; never a secret. The ledger keeps at most 64 KiB of it, and says so where it cut. */
  readonly input: string;
  /** What starts it again: the event as it would be handed to the starter. Absent where only the sender can send it again. */
  readonly replay?: {
    readonly pipeline: string;
    readonly kind: EventKind;
    readonly eventKey: string;
    readonly input: TrainingPipelineInput;
    /** Files that the event names and whose bytes were not taken: a replay takes them, as they are then. */
    readonly files?: readonly RequestedFile[];
  };
  /** Which state of what `where` names it is about, where that changes. */
  readonly version?: string;
  /** ISO 8601. */
  readonly occurredAt: string;
  readonly state: 'open' | 'replayed' | 'discarded';
  readonly settledBy?: string;
  readonly settledWhy?: string;
  readonly settledAt?: string;
  /** Run that a replay started. */
  readonly workflowId?: string;
  /** Failures that it was opened for: 1 until its run fails anew. */
  readonly openings: number;
}

/** A letter as it is written. */
export type NewDeadLetter = Omit<
  DeadLetter,
  'state' | 'settledBy' | 'settledWhy' | 'settledAt' | 'workflowId' | 'openings'
>;

/** The dead letters. */
export interface DeadLetterLedger {
  /**
   * Takes a letter down. One that is there under this id stays as it is, open or settled: an event that its source says again is no new failure. Only a run
   * (`kind: 'run'`) can fail anew, which its later `occurredAt` tells: its letter is opened again then, and one that is open gets the newer failure.
   */
  addDeadLetter(letter: NewDeadLetter): Promise<void>;
  /** Newest first. */
  listDeadLetters(filter: {
    readonly state?: DeadLetter['state'];
    readonly code?: string;
    readonly pipeline?: string;
    readonly kind?: DeadLetter['kind'];
    readonly limit: number;
  }): Promise<DeadLetter[]>;
  findDeadLetter(id: string): Promise<DeadLetter | undefined>;
  /** Ids that begin so, in their order. */
  deadLetterIds(prefix: string, limit: number): Promise<string[]>;
  /** Closes an open letter; with `openings` only the opening of that number. @returns whether it was open. */
  settleDeadLetter(
    id: string,
    settlement: {
      readonly state: 'replayed' | 'discarded';
      readonly by: string;
      readonly why?: string;
      readonly workflowId?: string;
      readonly openings?: number;
    },
  ): Promise<boolean>;
}
