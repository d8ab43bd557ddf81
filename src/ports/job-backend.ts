import type { BuildInput, Progress, ScoreInput, TrainInput } from '../contracts/trainer';
import type { ErrorCode } from '../contracts/errors';
import type { MergedJobTemplate } from '../contracts/pipeline-file';
import type { JobLease } from '../contracts/steps';

/** What a job is to run; everything in it decides the job's result, so the job's name is a hash over it. */
export interface JobRequest {
  /** Pure function of pipeline, candidate and step key: see `jobNameFor`. */
  readonly jobName: string;
  readonly input: TrainInput | ScoreInput | BuildInput;
  /** File or folder to place in the job directory: name there → absolute path here (hard link or copy). */
  readonly files: Readonly<Record<string, string>>;
  /** Absolute path of the Python interpreter whose environment the job runs in. */
  readonly python: string;
  /** Command for a `command` trainer, else the reference trainer's entry point is used. Runs with the job directory's `code/` as working directory. */
  readonly command?: readonly string[];
  /** Variables beside the allowlist (MLflow's, threads). Secrets only ever travel here, never to disk. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** Bytes; the process group is killed above it, where the host permits to set such a limit. */
  readonly memoryBytes?: number;
  /** Attempts of the job itself that may fail before it is given up. */
  readonly maxAttempts: number;
  /** Pause before attempt 2; doubles up to `retryMaxSeconds`. */
  readonly retryInitialSeconds: number;
  readonly retryMaxSeconds: number;
  /** ISO 8601: failed attempts that ended before this moment do not count. */
  readonly since: string;
  /** Workflow that follows the job (the pipeline run): the sweep kills a job whose followers are all closed. */
  readonly follower: { readonly workflowId: string };
  /** Lease of a pool that the job runs under. */
  readonly lease?: JobLease;
  /** The pod that the job runs in; without it the job is a process of the host. */
  readonly pod?: PodRequest;
}

/** What a job on a cluster asks for. */
export interface PodRequest {
  readonly template: MergedJobTemplate;
  /** Cores, bytes, devices. */
  readonly resources: { readonly cpu?: number; readonly memoryBytes?: number; readonly gpu?: number };
}

/** Where an attempt stands. */
export type JobPhase = 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** What can be seen of an attempt. */
export interface JobStatus {
  readonly jobName: string;
  readonly attempt: number;
  readonly phase: JobPhase;
  readonly directory: string;
  /** Last line of progress, when there is one. */
  readonly progress?: Progress;
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** For `failed`: the class of the failure, as the error code the run reports, with the last lines of the log. */
  readonly failure?: { readonly code: ErrorCode; readonly message: string; readonly logTail: string };
  readonly peakMemoryBytes?: number;
  /** Of a job on a cluster that is not over: what its pod waits for, or the node that it runs on. */
  readonly place?: { readonly words: string; readonly node?: string };
  /** For `failed`, from {@link JobBackend.launchOrAdopt}: ISO 8601 moment from which another attempt may start; absent when the failure is final. */
  readonly retryAt?: string;
}

/** A job that runs now. */
export interface RunningJob {
  readonly jobName: string;
  readonly followers: readonly string[];
  readonly kept: boolean;
}

/** Launches jobs or adopts running and succeeded ones by name; a failed attempt is never adopted. */
export interface JobBackend {
  /**
   * Starts the job, or finds the running or succeeded attempt of the same name. After a failed attempt it starts the next one, when the
   * failure may be retried, fewer than `maxAttempts` of this follower's run have failed, and the pause has passed; otherwise it returns the
   * failed status, with `retryAt` while the pause lasts. A cancelled attempt counts for nothing: the next one starts. Failures from before `request.since` belong to an earlier run and do not count (`millrace retry`).
   * What the follower had asked to keep is kept for it no longer. Another job that ran under the same lease before this one is ended first, unless another
   * open workflow follows it, or somebody else asked to keep it.
   * @param isOpen whether a workflow is open; without it all are taken for open
   * @throws LEASE_LOST when the request's lease has ended, or a later one of the same key was seen.
   */
  launchOrAdopt(request: JobRequest, isOpen?: (workflowId: string) => Promise<boolean>): Promise<JobStatus>;
  /** Current state of the newest attempt, or undefined when there is none. */
  describe(jobName: string): Promise<JobStatus | undefined>;
  /** Resolves when the attempt is over or has new progress, at the latest after `waitMs`. */
  waitForChange(status: JobStatus, waitMs: number, signal: AbortSignal): Promise<JobStatus>;
  /** Ends the newest attempt (grace, then kill) and waits until its processes are gone. Idempotent. */
  cancel(jobName: string, reason: string): Promise<void>;
  /**
   * Marks a succeeded attempt as failed, because what it left breaks the contract (wrong row ids, NaN), so that it is never adopted again.
   * The first verdict stands; on an attempt that did not succeed this changes nothing. Returns the attempt's state afterwards.
   */
  reject(
    jobName: string,
    attempt: number,
    failure: { readonly code: ErrorCode; readonly message: string },
  ): Promise<JobStatus>;
  /** Absolute path of the log of an attempt (the newest unless given). */
  logPath(jobName: string, attempt?: number): Promise<string | undefined>;
  /** Names of jobs that run now, with the workflows that follow them. Whoever is `kept` is left to finish, followed or not. */
  listRunning(): Promise<readonly RunningJob[]>;
  /** Lets the running jobs that this workflow follows finish, whatever becomes of it, until somebody asks for them again. Returns their names. */
  keep(follower: string): Promise<string[]>;
  /**
   * From now on nothing starts under this lease. A job that runs under it is ended, unless it is kept or runs under the lease of another open run, too.
   * Idempotent. @returns whether nothing is left that needs the lease
   */
  endLease(lease: JobLease, isOpen: (workflowId: string) => Promise<boolean>): Promise<boolean>;
}
