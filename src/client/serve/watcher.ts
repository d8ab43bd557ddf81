/** What the service of `millrace serve` is made of: parts that each watch one kind of source, or listen. */
import type { Logger } from 'pino';
import type { ArtifactStore } from '../../ports/artifact-store';
import type { Ledger } from '../../ports/ledger';
import type { Registration } from '../../ports/registration-ledger';
import type { EventRun, EventStart } from '../../activities/triggers/start-for-event';

/** What every part is given. */
export interface ServiceDependencies {
  readonly ledger: Ledger;
  readonly store: ArtifactStore;
  /** The root that data paths may not leave. */
  readonly dataRoot: string;
  readonly logger: Logger;
  /** Claim, start, confirm: see `activities/triggers/start-for-event.ts`. @throws TEMPORAL_UNAVAILABLE, LEDGER_UNAVAILABLE: say it again. */
  start(event: EventStart): Promise<EventRun>;
}

/** One part of the service. */
export interface ServicePart {
  readonly name: string;
  /** Called at the start, and whenever the registrations in force have changed; paused ones are not among them. */
  update(registrations: readonly Registration[]): Promise<void>;
  /** Ends it; what has begun is finished or left for the next start to find. */
  stop(): Promise<void>;
  /** What `GET /health` tells of it. */
  health(): { readonly healthy: boolean; readonly [detail: string]: unknown };
}
