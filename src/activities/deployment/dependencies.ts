/** What the deployment activities need from outside. */
import type { ArtifactStore } from '../../ports/artifact-store';
import type { EndpointHost } from '../../ports/endpoint-host';
import type { ModelRegistry } from '../../ports/model-registry';
import type { TableEngine } from '../../ports/table-engine';
import type { TrainerEnvironments } from '../../ports/trainer-environment';

/** Given by the worker's composition root. */
export interface DeploymentActivityDependencies {
  readonly store: ArtifactStore;
  readonly engine: TableEngine;
  readonly models: ModelRegistry;
  readonly environments: TrainerEnvironments;
  readonly endpoints: EndpointHost;
}
