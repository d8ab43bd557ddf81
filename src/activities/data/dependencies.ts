import type { ArtifactStore } from '../../ports/artifact-store';
import type { TableEngine } from '../../ports/table-engine';

/** What the data activities need from outside; given by the worker's composition root. */
export interface DataActivityDependencies {
  readonly store: ArtifactStore;
  readonly engine: TableEngine;
  /** Digest of the code of this room: part of every key. */
  readonly codeDigest: string;
}
