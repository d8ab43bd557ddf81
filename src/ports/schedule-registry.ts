import type { ScheduleOrder, ScheduleTerms } from '../contracts/schedule-terms';

/** A schedule as the server holds it. */
export interface ScheduleInForce {
  readonly pipeline: string;
  readonly terms: ScheduleTerms;
  /** Set while it is paused: by Millrace, or by hand. */
  readonly paused?: { readonly note: string };
  /** Coming starts as the server names them, jitter included; at most ten. */
  readonly next: readonly Date[];
}

/** The schedules that start pipelines, kept by a server. All calls may be repeated. @throws TEMPORAL_UNAVAILABLE. */
export interface ScheduleRegistry {
  /** The terms that `put` brings into force. */
  termsOf(order: ScheduleOrder): ScheduleTerms;
  find(pipeline: string): Promise<ScheduleInForce | undefined>;
  /** Pipelines that have a schedule, with the file that it was applied from first; what was put a moment ago may be missing. */
  listPipelines(): Promise<{ readonly pipeline: string; readonly file?: string }[]>;
  /**
   * Creates it, or changes it so that it has these terms; a pause that stands is kept, and one that is given is set.
   * @throws PIPELINE_FILE_INVALID when the server does not take the cron expression or the time zone.
   */
  put(
    order: ScheduleOrder & { readonly file: string; readonly paused?: { readonly note: string } },
  ): Promise<void>;
  remove(pipeline: string): Promise<void>;
  /** Pauses it, or ends the pause; the note says why. @returns whether there is one. */
  setPaused(pipeline: string, paused: boolean, note: string): Promise<boolean>;
}
