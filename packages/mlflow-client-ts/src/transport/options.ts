/** How to identify oneself to the server. Values only: the client reads no environment and no file. */
export type Credentials =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string };

/** What `createMlflowClient` takes. */
export interface MlflowClientOptions {
  /**
   * Where the server is: `http(s)://host[:port][/prefix]`. A path prefix is kept. A user and password in it are taken as
   * basic credentials and removed from the address, so that no error message shows them.
   */
  readonly trackingUri: string;
  readonly credentials?: Credentials | undefined;
  /** Sent with every request; for gateways that ask for their own headers. Never logged. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds one call may take; 30,000 unless given. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds the transfer of one artifact file may take; 600,000 unless given. */
  readonly transferTimeoutMs?: number | undefined;
  /** Replaces the global `fetch`; for proxies, telemetry and tests. */
  readonly fetch?: typeof fetch | undefined;
}

/** What every method of the client takes last. */
export interface CallOptions {
  /** Cancels the call; it then rejects with the signal's reason, not with an `MlflowError`. */
  readonly signal?: AbortSignal | undefined;
}
