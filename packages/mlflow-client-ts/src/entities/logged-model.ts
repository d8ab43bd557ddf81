import type * as wire from '../generated/schemas';
import { recordOf } from '../wire/pairs';
import { required, textOrUndefined } from '../wire/required';
import { metricOf, type Metric } from './metric';

/** The state of a logged model: pending while its files are uploaded. */
export type LoggedModelStatus = 'PENDING' | 'READY' | 'UPLOAD_FAILED';

/** A model of MLflow 3: a thing of its own, with parameters, metrics per data set, and artifacts. */
export interface LoggedModel {
  readonly modelId: string;
  readonly experimentId: string;
  readonly name: string;
  readonly status: LoggedModelStatus | undefined;
  /** Milliseconds since 1970, by the server's clock. */
  readonly creationTime: number;
  /** Milliseconds since 1970, by the server's clock. */
  readonly lastUpdateTime: number;
  /** Where its artifacts lie, `mlflow-artifacts:/…/models/<id>/artifacts` behind an artifact-serving server. */
  readonly artifactUri: string;
  readonly modelType: string | undefined;
  readonly sourceRunId: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  /** Its metrics, each with the run that measured it and the data set it was measured on. */
  readonly metrics: readonly Metric[];
  /** The registered versions made of it. */
  readonly registrations: readonly { readonly name: string; readonly version: string }[];
}

const statusPrefix = 'LOGGED_MODEL_';

/** The address by which registry and loaders name a logged model: `models:/m-…`. */
export function loggedModelUri(modelId: string): string {
  return `models:/${modelId}`;
}

/** Reads MLflow's spelling. */
export function loggedModelOf(message: wire.LoggedModel | undefined): LoggedModel {
  const model = required(message, 'model');
  const info = required(model.info, 'model.info');
  return {
    modelId: required(info.model_id, 'model.info.model_id'),
    experimentId: required(info.experiment_id, 'model.info.experiment_id'),
    name: info.name ?? '',
    status: statusOf(info.status),
    creationTime: required(info.creation_timestamp_ms, 'model.info.creation_timestamp_ms'),
    lastUpdateTime: info.last_updated_timestamp_ms ?? 0,
    artifactUri: info.artifact_uri ?? '',
    modelType: textOrUndefined(info.model_type),
    sourceRunId: textOrUndefined(info.source_run_id),
    tags: recordOf(info.tags),
    params: recordOf(model.data?.params),
    metrics: (model.data?.metrics ?? []).map(metricOf),
    registrations: (info.registrations ?? []).map(({ name, version }) => ({
      name: required(name, 'registration.name'),
      version: required(version, 'registration.version'),
    })),
  };
}

/** Writes MLflow's spelling of a status. */
export function loggedModelStatusMessage(status: LoggedModelStatus): wire.LoggedModelStatus {
  return `${statusPrefix}${status}`;
}

function statusOf(status: wire.LoggedModelStatus | undefined): LoggedModelStatus | undefined {
  if (status === undefined || status === 'LOGGED_MODEL_STATUS_UNSPECIFIED') return undefined;
  return status.slice(statusPrefix.length) as LoggedModelStatus;
}
