import type * as wire from '../generated/schemas';
import { required, textOrUndefined } from '../wire/required';

/** One value of one metric. */
export interface Metric {
  readonly key: string;
  /** May be NaN. MLflow's database keeps an infinite value as the largest finite one, plus or minus 1.797…e308. */
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly step: number;
  /** The logged model that was measured. */
  readonly modelId: string | undefined;
  /** The data set it was measured on, with its digest. */
  readonly datasetName: string | undefined;
  readonly datasetDigest: string | undefined;
  /** The run that measured it; given on a logged model's metrics. */
  readonly runId: string | undefined;
}

/** A metric to be logged. */
export interface NewMetric {
  readonly key: string;
  readonly value: number;
  /**
   * Milliseconds since 1970, from the caller: MLflow drops a second copy with the same key, value, step and timestamp, so
   * that a repeated call with the same timestamp changes nothing.
   */
  readonly timestamp: number;
  /** 0 unless given. */
  readonly step?: number | undefined;
  readonly modelId?: string | undefined;
  /** Name and digest of a data set that was logged as an input of the same run. */
  readonly dataset?: { readonly name: string; readonly digest: string } | undefined;
}

/** Reads MLflow's spelling. */
export function metricOf(message: wire.Metric): Metric {
  return {
    key: required(message.key, 'metric.key'),
    value: required(message.value, 'metric.value'),
    timestamp: message.timestamp ?? 0,
    step: message.step ?? 0,
    modelId: textOrUndefined(message.model_id),
    datasetName: textOrUndefined(message.dataset_name),
    datasetDigest: textOrUndefined(message.dataset_digest),
    runId: textOrUndefined(message.run_id),
  };
}

/** Writes MLflow's spelling. */
export function metricMessage(metric: NewMetric): wire.Metric {
  return {
    key: metric.key,
    value: metric.value,
    timestamp: metric.timestamp,
    step: metric.step ?? 0,
    model_id: metric.modelId,
    dataset_name: metric.dataset?.name,
    dataset_digest: metric.dataset?.digest,
  };
}
