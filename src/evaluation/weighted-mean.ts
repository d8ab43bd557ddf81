import type { RowWeights } from './predictions';

/** Mean of one value a row; `null` when no row counts. */
export function weightedMean(values: Float64Array, weights?: RowWeights): number | null {
  let sum = 0;
  let total = 0;
  for (let row = 0; row < values.length; row++) {
    const weight = weights === undefined ? 1 : weights[row]!;
    sum += weight * values[row]!;
    total += weight;
  }
  return total === 0 ? null : sum / total;
}
