/**
 * Quantile by linear interpolation between the two nearest order statistics (Hyndman and Fan's type 7, numpy's default).
 *
 * @param sorted ascending, at least one value
 * @param share 0 (the least) to 1 (the greatest)
 */
export function quantileOfSorted(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}
