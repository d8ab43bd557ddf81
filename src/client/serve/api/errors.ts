/** Errors by HTTP: a status, a code of the closed list, and nothing that the caller may not know. */
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { isMillraceError, type ErrorCode } from '../../../contracts/errors';

/** Statuses by code; what is not named is a defect of ours. */
const STATUS: Partial<Record<ErrorCode, 400 | 401 | 403 | 404 | 409 | 422 | 503>> = {
  USAGE: 400,
  PIPELINE_NOT_FOUND: 404,
  RUN_NOT_FOUND: 404,
  PIPELINE_PARAMETER_INVALID: 422,
  PIPELINE_FILE_INVALID: 422,
  NOT_SUPPORTED_YET: 422,
  PATH_OUTSIDE_ROOT: 422,
  EVENT_INVALID: 422,
  EVENT_REFUSED: 409,
  RUN_CONFLICT: 409,
  RUN_ALREADY_EXISTS: 409,
  APPROVAL_REFUSED: 409,
  TEMPORAL_UNAVAILABLE: 503,
  LEDGER_UNAVAILABLE: 503,
  STORE_UNAVAILABLE: 503,
  SETUP_FAILED: 503,
};

/** Seconds after which it is worth asking again. */
const RETRY_AFTER = '5';

/** The answer to a request that threw. `tell` gets what is no word of ours, for the log. */
export function problemOf(context: Context, error: unknown, tell: (error: unknown) => void): Response {
  if (error instanceof HTTPException)
    return context.json(
      { code: 'EVENT_INVALID', message: error.message, mend: 'see /openapi.json' },
      error.status,
    );
  const status = isMillraceError(error) ? STATUS[error.code] : undefined;
  if (!isMillraceError(error) || status === undefined) {
    tell(error);
    return context.json(
      { code: 'INTERNAL', message: 'The request failed; the log of the service says why.' },
      500,
    );
  }
  if (status === 503) context.header('Retry-After', RETRY_AFTER);
  const { code, message, where, mend } = error;
  return context.json(
    { code, message, ...(where !== undefined && { where }), ...(mend !== undefined && { mend }) },
    status,
  );
}
