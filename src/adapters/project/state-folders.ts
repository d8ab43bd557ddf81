/** Where a project's own state lies on this host, below `.millrace/`. Where work outlives a worker, the next one must find it. */
import { join } from 'node:path';
import { STATE_FOLDER } from './stack-record';

/** Absolute folders of a project's state. */
export interface StateFolders {
  /** The artifact store, where the environment names no other place. */
  readonly store: string;
  /** Job directories of the local backend. */
  readonly jobs: string;
  /** Endpoints of this host. */
  readonly endpoints: string;
  /** Environments of users' own requirements. */
  readonly environments: string;
  readonly logs: string;
}

/** The folders of the project under `projectRoot`. */
export function stateFolders(projectRoot: string): StateFolders {
  const state = join(projectRoot, STATE_FOLDER);
  return {
    store: join(state, 'store'),
    jobs: join(state, 'jobs'),
    endpoints: join(state, 'endpoints'),
    environments: join(state, 'environments'),
    logs: join(state, 'logs'),
  };
}
