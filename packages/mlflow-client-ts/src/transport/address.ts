import { MlflowError } from '../errors';
import type { Credentials, MlflowClientOptions } from './options';

/** A tracking URI taken apart. */
export interface ServerAddress {
  /** Scheme, host, port and path prefix, without a slash at the end and without credentials. */
  readonly base: string;
  readonly credentials: Credentials | undefined;
}

/**
 * Reads a tracking URI.
 *
 * @throws MlflowError `INVALID_REQUEST` when it is no http(s) address, or names credentials that are also given separately.
 */
export function parseServerAddress(
  options: Pick<MlflowClientOptions, 'trackingUri' | 'credentials'>,
): ServerAddress {
  const url = URL.canParse(options.trackingUri) ? new URL(options.trackingUri) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    // The value itself is not shown: a malformed address may hold a password.
    throw invalidAddress('the tracking URI must be an http:// or https:// address of an MLflow server');
  }
  if (url.search !== '' || url.hash !== '') {
    throw invalidAddress('the tracking URI must not have a query or a fragment');
  }
  const base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  if (url.username === '' && url.password === '') return { base, credentials: options.credentials };
  if (options.credentials !== undefined) {
    throw invalidAddress(
      'the tracking URI names a user, and credentials are given too: give only one of them',
    );
  }
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  return { base, credentials: { kind: 'basic', username, password } };
}

/** The `Authorization` header of some credentials. */
export function authorizationHeader(credentials: Credentials): string {
  if (credentials.kind === 'bearer') return `Bearer ${credentials.token}`;
  const pair = `${credentials.username}:${credentials.password}`;
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
}

function invalidAddress(message: string): MlflowError {
  return new MlflowError(message, { errorCode: 'INVALID_REQUEST', retryable: false });
}
