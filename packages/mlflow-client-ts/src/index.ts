/** Typed MLflow 3 REST client: tracking, logged models, model registry and artifacts. See the README. */
export { createMlflowClient, type MlflowClient } from './client';
export {
  isAlreadyExists,
  isMlflowError,
  isNotFound,
  MlflowError,
  type ClientErrorCode,
  type MlflowErrorDetails,
} from './errors';
export type { CallOptions, Credentials, MlflowClientOptions } from './transport/options';
export type { Call, Endpoint } from './transport/call';

export type { Experiment } from './entities/experiment';
export { parentRunTag, type Run, type RunStatus } from './entities/run';
export type { Metric, NewMetric } from './entities/metric';
export type { DatasetInput } from './entities/dataset';
export { loggedModelUri, type LoggedModel, type LoggedModelStatus } from './entities/logged-model';
export type { ModelVersion, RegisteredModel } from './entities/registry';

export type { Experiments, ExperimentSearch, NewExperiment } from './rooms/experiments';
export type { NewRun, Runs, RunSearch, RunUpdate } from './rooms/runs';
export type { LogBatch, Metrics } from './rooms/metrics';
export type { Lineage, RunInputs, RunOutputs } from './rooms/lineage';
export type { LoggedModels, LoggedModelSearch, NewLoggedModel } from './rooms/logged-models';
export type { NewRegisteredModel, RegisteredModels, RegistrySearch } from './rooms/registered-models';
export type { ModelVersions, NewModelVersion } from './rooms/model-versions';
export type { Artifact, ArtifactOwner, Artifacts, FolderTransfer } from './rooms/artifacts';
export { checkArtifactPath } from './artifacts/paths';

export type { Ensure } from './ensure/ensure';
export type { Ensured, IdentityTag } from './ensure/ensured';

export { loggedModelTagEquals, quoteValue, tagEquals } from './filters';
export { collect } from './pagination';

export { endpoints, mlflowVersion } from './generated/endpoints';
export * as wire from './generated/schemas';
