/**
 * The closed list of error codes. `docs/errors.md` says for each what to do about it; a test keeps both in step.
 * A code equals `ApplicationFailure.type` in Temporal. `retryable: false` means that trying again without a change cannot help.
 */
export const ERRORS = {
  // The pipeline file and the project
  PIPELINE_NOT_FOUND: { retryable: false, summary: 'No pipeline file has that name.' },
  PIPELINE_FILE_INVALID: { retryable: false, summary: 'The pipeline file is not valid.' },
  PIPELINE_PARAMETER_INVALID: {
    retryable: false,
    summary: 'A run parameter is missing, unknown or of the wrong type.',
  },
  PROJECT_FILE_INVALID: { retryable: false, summary: 'millrace.yaml is not valid.' },
  NOT_SUPPORTED_YET: {
    retryable: false,
    summary: 'The file asks for a capability that this version does not have.',
  },
  PATH_OUTSIDE_ROOT: { retryable: false, summary: 'A path leads out of the folder it must stay in.' },

  // Data
  SOURCE_NOT_FOUND: { retryable: false, summary: 'A source matches no file.' },
  SOURCE_EMPTY: { retryable: false, summary: 'A source has no rows.' },
  SOURCE_UNREADABLE: { retryable: false, summary: 'A source cannot be read in its format.' },
  SOURCE_CHANGED: { retryable: true, summary: 'A source changed while it was read.' },
  DATASET_INVALID: {
    retryable: false,
    summary:
      'The dataset section does not fit the data: a column is missing, a key is not unique, the SQL fails.',
  },
  QUALITY_FAILED: { retryable: false, summary: 'The data broke a quality rule of severity fail.' },
  FEATURE_INVALID: { retryable: false, summary: 'A feature expression is refused or fails.' },
  FEATURE_CODE_FAILED: {
    retryable: false,
    summary: 'The Python function of features.python raised an error, or returned what is no table.',
  },
  LEAKAGE_FOUND: {
    retryable: false,
    summary: 'A feature, a key or a row leaks the label or crosses the split.',
  },
  SPLIT_TOO_SMALL: { retryable: false, summary: 'A part of the split has too few rows or lacks a class.' },

  // Training jobs
  TRAINER_UNKNOWN: { retryable: false, summary: 'No trainer has that name.' },
  TRAINER_ENVIRONMENT_FAILED: {
    retryable: false,
    summary: 'The environment of the trainer could not be built.',
  },
  TRAINER_BAD_INPUT: { retryable: false, summary: 'The trainer refused its input (exit code 64).' },
  TRAINER_CRASHED: { retryable: true, summary: 'The trainer ended with an error.' },
  TRAINER_OUT_OF_MEMORY: { retryable: true, summary: 'The trainer was killed for memory.' },
  TRAINER_EVICTED: { retryable: true, summary: 'The trainer was evicted or pre-empted.' },
  TRAINER_TIMEOUT: { retryable: false, summary: 'The trainer ran longer than training.timeout.' },
  TRAINER_LOST: {
    retryable: true,
    summary: 'The trainer vanished: its host restarted or its process was killed from outside.',
  },
  KUBERNETES_CONFIG: {
    retryable: false,
    summary: 'The environment has no cluster, or its kubeconfig cannot be used.',
  },
  KUBERNETES_UNAVAILABLE: { retryable: true, summary: 'The Kubernetes API did not answer.' },
  KUBERNETES_REFUSED: { retryable: false, summary: 'The Kubernetes API refused a Job.' },
  KUBERNETES_JOB_FOREIGN: {
    retryable: false,
    summary: "A Job of somebody else's has the name that an attempt needs.",
  },
  TRAINER_NO_RESULT: { retryable: false, summary: 'The trainer ended well but left no result.' },
  TRAINER_BAD_RESULT: { retryable: false, summary: 'The trainer left a result that breaks the contract.' },
  TRAINING_ATTEMPTS_EXHAUSTED: {
    retryable: false,
    summary: 'Every permitted attempt of the training job failed.',
  },
  ALL_CANDIDATES_FAILED: { retryable: false, summary: 'No candidate is left to choose from.' },

  // Evaluation and release
  EVALUATION_FAILED: { retryable: false, summary: 'The evaluation could not be computed.' },
  CHAMPION_NOT_COMPARABLE: {
    retryable: false,
    summary: 'The champion cannot be measured fairly against the challenger: a person decides.',
  },
  REGISTRY_CONFLICT: { retryable: false, summary: 'The registry holds something else under this name.' },
  SMOKE_TEST_FAILED: {
    retryable: false,
    summary: 'The new endpoint did not answer as evaluated; the previous version keeps serving.',
  },
  DEPLOYMENT_FAILED: { retryable: true, summary: 'The endpoint could not be started or switched.' },
  APPROVAL_REFUSED: { retryable: false, summary: 'The approval request is not valid in this state.' },

  // Infrastructure
  STORE_CORRUPT: {
    retryable: false,
    summary: 'An artifact does not have the bytes that its manifest names.',
  },
  STORE_FOREIGN: {
    retryable: false,
    summary: 'The work belongs to another artifact store than this worker has.',
  },
  STORE_UNAVAILABLE: { retryable: true, summary: 'The artifact store did not answer.' },
  MLFLOW_UNAVAILABLE: { retryable: true, summary: 'MLflow did not answer.' },
  MLFLOW_REFUSED: { retryable: false, summary: 'MLflow refused a request.' },
  TEMPORAL_UNAVAILABLE: { retryable: true, summary: 'Temporal did not answer.' },
  RUN_NOT_FOUND: { retryable: false, summary: 'No run has that id.' },
  RUN_ALREADY_EXISTS: { retryable: false, summary: 'A run with that id exists already.' },
  RUN_CONFLICT: { retryable: false, summary: 'The run is not in a state that permits this.' },
  MODEL_NOT_FOUND: { retryable: false, summary: 'No registered model or version has that name.' },
  // Events and pools
  EVENT_INVALID: {
    retryable: false,
    summary: 'An event is not what its trigger takes: not JSON, another schema, too large, empty.',
  },
  EVENT_REFUSED: {
    retryable: false,
    summary: 'An event is valid, but nothing can be started for it.',
  },
  FILE_INCOMPLETE: {
    retryable: false,
    summary: 'A file that a trigger saw was not complete in time, or vanished before it was read.',
  },
  UPSTREAM_FAILED: { retryable: false, summary: 'What the run waited for failed, or did not come in time.' },
  POOL_UNKNOWN: { retryable: false, summary: 'The environment has no pool of that name, or too few units.' },
  LEASE_LOST: { retryable: true, summary: 'A lease of a pool ended before its work began.' },
  LEDGER_UNAVAILABLE: { retryable: true, summary: 'The ledger did not answer.' },
  KAFKA_UNAVAILABLE: { retryable: true, summary: 'Kafka did not answer.' },
  UNAUTHORIZED: { retryable: false, summary: 'The bearer token is missing, wrong, or for another scope.' },
  SETUP_FAILED: {
    retryable: false,
    summary: 'Something that Millrace needs could not be installed or started.',
  },
  USAGE: { retryable: false, summary: 'The command line is not valid.' },
  INTERNAL: { retryable: true, summary: 'A defect in Millrace.' },
} as const satisfies Record<string, { retryable: boolean; summary: string }>;

