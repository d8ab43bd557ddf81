import { metricMessage, metricOf, type Metric, type NewMetric } from '../entities/metric';
import { endpoints } from '../generated/endpoints';
import { paginate } from '../pagination';
import type { Call } from '../transport/call';
import type { CallOptions } from '../transport/options';
import { pairsOf } from '../wire/pairs';
import { batchesOf } from './log-batches';

/** Metrics, parameters and tags of runs. Every method throws `MlflowError`. */
export type Metrics = ReturnType<typeof createMetrics>;

/** What one call logs. */
export interface LogBatch {
  readonly runId: string;
  readonly metrics?: readonly NewMetric[] | undefined;
  /** A parameter cannot be changed: another value for one already logged is refused (status 400). At most 6,000 characters. */
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** A tag can be changed. At most 8,000 characters. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Builds {@link Metrics}. */
export function createMetrics(call: Call) {
  return {
    /** Logs one value. Repeated with the same timestamp it changes nothing. */
    async log(runId: string, metric: NewMetric, options?: CallOptions): Promise<void> {
      await call(
        endpoints.logMetric,
        {
          run_id: runId,
          ...metricMessage(metric),
          key: metric.key,
          value: metric.value,
          timestamp: metric.timestamp,
        },
        options,
      );
    },

    /**
     * Logs any number of metrics, parameters and tags, in as many requests as MLflow's limits ask for. When one fails the
     * earlier ones have taken effect; repeating the whole call with the same timestamps is safe.
     */
    async logBatch(batch: LogBatch, options?: CallOptions): Promise<void> {
      const contents = {
        metrics: (batch.metrics ?? []).map(metricMessage),
        params: pairsOf(batch.params),
        tags: pairsOf(batch.tags),
      };
      for (const part of batchesOf(contents)) {
        await call(endpoints.logBatch, { run_id: batch.runId, ...part }, options);
      }
    },

    /** Every value of one metric of a run, oldest first. Empty when there is no such metric. */
    history(
      runId: string,
      key: string,
      { pageSize = 1000, ...options }: CallOptions & { readonly pageSize?: number } = {},
    ): AsyncGenerator<Metric, void, undefined> {
      return paginate(async (pageToken) => {
        const answer = await call(
          endpoints.getMetricHistory,
          { run_id: runId, metric_key: key, max_results: pageSize, page_token: pageToken },
          options,
        );
        return { items: (answer.metrics ?? []).map(metricOf), nextPageToken: answer.next_page_token };
      });
    },
  };
}
