/** Rows in the order of their scores, and the two metrics that depend on that order alone. */
import type { RowWeights } from './predictions';

/** Row indexes by descending score, once sorted and then used for every resample. */
export interface Ranking {
  /** Row indexes, highest score first; equal scores in row order. */
  readonly order: Uint32Array;
  /** Groups of equal scores: the position in `order` after the last row of each group, ascending. */
  readonly groupEnds: Uint32Array;
}

/** Sorts the rows by descending score. O(n log n) time, 8 bytes a row. */
export function rankScores(scores: Float64Array): Ranking {
  const order = Uint32Array.from(scores, (_, row) => row).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const groupEnds = new Uint32Array(order.length);
  let groups = 0;
  for (let position = 1; position <= order.length; position++) {
    if (position === order.length || scores[order[position]!] !== scores[order[position - 1]!]) {
      groupEnds[groups++] = position;
    }
  }
  return { order, groupEnds: groupEnds.slice(0, groups) };
}

/** The metrics of a ranking; `null` where they are not defined. */
export interface RankingMetrics {
  /** `null` when a class has no row. */
  readonly rocAuc: number | null;
  /** 0 when there is no positive row, as in scikit-learn; `null` when there is no row at all. */
  readonly averagePrecision: number | null;
  /** Sum of the weights of the positive rows, and of the negative ones. */
  readonly positives: number;
  readonly negatives: number;
}

/**
 * Area under the ROC curve, and average precision, in one pass over the ranking.
 *
 * The AUC is the share of (positive, negative) pairs that are in order, a tie counting half (Hanley and McNeil 1982), which is
 * the trapezium rule over the curve. Average precision is the sum of precision times the gain in recall over distinct scores
 * (scikit-learn's `average_precision_score`: no interpolation).
 *
 * @param isPositive 1 for a row of the positive class, by row index
 */
export function rankingMetrics(
  ranking: Ranking,
  isPositive: Uint8Array,
  weights?: RowWeights,
): RankingMetrics {
  const { order, groupEnds } = ranking;
  let positives = 0;
  let negatives = 0;
  let orderedPairs = 0;
  let precisionSum = 0;
  let position = 0;
  for (const end of groupEnds) {
    let groupPositives = 0;
    let groupTotal = 0;
    for (; position < end; position++) {
      const row = order[position]!;
      const weight = weights === undefined ? 1 : weights[row]!;
      groupTotal += weight;
      groupPositives += weight * isPositive[row]!;
    }
    const groupNegatives = groupTotal - groupPositives;
    // Whole and half numbers below 2^53: exact.
    orderedPairs += groupNegatives * (positives + groupPositives / 2);
    positives += groupPositives;
    negatives += groupNegatives;
    if (groupPositives > 0) precisionSum += groupPositives * (positives / (positives + negatives));
  }
  return {
    rocAuc: positives === 0 || negatives === 0 ? null : orderedPairs / (positives * negatives),
    averagePrecision: positives + negatives === 0 ? null : positives === 0 ? 0 : precisionSum / positives,
    positives,
    negatives,
  };
}
