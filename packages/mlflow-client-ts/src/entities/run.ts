import type * as wire from '../generated/schemas';
import { recordOf } from '../wire/pairs';
import { required } from '../wire/required';
import { datasetInputOf, type DatasetInput } from './dataset';
import { metricOf, type Metric } from './metric';

/** The tag by which MLflow nests a run under another. */
export const parentRunTag = 'mlflow.parentRunId';

export type { RunStatus } from '../generated/schemas';

/** A run with all that is logged on it. */
export interface Run {
  readonly runId: string;
  readonly runName: string;
  readonly experimentId: string;
  readonly status: wire.RunStatus;
  /** Milliseconds since 1970; 0 when whoever created the run gave none. */
  readonly startTime: number;
  /** Milliseconds since 1970; missing while it runs. */
  readonly endTime: number | undefined;
  /** Where its artifacts lie, `mlflow-artifacts:/…` behind an artifact-serving server. */
  readonly artifactUri: string;
  /** `active` or `deleted`. */
  readonly lifecycleStage: string;
  /** The run that this one is nested under. */
  readonly parentRunId: string | undefined;
  /** The latest value of each metric; `client.metrics.history` has the rest. */
  readonly metrics: readonly Metric[];
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly datasets: readonly DatasetInput[];
  /** Ids of the logged models it used. */
  readonly modelInputs: readonly string[];
  /** The logged models it produced, with the step that each belongs to. */
  readonly modelOutputs: readonly { readonly modelId: string; readonly step: number }[];
}

/** Reads MLflow's spelling. */
export function runOf(message: wire.Run | undefined): Run {
  const run = required(message, 'run');
  const info = required(run.info, 'run.info');
  const tags = recordOf(run.data?.tags);
  return {
    runId: required(info.run_id, 'run.info.run_id'),
    runName: info.run_name ?? '',
    experimentId: required(info.experiment_id, 'run.info.experiment_id'),
    status: required(info.status, 'run.info.status'),
    startTime: info.start_time ?? 0,
    endTime: info.end_time,
    artifactUri: info.artifact_uri ?? '',
    lifecycleStage: required(info.lifecycle_stage, 'run.info.lifecycle_stage'),
    parentRunId: tags[parentRunTag],
    metrics: (run.data?.metrics ?? []).map(metricOf),
    params: recordOf(run.data?.params),
    tags,
    datasets: (run.inputs?.dataset_inputs ?? []).map(datasetInputOf),
    modelInputs: (run.inputs?.model_inputs ?? []).map((input) => input.model_id),
    modelOutputs: (run.outputs?.model_outputs ?? []).map((output) => ({
      modelId: output.model_id,
      step: output.step,
    })),
  };
}
