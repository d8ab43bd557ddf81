import { authorizationHeader, parseServerAddress } from './address';
import { connectionFailure, failureOf, timeoutFailure } from './failure';
import type { CallOptions, MlflowClientOptions } from './options';

const defaultTimeoutMs = 30_000;
const defaultTransferTimeoutMs = 600_000;

/** One HTTP exchange, as the layers above describe it. */
export interface HttpRequest {
  readonly method: string;
  /** Begins with `/api/`; goes after the path prefix of the tracking URI. Already percent-encoded. */
  readonly path: string;
  readonly query?: URLSearchParams | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: NonNullable<RequestInit['body']> | undefined;
  /** Artifact bytes may take longer than a call. */
  readonly transfer?: boolean | undefined;
}

/** Sends requests to one MLflow server and turns every way of failing into an `MlflowError`. */
export interface Transport {
  /** Scheme, host, port and path prefix of the server. */
  readonly base: string;
  /**
   * Sends a request and hands its successful answer to `read`, within one time limit for both.
   *
   * @throws MlflowError for every failure but the caller's own cancellation, which rejects with the signal's reason.
   */
  send<Result>(
    request: HttpRequest,
    read: (response: Response) => Promise<Result>,
    options?: CallOptions,
  ): Promise<Result>;
}

/** Connects to nothing yet: the first request does. */
export function createTransport(options: MlflowClientOptions): Transport {
  const address = parseServerAddress(options);
  const send = options.fetch ?? fetch;
  const common: Record<string, string> = { ...options.headers };
  if (address.credentials !== undefined) common.authorization = authorizationHeader(address.credentials);

  return {
    base: address.base,
    async send(request, read, { signal } = {}) {
      const timeoutMs = request.transfer
        ? (options.transferTimeoutMs ?? defaultTransferTimeoutMs)
        : (options.timeoutMs ?? defaultTimeoutMs);
      const described = `${request.method} ${request.path}`;
      const timeout = AbortSignal.timeout(timeoutMs);
      const query =
        request.query === undefined || request.query.size === 0 ? '' : `?${request.query.toString()}`;
      try {
        signal?.throwIfAborted();
        const response = await send(`${address.base}${request.path}${query}`, {
          method: request.method,
          headers: { ...common, ...request.headers },
          signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
          // A redirected POST would silently become a GET, and own headers would travel to another host.
          redirect: 'manual',
          ...(request.body === undefined ? {} : { body: request.body, duplex: 'half' }),
        });
        if (!response.ok) throw await failureOf(response, described);
        return await read(response);
      } catch (error) {
        if (signal?.aborted === true) throw signal.reason;
        if (timeout.aborted) throw timeoutFailure(timeoutMs, described);
        // `fetch` reports a connection that fails, before or during the answer, as a TypeError.
        if (nameOf(error) === 'TypeError') throw connectionFailure(error, described);
        throw error;
      }
    },
  };
}

/** The name of an error; `instanceof` fails for errors from another realm, such as undici's under Jest. */
function nameOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
}
