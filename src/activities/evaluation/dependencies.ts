/** What the evaluation activities need from outside. */
import type { ArtifactStore } from '../../ports/artifact-store';
import type { Ledger } from '../../ports/ledger';
import type { TableEngine } from '../../ports/table-engine';

/** Given by the worker's composition root. */
export interface EvaluationActivityDependencies {
  readonly store: ArtifactStore;
  readonly engine: TableEngine;
  readonly ledger: Ledger;
  /** Digest of this room's code and of the arithmetic: part of the keys. */
  readonly codeDigest: string;
}
