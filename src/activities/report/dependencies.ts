/** What the report activity needs from outside. */
import type { ArtifactStore } from '../../ports/artifact-store';

/** Given by the worker's composition root. */
export interface ReportActivityDependencies {
  readonly store: ArtifactStore;
  /** Digest of this room's code: part of the key, so that a mended page is written anew. */
  readonly codeDigest: string;
  /** Address of Temporal's page of a workflow. */
  readonly workflowUrl: (workflowId: string, runId: string) => string;
}
