/** Metrics of a model that predicts a number. */
import type { MetricName } from '../contracts/metrics';
import type { Measure, MetricValues } from './measure';
import type { RegressionPredictions, RowWeights } from './predictions';
import { quantileOfSorted } from './quantile';
import { weightedMean } from './weighted-mean';

/** Prepares the metrics named. */
export function regressionMeasure(
  predictions: RegressionPredictions,
  metrics: readonly MetricName[],
): Measure {
  const { labels } = predictions;
  const absolute = predictions.predictions.map((prediction, row) => Math.abs(prediction - labels[row]!));
  const squared = absolute.map((error) => error * error);
  return {
    rows: labels.length,
    metrics,
    lacksClass: () => false,
    values(weights) {
      const meanSquare = weightedMean(squared, weights);
      const all: MetricValues = {
        rmse: meanSquare === null ? null : Math.sqrt(meanSquare),
        mae: weightedMean(absolute, weights),
        r2: metrics.includes('r2') ? determination(squared, labels, weights) : null,
      };
      return Object.fromEntries(metrics.map((name) => [name, all[name] ?? null]));
    },
  };
}

/**
 * R², 1 - sum of squared errors / sum of squared distances of the labels from their mean. With scikit-learn's conventions: `null` below two
 * rows; for equal labels 1 if every prediction is right, else 0. Labels are found to be equal by comparison, not by a sum
 * that rounding may leave just above 0.
 */
function determination(
  squaredErrors: Float64Array,
  labels: Float64Array,
  weights?: RowWeights,
): number | null {
  const mean = weightedMean(labels, weights);
  let rows = 0;
  let errors = 0;
  let spread = 0;
  let least = Infinity;
  let greatest = -Infinity;
  for (let row = 0; row < labels.length; row++) {
    const weight = weights === undefined ? 1 : weights[row]!;
    if (weight === 0) continue;
    const label = labels[row]!;
    rows += weight;
    errors += weight * squaredErrors[row]!;
    spread += weight * (label - (mean ?? 0)) ** 2;
    if (label < least) least = label;
    if (label > greatest) greatest = label;
  }
  if (rows < 2) return null;
  if (errors === 0) return 1;
  return least === greatest ? 0 : 1 - errors / spread;
}

/** A share of the rows, and the residual (label minus prediction, in the label's unit) that this share does not exceed. */
export interface ResidualQuantile {
  readonly share: number;
  readonly residual: number;
}

/** Shares that {@link residualQuantiles} reports: extremes, tails, quartiles and the median. */
export const RESIDUAL_SHARES = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1] as const;

/** Quantiles of label minus prediction, by linear interpolation; empty without rows. */
export function residualQuantiles({ predictions, labels }: RegressionPredictions): ResidualQuantile[] {
  if (labels.length === 0) return [];
  const residuals = labels.map((label, row) => label - predictions[row]!).sort();
  return RESIDUAL_SHARES.map((share) => ({ share, residual: quantileOfSorted(residuals, share) }));
}
