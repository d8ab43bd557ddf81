/** What the training activities need from outside. */
import type { ArtifactStore } from '../../ports/artifact-store';
import type { JobBackend } from '../../ports/job-backend';
import type { RunDirectory } from '../../ports/run-directory';
import type { TableEngine } from '../../ports/table-engine';
import type { TrainerEnvironments } from '../../ports/trainer-environment';
import type { ClusterDefaults } from './pods';

/** Given by the worker's composition root. */
export interface TrainingActivityDependencies {
  readonly store: ArtifactStore;
  readonly engine: TableEngine;
  readonly backend: JobBackend;
  readonly runs: RunDirectory;
  readonly environments: TrainerEnvironments;
  /** The cluster that pipelines with the backend kubernetes train on. */
  readonly cluster?: ClusterDefaults | undefined;
  /** MLflow's variables for a job, so that `mlflow.autolog()` of a user's script lands in the candidate's run. */
  readonly trackingEnvironment: (
    tracking: { experimentId: string; runId: string } | undefined,
  ) => Record<string, string>;
}
