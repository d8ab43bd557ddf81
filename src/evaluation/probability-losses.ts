/** Losses of a probability, one value a row; a metric is their mean, so a resample needs no logarithm again. */

/** scikit-learn clips probabilities to [eps, 1 - eps] with the epsilon of a double, so that a certain mistake costs 36.04 and not infinity. */
const EPSILON = Number.EPSILON;

/** Log loss (natural logarithm) of each row of a two-class model. */
export function binaryLogLosses(scores: Float64Array, labels: Uint8Array): Float64Array {
  return scores.map((score, row) => -Math.log(clip(labels[row] === 1 ? score : 1 - score)));
}

/** Squared distance of each row's score from its label, 0 to 1. */
export function binaryBrierLosses(scores: Float64Array, labels: Uint8Array): Float64Array {
  return scores.map((score, row) => (score - labels[row]!) ** 2);
}

/** Log loss (natural logarithm) of each row: of the score that its true class was given. The scores are not normalised. */
export function multiclassLogLosses(
  scores: Float64Array,
  labels: Int32Array,
  classCount: number,
): Float64Array {
  return Float64Array.from(labels, (label, row) => -Math.log(clip(scores[row * classCount + label]!)));
}

/**
 * Sum over the classes of the squared distance of each score from 1 or 0: 0 to 2 (Brier 1950). With two classes it is halved, so
 * that it equals the binary score; both as scikit-learn 1.7 does.
 */
export function multiclassBrierLosses(
  scores: Float64Array,
  labels: Int32Array,
  classCount: number,
): Float64Array {
  const scale = classCount === 2 ? 0.5 : 1;
  return Float64Array.from(labels, (label, row) => {
    let sum = 0;
    for (let current = 0; current < classCount; current++) {
      sum += (scores[row * classCount + current]! - (current === label ? 1 : 0)) ** 2;
    }
    return scale * sum;
  });
}

function clip(probability: number): number {
  return Math.min(Math.max(probability, EPSILON), 1 - EPSILON);
}
