/** Predictions with a known strength, measured by Millrace's own arithmetic: documents that look as a run leaves them. */
import type { Measurement } from '../../../src/contracts/evaluation-document';
import type { Interval } from '../../../src/contracts/steps';
import {
  binaryConfusion,
  bootstrapIntervals,
  calibrationTable,
  classMetrics,
  measureFor,
  multiclassConfusion,
  precisionRecallCurve,
  predictedClasses,
  residualQuantiles,
  rocCurve,
} from '../../../src/evaluation';
import { seededRandom } from '../seeded-random';

function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

function intervals(measure: Parameters<typeof bootstrapIntervals>[0]): Record<string, Interval> {
  return Object.fromEntries(
    Object.entries(bootstrapIntervals(measure, { resamples: 100, confidence: 0.95, seed: 1 })).map(
      ([name, { value, lower, upper }]) => [name, { value, lower, upper }],
    ),
  );
}

/** A binary model whose scores of positives lie `strength` standard deviations above the others. */
export function binaryMeasurement(seed: number, rows: number, strength: number): Measurement {
  const next = seededRandom(seed);
  const labels = Uint8Array.from({ length: rows }, () => (next() < 0.27 ? 1 : 0));
  const scores = Float64Array.from(labels, (label) => {
    const logit =
      -1.1 -
      (strength * strength) / 4 +
      (label === 1 ? strength : 0) * strength * 0.9 +
      normal(next) * strength;
    return 1 / (1 + Math.exp(-logit));
  });
  const threshold = 0.35;
  const predictions = { task: 'binary' as const, scores, labels, threshold };
  const counts = binaryConfusion(scores, labels, threshold);
  const curve = (points: readonly { x: number; y: number }[] | null) => ({
    x: (points ?? []).map(({ x }) => x),
    y: (points ?? []).map(({ y }) => y),
  });
  const slice = (share: number, offset: number) => ({
    rows: Math.round(rows * share),
    metrics: intervals(
      measureFor({
        ...predictions,
        scores: scores.slice(offset, offset + Math.round(rows * share)),
        labels: labels.slice(offset, offset + Math.round(rows * share)),
      }),
    ),
  });
  return {
    rows,
    metrics: intervals(measureFor(predictions)),
    threshold,
    confusion: [
      [counts.trueNegatives, counts.falsePositives],
      [counts.falseNegatives, counts.truePositives],
    ],
    roc: curve(rocCurve(scores, labels)),
    precisionRecall: curve(precisionRecallCurve(scores, labels)),
    calibration: calibrationTable(predictions).map(({ predicted, observed, rows: inBin }) => ({
      predicted,
      observed,
      rows: inBin,
    })),
    slices: {
      Contract: {
        'Month-to-month': slice(0.55, 0),
        'One year': slice(0.2, 100),
        'Two year': slice(0.02, 300),
      },
    },
    business: {
      saved: counts.truePositives * 120 - (counts.truePositives + counts.falsePositives) * 20,
      calls: null,
    },
  };
}

/** A model of three or more classes that is right about `right` of the time. */
export function multiclassMeasurement(
  seed: number,
  rows: number,
  classes: readonly string[],
  right: number,
): Measurement {
  const next = seededRandom(seed);
  const count = classes.length;
  const labels = Int32Array.from({ length: rows }, () => Math.floor(next() ** 1.5 * count));
  const scores = new Float64Array(rows * count);
  labels.forEach((label, row) => {
    const weights = classes.map((_, index) => next() + (index === label && next() < right ? 1.5 : 0));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    weights.forEach((weight, index) => (scores[row * count + index] = weight / sum));
  });
  const predictions = { task: 'multiclass' as const, scores, labels, classes };
  const counts = multiclassConfusion(predictedClasses(scores, count), labels, count);
  return {
    rows,
    metrics: intervals(measureFor(predictions)),
    threshold: null,
    confusion: classes.map((_, actual) => [...counts.subarray(actual * count, (actual + 1) * count)]),
    perClass: classMetrics(counts, count).map(({ precision, recall, f1, support }, index) => ({
      name: classes[index] ?? '',
      rows: support,
      precision,
      recall,
      f1,
    })),
    slices: {},
    business: {},
  };
}

/** A regression whose errors have the standard deviation `error`. */
export function regressionMeasurement(seed: number, rows: number, error: number): Measurement {
  const next = seededRandom(seed);
  const labels = Float64Array.from({ length: rows }, () => 200 + 80 * normal(next));
  const estimates = labels.map((label) => label + error * normal(next) + (next() < 0.02 ? error * 4 : 0));
  const predictions = { task: 'regression' as const, predictions: estimates, labels };
  return {
    rows,
    metrics: intervals(measureFor(predictions)),
    threshold: null,
    residuals: residualQuantiles(predictions).map(({ residual }) => residual),
    slices: {},
    business: {},
  };
}
