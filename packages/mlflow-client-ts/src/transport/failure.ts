import { z } from 'zod';
import { isRowTaken, MlflowError } from '../errors';

/** What MLflow writes when a call fails; its artifact endpoints (FastAPI) write `detail` instead. */
const failureBody = z.object({
  error_code: z.string().optional(),
  message: z.string().optional(),
  detail: z.unknown().optional(),
});

/** How much of an answer that is not MLflow's own may stand in an error message. */
const excerptLength = 300;

/** Whether a call that ended with this status may succeed when repeated unchanged. */
function isRetryableStatus(status: number): boolean {
  if (status === 501) return false;
  return status === 408 || status === 429 || status >= 500;
}

/** The error for an answer that is not a success. Reads the body; a body that cannot be read is left out of the message. */
export async function failureOf(response: Response, request: string): Promise<MlflowError> {
  const { status } = response;
  const text = await response.text().catch(() => '');
  if (status >= 300 && status < 400) {
    return new MlflowError(
      `MLflow's address answers ${request} with a redirect (${String(status)}): give the final address as tracking URI`,
      { errorCode: 'UNEXPECTED_RESPONSE', retryable: false, status, request },
    );
  }
  const body = parseFailure(text);
  const message = body?.message ?? (typeof body?.detail === 'string' ? body.detail : excerpt(text));
  const errorCode = body?.error_code ?? codeForStatus(status);
  return new MlflowError(message === '' ? `${request} failed with status ${String(status)}` : message, {
    errorCode,
    retryable: isRetryableStatus(status) || isRowTaken(errorCode, message),
    status,
    request,
  });
}

/** The error for a call that got no answer, or half of one. */
export function connectionFailure(cause: unknown, request: string): MlflowError {
  const reason = propertyOf(propertyOf(cause, 'cause'), 'code') ?? propertyOf(cause, 'message');
  return new MlflowError(
    `MLflow cannot be reached (${typeof reason === 'string' ? reason : 'no reason given'}) for ${request}`,
    {
      errorCode: 'NETWORK_ERROR',
      retryable: true,
      request,
      cause,
    },
  );
}

/** The error for a call that took longer than allowed. */
export function timeoutFailure(timeoutMs: number, request: string): MlflowError {
  return new MlflowError(`MLflow did not answer ${request} within ${String(timeoutMs)} ms`, {
    errorCode: 'TIMEOUT',
    retryable: true,
    request,
  });
}

/** The error for an answer that breaks the protocol. */
export function unexpectedResponse(request: string, why: string, cause?: unknown): MlflowError {
  return new MlflowError(
    `the answer to ${request} is not what MLflow's protocol promises: ${why}. Is the tracking URI an MLflow 3 server?`,
    { errorCode: 'UNEXPECTED_RESPONSE', retryable: false, request, cause },
  );
}

/** Read without `instanceof`, which fails for errors from another realm, such as undici's under Jest. */
function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function parseFailure(text: string): z.infer<typeof failureBody> | undefined {
  try {
    return failureBody.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** MLflow's words for answers that carry no code: its own router's, or a proxy's in front of it. */
function codeForStatus(status: number): string {
  if (status === 401) return 'UNAUTHENTICATED';
  if (status === 403) return 'PERMISSION_DENIED';
  if (status === 404 || status === 405) return 'ENDPOINT_NOT_FOUND';
  if (status === 429) return 'REQUEST_LIMIT_EXCEEDED';
  if (status >= 500) return 'TEMPORARILY_UNAVAILABLE';
  return 'BAD_REQUEST';
}

function excerpt(text: string): string {
  const plain = text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return plain.length > excerptLength ? `${plain.slice(0, excerptLength)}…` : plain;
}
