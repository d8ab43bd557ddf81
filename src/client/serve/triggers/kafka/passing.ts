/** Which failures of a message may be over by themselves: pure. All others blame the message or the code, and would come again for ever. */
import { isMillraceError } from '../../../../contracts/errors';

/** Errors of the system that name the surroundings: a disk, a folder, the network, too many open files. Not among them: a name that fits no file. */
const SURROUNDINGS: ReadonlySet<string> = new Set([
  ...['EACCES', 'EPERM', 'ENOENT', 'ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'ENXIO', 'ENODEV', 'ESTALE'],
  ...['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EBUSY', 'EINTR', 'ECANCELED', 'ETXTBSY'],
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOTCONN'],
  ...['ENETDOWN', 'ENETUNREACH', 'EHOSTDOWN', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'],
]);

/** Of gRPC: CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, UNAVAILABLE. */
const PASSING_STATUS: ReadonlySet<unknown> = new Set([1, 4, 8, 10, 14]);

/** Whether the same message may be served a moment later, without a change of it or of the code. */
export function isPassing(error: unknown): boolean {
  // What is away is away for every message, also where it refuses who asks: a wrong key pair is mended by people.
  if (isMillraceError(error))
    return error.code.endsWith('_UNAVAILABLE') || (error.retryable && error.code !== 'INTERNAL');
  if (typeof error !== 'object' || error === null) return false;
  if (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')) return true;
  if ('code' in error && (SURROUNDINGS.has(String(error.code)) || isPassingCall(error))) return true;
  return innerOf(error).some(isPassing);
}

function isPassingCall(error: object & { readonly code: unknown }): boolean {
  return 'details' in error && 'metadata' in error && PASSING_STATUS.has(error.code);
}

/** Clients wrap what happened, some of them once for each try. */
function innerOf(error: object): unknown[] {
  const errors = 'errors' in error && Array.isArray(error.errors) ? (error.errors as unknown[]) : [];
  return 'cause' in error && error.cause !== error ? [error.cause, ...errors] : errors;
}
