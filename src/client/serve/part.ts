/** What the service of `millrace serve` is made of: parts that each watch one kind of source, or listen. */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Project } from '../../adapters/project';
import type { EventRun, EventStart } from '../../activities/triggers/start-for-event';
import type { Environment } from '../../contracts/project-file';
import type { ArtifactStore } from '../../ports/artifact-store';
import type { Ledger } from '../../ports/ledger';
import type { PipelineCatalog } from '../../ports/pipeline-catalog';
import type { Registration } from '../../ports/registration-ledger';
import type { RunStarter } from '../../ports/run-starter';

/** What every part is given. */
export interface ServiceDependencies {
  readonly ledger: Ledger;
  readonly store: ArtifactStore;
  readonly starter: RunStarter;
  /** Connects when it is first used, and again after Temporal was away. */
  readonly client: Client;
  readonly catalog: PipelineCatalog;
  readonly project: Project;
  readonly environment: Environment;
  readonly environmentName: string;
  /** The root that data paths may not leave. */
  readonly dataRoot: string;
  readonly logger: Logger;
  /**
   * Claim, start, confirm: see `activities/triggers/start-for-event.ts`.
   * @throws EVENT_REFUSED where no pipeline file has that name: for good; TEMPORAL_UNAVAILABLE, or whatever the ledger throws: say it again.
   */
  start(event: EventStart): Promise<EventRun>;
}

/** One part of the service. */
export interface ServicePart {
  readonly name: string;
  /** Called at the start, and whenever the registrations in force have changed; paused ones are not among them. Repeated when it throws. */
  update(registrations: readonly Registration[]): Promise<void>;
  /** Ends it; what has begun is finished or left for the next start to find. */
  stop(): Promise<void>;
  /** What `GET /health` tells of it. What is away for a while (Temporal, a broker) does not make a part unhealthy: nobody need act on the process. */
  health(): { readonly healthy: boolean; readonly [detail: string]: unknown };
}
