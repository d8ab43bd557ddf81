/** What an S3 server says, in Millrace's words. */
import { isMillraceError, MillraceError } from '../../contracts/errors';
import { objectUri, type ObjectAddress } from '../../ports/object-storage';

/** HTTP status of an answer that was an error, or undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** Refusals that pass: time-out, conflict, too early, too many requests. */
const PASSING: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/** The error to throw for one that the SDK threw while it did `what` ("be read"). Never carries a header or a key pair. */
export function storageError(error: unknown, what: string, address: ObjectAddress): unknown {
  if (isMillraceError(error) || nameOf(error) === 'AbortError') return error;
  const where = objectUri(address);
  const status = statusOf(error);
  if (nameOf(error) === 'NoSuchBucket')
    return new MillraceError('SOURCE_NOT_FOUND', `There is no bucket ${address.bucket}.`, {
      where,
      mend: 'Make the bucket, or correct its name; look also at the endpoint in millrace.yaml.',
    });
  if (status === 404)
    return new MillraceError('SOURCE_NOT_FOUND', 'The object is not there.', {
      where,
      mend: 'Check the key, and that nothing deletes it before it is read.',
    });
  if (status === 412)
    return new MillraceError('SOURCE_CHANGED', 'The object changed while it was read.', {
      where,
      mend: 'Write each state under a key of its own.',
    });
  const denied = status === 401 || status === 403;
  // Asked again it would be refused again: an object under a key of the client's, a disabled key.
  const refused = denied || (status !== undefined && status >= 400 && status < 500 && !PASSING.has(status));
  return new MillraceError('STORE_UNAVAILABLE', `${introduction(refused, what)}: ${wordsOf(error)}`, {
    where,
    mend: denied
      ? 'Look at accessKey and secretKey in millrace.yaml, and at what they are allowed to do with the bucket.'
      : refused
        ? 'Look at what the server says of the object; write it again so that it can be read.'
        : 'Check that the S3 server runs and can be reached from here.',
    ...(refused && { retryable: false }),
  });
}

function introduction(refused: boolean, what: string): string {
  return refused ? `S3 refuses that the object may ${what}` : `The object could not ${what}`;
}

/** The SDK's errors of connections keep what happened in `code` or in the causes. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const text = [error.name, code, error.message].filter((part) => part !== undefined && part !== 'Error');
  return [...new Set(text)].join(' ').slice(0, 500);
}
