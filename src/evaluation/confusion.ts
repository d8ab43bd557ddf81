/** Counts of predicted against true classes, and the metrics that are ratios of them. Zero divided by zero is 0, as in scikit-learn. */
import type { RowWeights } from './predictions';

/** The four counts of a two-class decision; whole numbers. */
export interface BinaryConfusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

/** Counts the rows by decision and label. A row is predicted positive when its score is at least the threshold. */
export function binaryConfusion(
  scores: Float64Array,
  labels: Uint8Array,
  threshold: number,
  weights?: RowWeights,
): BinaryConfusion {
  let [truePositives, falsePositives, falseNegatives, trueNegatives] = [0, 0, 0, 0];
  for (let row = 0; row < labels.length; row++) {
    const weight = weights === undefined ? 1 : weights[row]!;
    if (scores[row]! >= threshold) {
      if (labels[row] === 1) truePositives += weight;
      else falsePositives += weight;
    } else if (labels[row] === 1) falseNegatives += weight;
    else trueNegatives += weight;
  }
  return { truePositives, falsePositives, falseNegatives, trueNegatives };
}

/** Share of rows decided rightly, 0 to 1; `null` without rows. */
export function accuracyOf(counts: BinaryConfusion): number | null {
  const right = counts.truePositives + counts.trueNegatives;
  const total = right + counts.falsePositives + counts.falseNegatives;
  return total === 0 ? null : right / total;
}

/** Share of the predicted positives that are positive; 0 when none is predicted. */
export function precisionOf(counts: BinaryConfusion): number {
  return ratio(counts.truePositives, counts.truePositives + counts.falsePositives);
}

/** Share of the positives that are predicted; 0 when there is none. */
export function recallOf(counts: BinaryConfusion): number {
  return ratio(counts.truePositives, counts.truePositives + counts.falseNegatives);
}

/** Harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN); 0 when there is neither a positive nor a predicted one. */
export function f1Of(counts: BinaryConfusion): number {
  const twice = 2 * counts.truePositives;
  return ratio(twice, twice + counts.falsePositives + counts.falseNegatives);
}

/** Class index with the largest score for each row; of equals, the first (as numpy's `argmax`). */
export function predictedClasses(scores: Float64Array, classCount: number): Int32Array {
  const predicted = new Int32Array(scores.length / classCount);
  for (let row = 0; row < predicted.length; row++) {
    const offset = row * classCount;
    let best = 0;
    for (let candidate = 1; candidate < classCount; candidate++) {
      if (scores[offset + candidate]! > scores[offset + best]!) best = candidate;
    }
    predicted[row] = best;
  }
  return predicted;
}

/** Row-major counts, `classCount` squared: true class times `classCount` plus predicted class. */
export function multiclassConfusion(
  predicted: Int32Array,
  labels: Int32Array,
  classCount: number,
  weights?: RowWeights,
): Float64Array {
  const counts = new Float64Array(classCount * classCount);
  for (let row = 0; row < labels.length; row++) {
    counts[labels[row]! * classCount + predicted[row]!]! += weights === undefined ? 1 : weights[row]!;
  }
  return counts;
}

/** How one class was told from all the others. */
export interface ClassMetrics {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Rows of the class. */
  readonly support: number;
  /** Rows predicted to be of the class. */
  readonly predicted: number;
}

/** One entry a class, in class order. */
export function classMetrics(counts: Float64Array, classCount: number): ClassMetrics[] {
  return Array.from({ length: classCount }, (_, current) => {
    let support = 0;
    let predicted = 0;
    for (let other = 0; other < classCount; other++) {
      support += counts[current * classCount + other]!;
      predicted += counts[other * classCount + current]!;
    }
    const right = counts[current * classCount + current]!;
    return {
      precision: ratio(right, predicted),
      recall: ratio(right, support),
      f1: ratio(2 * right, support + predicted),
      support,
      predicted,
    };
  });
}

/**
 * Mean of a per-class metric. As scikit-learn does unless told the labels, a class that is neither true nor predicted anywhere is left out.
 *
 * @returns `null` without rows
 */
export function averageOverClasses(
  classes: readonly ClassMetrics[],
  metric: 'precision' | 'recall' | 'f1',
  average: 'macro' | 'weighted',
): number | null {
  let sum = 0;
  let total = 0;
  for (const entry of classes) {
    const weight = average === 'weighted' ? entry.support : entry.support + entry.predicted > 0 ? 1 : 0;
    sum += weight * entry[metric];
    total += weight;
  }
  return total === 0 ? null : sum / total;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
