/** How often a score came true: the reliability table of a two-class model. */
import type { BinaryPredictions } from './predictions';

/** The rows whose score lies above `lower` and not above `upper` (the first bin holds 0 as well). */
export interface CalibrationBin {
  readonly lower: number;
  readonly upper: number;
  readonly rows: number;
  /** Mean score of these rows. */
  readonly predicted: number;
  /** Share of these rows that are positive. */
  readonly observed: number;
}

/**
 * The table of scikit-learn's `calibration_curve(strategy="uniform")`: bins of equal width over 0 to 1; empty bins are left out.
 *
 * @param binCount how many bins
 */
export function calibrationTable({ scores, labels }: BinaryPredictions, binCount = 10): CalibrationBin[] {
  // Edges as numpy's linspace computes them, so that a score on an edge falls on the same side.
  const edges = Array.from({ length: binCount + 1 }, (_, index) =>
    index === binCount ? 1 : index * (1 / binCount),
  );
  const rows = new Float64Array(binCount);
  const scoreSums = new Float64Array(binCount);
  const positives = new Float64Array(binCount);
  scores.forEach((score, row) => {
    let bin = Math.min(Math.floor(score * binCount), binCount - 1);
    while (bin > 0 && score <= edges[bin]!) bin--;
    while (bin < binCount - 1 && score > edges[bin + 1]!) bin++;
    rows[bin]! += 1;
    scoreSums[bin]! += score;
    positives[bin]! += labels[row]!;
  });
  return Array.from(rows, (count, bin) => ({
    lower: edges[bin]!,
    upper: edges[bin + 1]!,
    rows: count,
    predicted: scoreSums[bin]! / count,
    observed: positives[bin]! / count,
  })).filter((entry) => entry.rows > 0);
}
