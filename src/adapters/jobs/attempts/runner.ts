import type { JobRequest, JobStatus } from '../../../ports/job-backend';

/** One claimed attempt. */
export interface AttemptPlace {
  readonly jobName: string;
  readonly attempt: number;
  /** Its job directory. */
  readonly directory: string;
}

/**
 * Where attempts run: processes of this host, or pods of a cluster. What a job is, which attempt comes next and who still needs it is decided above
 * ({@link AttemptJobBackend}); a runner knows one attempt at a time.
 */
export interface AttemptRunner {
  /**
   * Where the attempt stands. One that was claimed and never started is `pending`; one whose runner is gone is closed as lost, after what is left of it was
   * ended. An attempt that is over stays what it was, whatever the outside forgets.
   */
  read(place: AttemptPlace): Promise<JobStatus>;
  /** Starts a claimed attempt, or finds it started: any number of callers start one. @throws an error that says why it cannot be started. */
  start(request: JobRequest, place: AttemptPlace): Promise<void>;
  /** Ends the attempt, politely and then not (at once where it is `over` already), and returns when nothing of it runs. */
  end(place: AttemptPlace, over: boolean): Promise<void>;
  /** Resolves when the attempt may have changed, at the latest after `waitMs`. @throws the reason of `signal` when it aborts. */
  pause(place: AttemptPlace, waitMs: number, signal: AbortSignal): Promise<void>;
}