/** A code of the closed list. */
export type ErrorCode = keyof typeof ERRORS;

/** Whether `text` is a code of the closed list. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}

/** What a {@link MillraceError} carries beside its message. */
export interface ErrorContext {
  /** Where: a file with line and column, a URI, a workflow id, a column. */
  readonly where?: string;
  /** What the reader can do about it: one sentence, imperative. */
  readonly mend?: string;
  /** Small structured facts (counts, sample rows); goes into Temporal's history, so never data in bulk and never a secret. */
  readonly details?: unknown;
  readonly cause?: unknown;
  /** Overrides the retryability of the code, on purpose, where the caller knows better. */
  readonly retryable?: boolean;
}

/** An error of Millrace: a code of the closed list, what happened, where, and what to do. Final or retryable on purpose. */
export class MillraceError extends Error {
  override readonly name = 'MillraceError';
  readonly where: string | undefined;
  readonly mend: string | undefined;
  readonly details: unknown;
  readonly retryable: boolean;

  constructor(
    readonly code: ErrorCode,
    message: string,
    context: ErrorContext = {},
  ) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.where = context.where;
    this.mend = context.mend;
    this.details = context.details;
    this.retryable = context.retryable ?? ERRORS[code].retryable;
  }

  /** Message, place and mend as one text of up to three lines, for a terminal or a log. */
  describe(): string {
    const place = this.where === undefined ? '' : `\n  at ${this.where}`;
    const mend = this.mend === undefined ? '' : `\n  ${this.mend}`;
    return `${this.code}: ${this.message}${place}${mend}`;
  }
}

/** Tells a {@link MillraceError} by its shape, since `instanceof` fails across realms (Jest, the workflow sandbox). */
export function isMillraceError(error: unknown): error is MillraceError {
  return (
    error instanceof Error &&
    error.name === 'MillraceError' &&
    'code' in error &&
    typeof error.code === 'string' &&
    isErrorCode(error.code)
  );
}
