/** Which failures of a message may be over by themselves, and how long that is awaited: pure. All others blame the message or the code. */
import { hasCode } from '../../../../adapters/local-disk/durable-files';
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

/** What the system says when it cannot read one file: over in a moment where another one holds it, lasting where the disk has lost its bytes. */
const OF_ONE_FILE = ['EIO', 'EBUSY'];

/** Nothing is away: some seconds. */
const TRIES_OF_A_DEFECT = 5;
/** With pauses that grow to 5 seconds: some five minutes. */
const TRIES_OF_A_FILE = 65;

/** How often a message may fail like this before it is given up. */
export function triesFor(error: unknown): number {
  if (!isPassing(error)) return TRIES_OF_A_DEFECT;
  return isOfItsFile(error) ? TRIES_OF_A_FILE : Infinity;
}

/** Whether it is a file of the message, and nothing that others need, that cannot be read at the moment. */
export function isOfItsFile(error: unknown): boolean {
  return isMillraceError(error) && error.code === 'SOURCE_UNREADABLE' && isOfOneFile(error.cause);
}

/** Whether the system speaks of the file that it was asked to read, and not of itself. */
export function isOfOneFile(error: unknown): boolean {
  return OF_ONE_FILE.some((code) => hasCode(error, code));
}

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
