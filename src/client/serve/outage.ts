/** What is away at times (Temporal, the ledger, a broker) is told once when it goes and once when it is back, however often it is asked meanwhile. */
import type { Logger } from 'pino';
import { isMillraceError } from '../../contracts/errors';

/** One thing that may be away. */
export interface Outage {
  /** Why it is away, while it is. */
  readonly reason: string | undefined;
  /** It did not answer. */
  failed(error: unknown): void;
  /** It answered. */
  ended(): void;
}

/** `what` completes "… is away": `the ledger`. */
export function createOutage(what: string, logger: Logger): Outage {
  let reason: string | undefined;
  return {
    get reason() {
      return reason;
    },
    failed(error) {
      const now = isMillraceError(error)
        ? `${error.code}: ${error.message}`
        : error instanceof Error
          ? error.message
          : String(error);
      if (reason === undefined) logger.warn({ reason: now }, `${what} is away; it is asked again`);
      reason = now;
    },
    ended() {
      if (reason !== undefined) logger.info(`${what} is back`);
      reason = undefined;
    },
  };
}
