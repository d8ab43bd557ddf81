/** One model's predictions, prepared so that its metrics can be read again and again under other row weights. */
import { METRICS, metricsOfTask, type MetricName } from '../contracts/metrics';
import { MillraceError } from '../contracts/errors';
import { binaryMeasure } from './binary';
import { multiclassMeasure } from './multiclass';
import { checkPredictions, type Predictions, type RowWeights } from './predictions';
import { regressionMeasure } from './regression';

/** Values by metric name; `null` where a metric is not defined on these rows (an AUC of one class), never NaN. */
export type MetricValues = Partial<Record<MetricName, number | null>>;

/** Predictions with all that does not depend on the weights worked out once. */
export interface Measure {
  readonly rows: number;
  /** What `values` holds. */
  readonly metrics: readonly MetricName[];
  /** The metrics of the weighted rows. */
  values(weights?: RowWeights): MetricValues;
  /**
   * Whether these weights leave out a class of a two-class label that the rows do have: by convention recall would be 0 then, which is
   * no measurement. With several classes a rare one is left out often; there only the metrics that need it are undefined.
   */
  lacksClass(weights: RowWeights): boolean;
}

/**
 * Prepares the metrics named, or all of the task's.
 *
 * @throws MillraceError EVALUATION_FAILED: see {@link checkPredictions}; or a metric is not defined on the task
 */
export function measureFor(
  predictions: Predictions,
  metrics: readonly MetricName[] = metricsOfTask(predictions.task),
): Measure {
  checkPredictions(predictions);
  for (const name of metrics) {
    const tasks: readonly string[] = METRICS[name].tasks;
    if (!tasks.includes(predictions.task)) {
      throw new MillraceError(
        'EVALUATION_FAILED',
        `The metric ${name} is not defined for ${predictions.task} models.`,
        {
          mend: `Use one of ${metricsOfTask(predictions.task).join(', ')}.`,
        },
      );
    }
  }
  switch (predictions.task) {
    case 'binary':
      return binaryMeasure(predictions, metrics);
    case 'multiclass':
      return multiclassMeasure(predictions, metrics);
    case 'regression':
      return regressionMeasure(predictions, metrics);
  }
}

/**
 * The metrics of all rows: every one of the task, or those named.
 *
 * @throws MillraceError EVALUATION_FAILED as {@link measureFor}
 */
export function measure(predictions: Predictions, metrics?: readonly MetricName[]): MetricValues {
  return measureFor(predictions, metrics).values();
}
