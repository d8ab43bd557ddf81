import type { ArtifactStore } from '../../ports/artifact-store';
import type { TableEngine } from '../../ports/table-engine';

/** What the activities of this room work with. */
export interface FeatureDependencies {
  readonly store: ArtifactStore;
  readonly engine: TableEngine;
  /** Digest of the code of this room: part of every key. */
  readonly codeDigest: string;
}
