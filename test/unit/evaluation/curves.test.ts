/** Catches: a curve that loses its corners, passes its bound of points, or a calibration bin on the wrong side of its edge. */
import {
  calibrationTable,
  measure,
  precisionRecallCurve,
  randomFromSeed,
  residualQuantiles,
  rocCurve,
  thinCurve,
  type CurvePoint,
} from '../../../src/evaluation';

const scores = Float64Array.from([0.9, 0.8, 0.7, 0.7, 0.2]);
const labels = Uint8Array.from([1, 0, 1, 0, 0]);

it('draws the ROC curve by falling threshold, ties as one step', () => {
  expect(rocCurve(scores, labels)).toEqual([
    { x: 0, y: 0, threshold: null },
    { x: 0, y: 0.5, threshold: 0.9 },
    { x: 1 / 3, y: 0.5, threshold: 0.8 },
    { x: 2 / 3, y: 1, threshold: 0.7 },
    { x: 1, y: 1, threshold: 0.2 },
  ]);
});

it('draws the precision-recall curve from recall 0', () => {
  expect(precisionRecallCurve(scores, labels)).toEqual([
    { x: 0, y: 1, threshold: null },
    { x: 0.5, y: 1, threshold: 0.9 },
    { x: 0.5, y: 0.5, threshold: 0.8 },
    { x: 1, y: 0.5, threshold: 0.7 },
    { x: 1, y: 0.4, threshold: 0.2 },
  ]);
});

it('has no curve without both classes', () => {
  expect(rocCurve(scores, new Uint8Array(5))).toBeNull();
  expect(rocCurve(scores, new Uint8Array(5).fill(1))).toBeNull();
  expect(precisionRecallCurve(scores, new Uint8Array(5))).toBeNull();
});

it('keeps corners and drops what lies on a line', () => {
  const points: CurvePoint[] = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((step) => ({
    x: Math.max(0, step - 4) / 4,
    y: Math.min(1, step / 4),
    threshold: 1 - step / 10,
  }));
  expect(thinCurve(points, 100).map(({ x, y }) => [x, y])).toEqual([
    [0, 0],
    [0, 1],
    [1, 1],
  ]);
});

it('stays within its bound and near the area of all points', () => {
  const random = randomFromSeed(3);
  const many = Float64Array.from({ length: 20_000 }, () => random() / 2 ** 32);
  const classes = Uint8Array.from(many, (score) => (random() / 2 ** 32 < score ? 1 : 0));
  const curve = rocCurve(many, classes, 100)!;
  expect(curve).toHaveLength(100);
  expect([curve[0], curve.at(-1)]).toMatchObject([
    { x: 0, y: 0 },
    { x: 1, y: 1 },
  ]);
  let area = 0;
  curve.forEach((point, index) => {
    const before = curve[index - 1];
    if (before === undefined) return;
    expect(point.x).toBeGreaterThanOrEqual(before.x);
    expect(point.y).toBeGreaterThanOrEqual(before.y);
    area += ((point.x - before.x) * (point.y + before.y)) / 2;
  });
  const exact = measure({ task: 'binary', scores: many, labels: classes, threshold: 0.5 }, [
    'roc_auc',
  ]).roc_auc!;
  expect(Math.abs(area - exact)).toBeLessThan(0.002);
});

it('puts a score on an edge into the lower bin, and leaves empty bins out', () => {
  const predictions = {
    task: 'binary',
    scores: Float64Array.from([0, 0.2, 0.21, 1]),
    labels: Uint8Array.from([0, 1, 0, 1]),
    threshold: 0.5,
  } as const;
  expect(calibrationTable(predictions, 5)).toEqual([
    { lower: 0, upper: 0.2, rows: 2, predicted: 0.1, observed: 0.5 },
    { lower: 0.2, upper: 0.4, rows: 1, predicted: 0.21, observed: 0 },
    { lower: 0.8, upper: 1, rows: 1, predicted: 1, observed: 1 },
  ]);
});

it('gives residuals as label minus prediction', () => {
  const quantiles = residualQuantiles({
    task: 'regression',
    predictions: Float64Array.from([0, 0, 0, 0, 0]),
    labels: Float64Array.from([10, -10, 0, 5, -5]),
  });
  expect(quantiles.filter(({ share }) => [0, 0.25, 0.5, 0.95, 1].includes(share))).toEqual([
    { share: 0, residual: -10 },
    { share: 0.25, residual: -5 },
    { share: 0.5, residual: 0 },
    { share: 0.95, residual: expect.closeTo(9, 12) as number },
    { share: 1, residual: 10 },
  ]);
});
