/** What the registry activities need from outside. */
import type { ArtifactStore } from '../../ports/artifact-store';
import type { ModelRegistry } from '../../ports/model-registry';
import type { ModelTracking } from '../../ports/model-tracking';
import type { TableEngine } from '../../ports/table-engine';

/** Given by the worker's composition root. */
export interface RegistryActivityDependencies {
  readonly store: ArtifactStore;
  readonly engine: TableEngine;
  readonly tracking: ModelTracking;
  readonly models: ModelRegistry;
  /** Address of Temporal's page of a workflow, for links. */
  readonly workflowUrl: (workflowId: string, runId: string) => string;
}
