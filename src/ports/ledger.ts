import type { NominalRun } from '../contracts/backfill';
import type { RunStatus } from '../contracts/runs';
import type { AnnouncementLedger } from './announcement-ledger';
import type { DeadLetterLedger, EventLedger } from './event-ledger';
import type { RegistrationLedger } from './registration-ledger';

/** How a run ended, or stands: what is left of it when Temporal's retention is over. */
export interface RunRecord {
  readonly workflowId: string;
  readonly runId: string;
  readonly pipeline: string;
  /** The outcome, or `running`, `awaiting-approval`. */
  readonly outcome: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Start of the interval that the run is for, ISO 8601. */
  readonly nominalDate?: string;
  readonly status: RunStatus;
}

/** What outlives Temporal's retention. Every method may be repeated. */
export interface Ledger extends EventLedger, DeadLetterLedger, RegistrationLedger, AnnouncementLedger {
  /** Notes that a run has gated on a hold-out (by content digest), and says how many different runs have, this one included. */
  countGate(
    holdoutDigest: string,
    run: { readonly workflowId: string; readonly runId: string },
  ): Promise<number>;
  /** Keeps the newest state of a run. What comes late from a run that has ended (no `endedAt`) changes nothing. */
  recordRun(run: RunRecord): Promise<void>;
  /** Newest first. */
  listRuns(filter: {
    readonly pipeline?: string;
    readonly outcome?: string;
    readonly limit: number;
  }): Promise<RunRecord[]>;
  /**
   * Runs of a pipeline that are for an interval that starts from `from` to `to` (ISO 8601, both included), oldest start first; those too that have
   * begun and not ended, so far as anybody has told. The nominal dates that come back are in UTC, with milliseconds.
   */
  listNominalRuns(range: {
    readonly pipeline: string;
    readonly from: string;
    readonly to: string;
  }): Promise<NominalRun[]>;
  /** The newest execution of this workflow id. */
  findRun(workflowId: string): Promise<RunRecord | undefined>;
  /** Whether this notification was sent already. */
  wasSent(key: string): Promise<boolean>;
  /** Notes that it was sent. */
  markSent(key: string): Promise<void>;
  close(): Promise<void>;
}
