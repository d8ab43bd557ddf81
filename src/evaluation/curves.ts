/** ROC and precision-recall curves for the report, with as many points as a picture can show. */
import { rankScores } from './ranking';

/** A point of a curve, with the threshold that gives it; `null` where no row is predicted positive. */
export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  readonly threshold: number | null;
}

/** Most points of a curve unless told otherwise: more than a picture of 400 pixels can show. */
const DEFAULT_CURVE_POINTS = 200;

/**
 * ROC curve: x is the false positive rate, y the true positive rate, from (0, 0) to (1, 1) by falling threshold. Its area is `roc_auc`
 * where no point had to go.
 *
 * @returns `null` when a class has no row
 */
export function rocCurve(
  scores: Float64Array,
  isPositive: Uint8Array,
  maximumPoints = DEFAULT_CURVE_POINTS,
): CurvePoint[] | null {
  const { steps, positives, negatives } = cumulate(scores, isPositive);
  if (positives === 0 || negatives === 0) return null;
  const points = steps.map(({ truePositives, falsePositives, threshold }) => ({
    x: falsePositives / negatives,
    y: truePositives / positives,
    threshold,
  }));
  return thinCurve([{ x: 0, y: 0, threshold: null }, ...points], maximumPoints);
}

/**
 * Precision-recall curve: x is the recall, y the precision, by falling threshold from scikit-learn's first point (recall 0, precision 1).
 *
 * @returns `null` when there is no positive row
 */
export function precisionRecallCurve(
  scores: Float64Array,
  isPositive: Uint8Array,
  maximumPoints = DEFAULT_CURVE_POINTS,
): CurvePoint[] | null {
  const { steps, positives } = cumulate(scores, isPositive);
  if (positives === 0) return null;
  const points = steps.map(({ truePositives, falsePositives, threshold }) => ({
    x: truePositives / positives,
    y: truePositives / (truePositives + falsePositives),
    threshold,
  }));
  return thinCurve([{ x: 0, y: 1, threshold: null }, ...points], maximumPoints);
}

/**
 * Keeps the first and the last point and, of the others, those that bend the curve most: time and again the point
 * that lies farthest from the line drawn without it (Douglas and Peucker 1973, stopped at a count of points). Points on a line go first.
 *
 * @param maximumPoints at least 2
 */
export function thinCurve(points: readonly CurvePoint[], maximumPoints: number): CurvePoint[] {
  if (points.length <= 2) return [...points];
  const kept = new Set([0, points.length - 1]);
  const segments = [farthest(points, 0, points.length - 1)];
  while (kept.size < maximumPoints) {
    let widest = 0;
    for (let index = 1; index < segments.length; index++) {
      if (segments[index]!.distance > segments[widest]!.distance) widest = index;
    }
    const { first, last, split, distance } = segments[widest]!;
    if (distance <= ON_THE_LINE) break;
    kept.add(split);
    segments[widest] = farthest(points, first, split);
    segments.push(farthest(points, split, last));
  }
  return [...kept].sort((a, b) => a - b).map((index) => points[index]!);
}

/** Rates are quotients of counts: what lies this near to a line lies on it but for rounding. */
const ON_THE_LINE = 1e-12;

interface Segment {
  readonly first: number;
  readonly last: number;
  /** The point between them that is farthest from their line. */
  readonly split: number;
  readonly distance: number;
}

function farthest(points: readonly CurvePoint[], first: number, last: number): Segment {
  const [from, to] = [points[first]!, points[last]!];
  const [across, up] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(across, up);
  let split = first;
  let distance = 0;
  for (let index = first + 1; index < last; index++) {
    const [right, above] = [points[index]!.x - from.x, points[index]!.y - from.y];
    const off = length === 0 ? Math.hypot(right, above) : Math.abs(right * up - above * across) / length;
    if (off > distance) [split, distance] = [index, off];
  }
  return { first, last, split, distance };
}

/** Cumulative counts at each distinct score, highest first. */
function cumulate(scores: Float64Array, isPositive: Uint8Array) {
  const { order, groupEnds } = rankScores(scores);
  let truePositives = 0;
  let position = 0;
  const steps = Array.from(groupEnds, (end) => {
    const threshold = scores[order[position]!]!;
    for (; position < end; position++) truePositives += isPositive[order[position]!]!;
    return { threshold, truePositives, falsePositives: end - truePositives };
  });
  return { steps, positives: truePositives, negatives: order.length - truePositives };
}
