/** Metrics of a two-class model. */
import type { MetricName } from '../contracts/metrics';
import { accuracyOf, binaryConfusion, f1Of, precisionOf, recallOf } from './confusion';
import type { Measure, MetricValues } from './measure';
import type { BinaryPredictions, RowWeights } from './predictions';
import { binaryBrierLosses, binaryLogLosses } from './probability-losses';
import { rankingMetrics, rankScores } from './ranking';
import { weightedMean } from './weighted-mean';

/** Prepares the metrics named; what none of them needs is not worked out. */
export function binaryMeasure(predictions: BinaryPredictions, metrics: readonly MetricName[]): Measure {
  const { scores, labels, threshold } = predictions;
  const needs = (...names: MetricName[]): boolean => names.some((name) => metrics.includes(name));
  const ranking = needs('roc_auc', 'average_precision') ? rankScores(scores) : undefined;
  const logLosses = needs('log_loss') ? binaryLogLosses(scores, labels) : undefined;
  const brierLosses = needs('brier') ? binaryBrierLosses(scores, labels) : undefined;
  const needsCounts = needs('accuracy', 'precision', 'recall', 'f1');

  return {
    rows: labels.length,
    metrics,
    lacksClass: (weights) =>
      [0, 1].some((label) => labels.includes(label) && !hasRowOf(label, labels, weights)),
    values(weights) {
      const all: MetricValues = {};
      if (labels.length === 0) return Object.fromEntries(metrics.map((name) => [name, null]));
      if (needsCounts) {
        const counts = binaryConfusion(scores, labels, threshold, weights);
        all.accuracy = accuracyOf(counts);
        all.precision = precisionOf(counts);
        all.recall = recallOf(counts);
        all.f1 = f1Of(counts);
      }
      if (ranking !== undefined) {
        const ranked = rankingMetrics(ranking, labels, weights);
        all.roc_auc = ranked.rocAuc;
        all.average_precision = ranked.averagePrecision;
      }
      if (logLosses !== undefined) all.log_loss = weightedMean(logLosses, weights);
      if (brierLosses !== undefined) all.brier = weightedMean(brierLosses, weights);
      return Object.fromEntries(metrics.map((name) => [name, all[name] ?? null]));
    },
  };
}

function hasRowOf(label: number, labels: Uint8Array, weights: RowWeights): boolean {
  for (let row = 0; row < labels.length; row++) if (labels[row] === label && weights[row]! > 0) return true;
  return false;
}
