/** Codes of failures that the client finds itself; every other code is MLflow's own, as its server spells it. */
export type ClientErrorCode =
  /** No answer: refused, reset, unknown host, cut off in the middle. The request may have taken effect. */
  | 'NETWORK_ERROR'
  /** No answer within the time allowed. The request may have taken effect. */
  | 'TIMEOUT'
  /** What answered is not this MLflow: no JSON, a redirect, or a field missing that the protocol promises. */
  | 'UNEXPECTED_RESPONSE'
  /** The request does not fit MLflow's protocol; nothing was sent. */
  | 'INVALID_REQUEST'
  /** An artifact path that could lead out of its folder, or that MLflow would store under another name. */
  | 'UNSAFE_ARTIFACT_PATH'
  /** Artifacts that are not kept behind the MLflow server, so that this client cannot reach them. */
  | 'UNSUPPORTED_ARTIFACT_LOCATION'
  /** A name that is taken by something deleted, which has to be restored or renamed by a person first. */
  | 'DELETED_RESOURCE';

/** What is known about a failure. */
export interface MlflowErrorDetails {
  readonly errorCode: string;
  readonly retryable: boolean;
  /** The HTTP status, where there was an answer. */
  readonly status?: number | undefined;
  /** Method and path of the request, without host, query or body. */
  readonly request?: string | undefined;
  readonly cause?: unknown;
}

/**
 * Any failure of a call to MLflow, except the caller's own cancellation, which rejects with the reason of its signal.
 *
 * `retryable` is true for what may pass by itself: no connection, no answer in time, status 408, 429 and 5xx (except 501), and a
 * write that MLflow's database refused because another one came first.
 * The client never retries by itself. After a retryable failure of a write the write may have happened: repeat it through
 * `client.ensure`, or where MLflow takes it twice without harm.
 */
export class MlflowError extends Error {
  override readonly name = 'MlflowError';
  readonly errorCode: string;
  readonly retryable: boolean;
  readonly status: number | undefined;
  readonly request: string | undefined;

  constructor(message: string, details: MlflowErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.errorCode = details.errorCode;
    this.retryable = details.retryable;
    this.status = details.status;
    this.request = details.request;
  }
}

/** True for an `MlflowError`, also one from another copy of this package (Jest and bundlers make such copies). */
export function isMlflowError(error: unknown): error is MlflowError {
  return error instanceof Error && error.name === 'MlflowError' && 'errorCode' in error;
}

/** How the databases that MLflow runs on word a second row with a key that is there. */
const uniqueViolation =
  /IntegrityError.*(UNIQUE constraint|unique constraint|Duplicate entry|duplicate key)/s;

/**
 * True when MLflow's database had the row already: 400 BAD_REQUEST with the database's words. Where MLflow looks before it inserts (data sets), two
 * requests met, and asked again it finds the row; where it does not (a run's outputs), the same thing was said before.
 */
export function isRowTaken(errorCode: string, message: string): boolean {
  return errorCode === 'BAD_REQUEST' && uniqueViolation.test(message);
}

/** How MLflow 3 words a missing alias. It comes as 400 INVALID_PARAMETER_VALUE, the code of any bad argument. */
const missingAlias = /^Registered model alias .* not found/s;

/**
 * True when MLflow says that the thing asked for does not exist.
 *
 * The status alone does not tell: a missing alias is 400 INVALID_PARAMETER_VALUE, told apart by its words; and a 404 without
 * MLflow's code RESOURCE_DOES_NOT_EXIST means a wrong address (another server, a missing path prefix), which is not the same
 * as a missing run, and for which this is false.
 */
export function isNotFound(error: unknown): boolean {
  if (!isMlflowError(error)) return false;
  if (error.errorCode === 'RESOURCE_DOES_NOT_EXIST') return true;
  return error.errorCode === 'INVALID_PARAMETER_VALUE' && missingAlias.test(error.message);
}

/** True when MLflow refuses to create something because its name is taken; the status is 400, not 409. */
export function isAlreadyExists(error: unknown): boolean {
  return isMlflowError(error) && error.errorCode === 'RESOURCE_ALREADY_EXISTS';
}
