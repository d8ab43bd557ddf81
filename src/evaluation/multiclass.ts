/** Metrics of a model over several classes. */
import type { MetricName } from '../contracts/metrics';
import {
  averageOverClasses,
  classMetrics,
  multiclassConfusion,
  predictedClasses,
  type ClassMetrics,
} from './confusion';
import type { Measure, MetricValues } from './measure';
import type { MulticlassPredictions, RowWeights } from './predictions';
import { multiclassBrierLosses, multiclassLogLosses } from './probability-losses';
import { rankingMetrics, rankScores, type Ranking, type RankingMetrics } from './ranking';
import { weightedMean } from './weighted-mean';

/** One class against all the others. */
export interface OneVersusRest {
  readonly ranking: Ranking;
  /** 1 for a row of the class, by row index. */
  readonly isClass: Uint8Array;
}

/** Prepares the metrics named; what none of them needs is not worked out. Memory: about 13 bytes a row and class for the ranking metrics. */
export function multiclassMeasure(
  predictions: MulticlassPredictions,
  metrics: readonly MetricName[],
): Measure {
  const { scores, labels, classes } = predictions;
  const needs = (...names: MetricName[]): boolean => names.some((name) => metrics.includes(name));
  const predicted = predictedClasses(scores, classes.length);
  const rankings = needs('roc_auc_ovr_macro', 'roc_auc_ovr_weighted', 'average_precision_macro')
    ? oneVersusRest(predictions)
    : undefined;
  const logLosses = needs('log_loss') ? multiclassLogLosses(scores, labels, classes.length) : undefined;
  const brierLosses = needs('brier') ? multiclassBrierLosses(scores, labels, classes.length) : undefined;

  const values = (weights?: RowWeights): MetricValues => {
    const counts = multiclassConfusion(predicted, labels, classes.length, weights);
    const all = decisionMetrics(counts, classMetrics(counts, classes.length));
    if (rankings !== undefined) {
      Object.assign(
        all,
        averagedRankingMetrics(
          rankings.map(({ ranking, isClass }) => rankingMetrics(ranking, isClass, weights)),
        ),
      );
    }
    if (logLosses !== undefined) all.log_loss = weightedMean(logLosses, weights);
    if (brierLosses !== undefined) all.brier = weightedMean(brierLosses, weights);
    return Object.fromEntries(metrics.map((name) => [name, all[name] ?? null]));
  };
  return { rows: labels.length, metrics, values, lacksClass: () => false };
}

/** One entry a class, in class order: the ranking by that class's score. */
function oneVersusRest({ scores, labels, classes }: MulticlassPredictions): OneVersusRest[] {
  return classes.map((_, current) => ({
    ranking: rankScores(Float64Array.from(labels, (_label, row) => scores[row * classes.length + current]!)),
    isClass: Uint8Array.from(labels, (label) => (label === current ? 1 : 0)),
  }));
}

function decisionMetrics(counts: Float64Array, classes: readonly ClassMetrics[]): MetricValues {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const right = classes.reduce((sum, _, index) => sum + counts[index * classes.length + index]!, 0);
  return {
    accuracy: total === 0 ? null : right / total,
    precision_macro: averageOverClasses(classes, 'precision', 'macro'),
    precision_weighted: averageOverClasses(classes, 'precision', 'weighted'),
    recall_macro: averageOverClasses(classes, 'recall', 'macro'),
    recall_weighted: averageOverClasses(classes, 'recall', 'weighted'),
    f1_macro: averageOverClasses(classes, 'f1', 'macro'),
    f1_weighted: averageOverClasses(classes, 'f1', 'weighted'),
  };
}

/**
 * The macro means are undefined when any class has no row. The weighted AUC gives such a class the weight 0, but is undefined when
 * a class that has rows has all of them (as scikit-learn).
 */
function averagedRankingMetrics(perClass: readonly RankingMetrics[]): MetricValues {
  const complete = perClass.every((entry) => entry.positives > 0);
  const present = perClass.filter((entry) => entry.positives > 0);
  const aucs = present.map((entry) => entry.rocAuc);
  const defined = aucs.filter((auc) => auc !== null);
  const total = present.reduce((sum, entry) => sum + entry.positives, 0);
  const allDefined = defined.length === aucs.length && defined.length > 0;
  return {
    roc_auc_ovr_macro:
      complete && allDefined ? defined.reduce((sum, auc) => sum + auc, 0) / defined.length : null,
    roc_auc_ovr_weighted: allDefined
      ? present.reduce((sum, entry) => sum + (entry.rocAuc ?? 0) * entry.positives, 0) / total
      : null,
    average_precision_macro: complete
      ? perClass.reduce((sum, entry) => sum + (entry.averagePrecision ?? 0), 0) / perClass.length
      : null,
  };
}
