/** Everything that is measured of one model on one set of rows. */
import type { Measurement } from '../../contracts/evaluation-document';
import type { MetricName } from '../../contracts/metrics';
import type { Interval } from '../../contracts/steps';
import type { BootstrapOptions, CurvePoint, MetricIntervals, Predictions } from '../../evaluation';
import {
  binaryConfusion,
  bootstrapIntervals,
  calibrationTable,
  classMetrics,
  measureFor,
  measureSlices,
  multiclassConfusion,
  precisionRecallCurve,
  predictedClasses,
  residualQuantiles,
  rocCurve,
} from '../../evaluation';
import { businessMetrics } from './business-metrics';
import type { JoinedRows } from './joined-rows';

/** What to measure beside the metrics of the task. */
export interface MeasurementPlan {
  readonly model: string;
  readonly classes: readonly string[];
  readonly threshold: number | null;
  /** Columns to slice by, with the metrics wanted in each. */
  readonly slices: Readonly<Record<string, readonly MetricName[]>>;
  readonly business: Readonly<Record<string, string>>;
  readonly bootstrap: Omit<BootstrapOptions, 'clusters'>;
}

/** Where a binary model has no threshold of its own. */
export const NEUTRAL_THRESHOLD = 0.5;

/** Measures a model on the joined rows. */
export async function measureModel(joined: JoinedRows, plan: MeasurementPlan): Promise<Measurement> {
  const threshold = plan.threshold ?? NEUTRAL_THRESHOLD;
  const predictions = await joined.predictionsOf(plan.model, threshold);
  const options: BootstrapOptions = { ...plan.bootstrap, clusters: joined.clusters };
  const slices: Measurement['slices'] = {};
  for (const [column, metrics] of Object.entries(plan.slices)) {
    const measured = measureSlices(predictions, await joined.sliceValues(column), metrics, options);
    slices[column] = Object.fromEntries(
      measured.map(({ value, rows, metrics: values }) => [value, { rows, metrics: intervalsOf(values) }]),
    );
  }
  return {
    rows: joined.count,
    metrics: intervalsOf(bootstrapIntervals(measureFor(predictions), options)),
    threshold: predictions.task === 'binary' ? threshold : null,
    ...picturesOf(predictions, plan.classes),
    slices,
    business: await businessMetrics(joined, plan.business, {
      name: plan.model,
      task: predictions.task,
      classes: plan.classes,
      threshold,
    }),
  };
}

/** Intervals without the counts that only the arithmetic is interested in. */
export function intervalsOf(intervals: MetricIntervals): Record<string, Interval> {
  return Object.fromEntries(
    Object.entries(intervals).map(([name, { value, lower, upper }]) => [name, { value, lower, upper }]),
  );
}

function picturesOf(predictions: Predictions, classes: readonly string[]): Partial<Measurement> {
  switch (predictions.task) {
    case 'binary': {
      const { scores, labels, threshold } = predictions;
      const counts = binaryConfusion(scores, labels, threshold);
      const roc = rocCurve(scores, labels);
      const precisionRecall = precisionRecallCurve(scores, labels);
      return {
        confusion: [
          [counts.trueNegatives, counts.falsePositives],
          [counts.falseNegatives, counts.truePositives],
        ],
        ...(roc && { roc: curveOf(roc) }),
        ...(precisionRecall && { precisionRecall: curveOf(precisionRecall) }),
        calibration: calibrationTable(predictions).map(({ predicted, observed, rows }) => ({
          predicted,
          observed,
          rows,
        })),
      };
    }
    case 'multiclass': {
      const counts = multiclassConfusion(
        predictedClasses(predictions.scores, classes.length),
        predictions.labels,
        classes.length,
      );
      return {
        confusion: classes.map((_, actual) => [
          ...counts.subarray(actual * classes.length, (actual + 1) * classes.length),
        ]),
        perClass: classMetrics(counts, classes.length).map(({ precision, recall, f1, support }, index) => ({
          name: classes[index] ?? String(index),
          rows: support,
          precision,
          recall,
          f1,
        })),
      };
    }
    case 'regression':
      return { residuals: residualQuantiles(predictions).map(({ residual }) => residual) };
  }
}

function curveOf(points: readonly CurvePoint[]): { x: number[]; y: number[] } {
  return { x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
}
