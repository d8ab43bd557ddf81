/**
 * Catches: a metric, curve, table or interval that differs from scikit-learn's and numpy's on the same predictions, in ties and degenerate
 * cases too. One Python process answers for all cases, written as JSON.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  binaryConfusion,
  bootstrapIntervals,
  calibrationTable,
  chooseThreshold,
  classMetrics,
  measureFor,
  multiclassConfusion,
  precisionRecallCurve,
  predictedClasses,
  randomFromSeed,
  RESIDUAL_SHARES,
  residualQuantiles,
  rocCurve,
  selectRows,
  type BinaryPredictions,
  type Predictions,
} from '../../src/evaluation';
import { runPython } from '../support/python';

interface Case {
  readonly title: string;
  readonly predictions: Predictions;
  readonly weights?: Uint32Array;
}

interface Answer {
  readonly metrics: Record<string, number | null>;
  readonly confusion: Record<string, number> | number[];
  readonly roc?: number[][];
  readonly precisionRecall?: number[][];
  readonly calibration?: number[][];
  readonly best?: Record<'f1' | 'accuracy' | 'youden', number>;
  readonly classes?: number[][];
  readonly residuals?: number[];
}

const CALIBRATION_BINS = 7;
const random = randomFromSeed(20_260_101);
const uniform = (): number => random() / 2 ** 32;
const below = (bound: number): number => Math.floor(uniform() * bound);

/** `steps`: scores are rounded to so many steps, so that few steps make many ties. */
function binary(rows: number, steps: number, positiveShare: number, threshold: number): BinaryPredictions {
  const labels = Uint8Array.from({ length: rows }, () => (uniform() < positiveShare ? 1 : 0));
  const scores = Float64Array.from(
    labels,
    (label) => Math.round((0.3 * label + 0.7 * uniform()) * steps) / steps,
  );
  return { task: 'binary', scores, labels, threshold };
}

/** Scores are softmaxes of whole numbers below `spread`: equal rows, and ties within a row. Labels stay below `present`. */
function multiclass(rows: number, classCount: number, spread: number, present: number): Predictions {
  const scores = new Float64Array(rows * classCount);
  const labels = Int32Array.from({ length: rows }, () => below(present));
  labels.forEach((label, row) => {
    const powers = Array.from({ length: classCount }, (_, index) =>
      Math.exp(below(spread) + (index === label ? 1 : 0)),
    );
    const sum = powers.reduce((total, power) => total + power, 0);
    powers.forEach((power, index) => (scores[row * classCount + index] = power / sum));
  });
  return {
    task: 'multiclass',
    scores,
    labels,
    classes: Array.from({ length: classCount }, (_, index) => `class ${index}`),
  };
}

function regression(rows: number, scale: number, label: () => number = () => scale * uniform()): Predictions {
  const labels = Float64Array.from({ length: rows }, label);
  return {
    task: 'regression',
    labels,
    predictions: labels.map((value) => value + scale * (uniform() - 0.4)),
  };
}

const weightsFor = (rows: number) => Uint32Array.from({ length: rows }, () => below(4));

const cases: Case[] = [
  ...[5, 20, 1_000_000].flatMap((steps) =>
    [0.1, 0.5, 0.9].flatMap((share) =>
      [0.3, 0.5].map((threshold) => ({
        title: `binary, ${steps} steps, ${share} positive, threshold ${threshold}`,
        predictions: binary(400, steps, share, threshold),
      })),
    ),
  ),
  { title: 'binary, large', predictions: binary(50_000, 1e9, 0.2, 0.5) },
  { title: 'binary, weighted', predictions: binary(300, 20, 0.4, 0.5), weights: weightsFor(300) },
  { title: 'binary, scores of 0 and 1', predictions: binary(200, 1, 0.4, 0.5) },
  {
    title: 'binary, all scores equal',
    predictions: { ...binary(50, 10, 0.4, 0.5), scores: new Float64Array(50).fill(0.5) },
  },
  {
    title: 'binary, no positive row',
    predictions: { ...binary(50, 10, 0.4, 0.5), labels: new Uint8Array(50) },
  },
  {
    title: 'binary, no negative row',
    predictions: { ...binary(50, 10, 0.4, 0.5), labels: new Uint8Array(50).fill(1) },
  },
  { title: 'binary, none predicted positive', predictions: { ...binary(50, 10, 0.4, 0.5), threshold: 1.5 } },
  { title: 'binary, all predicted positive', predictions: { ...binary(50, 10, 0.4, 0.5), threshold: 0 } },
  { title: 'binary, two rows', predictions: { ...binary(2, 10, 0.4, 0.5), labels: Uint8Array.from([1, 0]) } },
  ...[3, 5].flatMap((classCount) =>
    [2, 4, 50].map((spread) => ({
      title: `multi-class, ${classCount} classes, spread ${spread}`,
      predictions: multiclass(300, classCount, spread, classCount),
    })),
  ),
  { title: 'multi-class, weighted', predictions: multiclass(300, 4, 3, 4), weights: weightsFor(300) },
  { title: 'multi-class, a class without rows', predictions: multiclass(300, 4, 3, 3) },
  { title: 'multi-class, two of four classes', predictions: multiclass(100, 4, 3, 2) },
  { title: 'multi-class, one class', predictions: multiclass(100, 3, 3, 1) },
  ...[1e-6, 1, 1e6].map((scale) => ({
    title: `regression, scale ${scale}`,
    predictions: regression(500, scale),
  })),
  { title: 'regression, weighted', predictions: regression(200, 10), weights: weightsFor(200) },
  { title: 'regression, equal labels', predictions: regression(64, 1, () => 3) },
  { title: 'regression, labels far from 0', predictions: regression(500, 1, () => 1e6 + uniform()) },
  { title: 'regression, one row', predictions: regression(1, 1) },
];

/** Resamples that are compared draw by draw, and those that are compared within chance. */
const RESAMPLES = { same: 150, other: 2000 } as const;

const bootstraps = [
  { predictions: binary(150, 30, 0.4, 0.5), confidence: 0.95, seed: 42 },
  {
    predictions: binary(160, 1e6, 0.5, 0.4),
    confidence: 0.9,
    seed: -7,
    clusters: Int32Array.from({ length: 160 }, (_, row) => (row * 37) % 40),
  },
];

let answers: { cases: Answer[]; bootstraps: Record<'same' | 'other', Record<string, [number, number]>>[] };

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-evaluation-'));
  try {
    const file = join(folder, 'request.json');
    const request = {
      cases: cases.map(({ predictions, weights }) => ({
        ...plain(predictions),
        ...(weights && { weights: [...weights] }),
        bins: CALIBRATION_BINS,
        shares: RESIDUAL_SHARES,
      })),
      bootstraps: bootstraps.map(({ predictions, clusters, ...rest }) => ({
        ...plain(predictions),
        ...rest,
        ...RESAMPLES,
        ...(clusters && { clusters: [...clusters] }),
      })),
    };
    await writeFile(file, JSON.stringify(request));
    const script = join(__dirname, '..', 'support', 'scikit_learn_reference.py');
    answers = JSON.parse(await runPython([script, file])) as typeof answers;
  } finally {
    await rm(folder, { recursive: true });
  }
}, 120_000);

/** The predictions with ordinary arrays; a multi-class score is an array a row. */
function plain(predictions: Predictions): object {
  const labels = [...predictions.labels];
  if (predictions.task === 'regression')
    return { ...predictions, labels, predictions: [...predictions.predictions] };
  if (predictions.task === 'binary') return { ...predictions, labels, scores: [...predictions.scores] };
  const width = predictions.classes.length;
  return {
    ...predictions,
    labels,
    scores: labels.map((_, row) => [...predictions.scores.subarray(row * width, (row + 1) * width)]),
  };
}

/** Within 1e-9, of the value where that is above 1. */
function expectNear(
  actual: number | null | undefined,
  expected: number | null | undefined,
  what: string,
): void {
  if (actual === null || actual === undefined || expected === null || expected === undefined) {
    expect({ what, value: actual }).toEqual({ what, value: expected });
    return;
  }
  const near = Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
  expect({ what, actual, near }).toEqual({ what, actual: near ? actual : expected, near: true });
}

function expectAllNear(
  actual: readonly number[],
  expected: readonly number[] | undefined,
  what: string,
): void {
  expect({ what, count: actual.length }).toEqual({ what, count: expected?.length });
  actual.forEach((value, index) => expectNear(value, expected?.[index], `${what}[${index}]`));
}

/** The rows written out as often as their weights say. */
function writtenOut({ predictions, weights }: Case): Predictions {
  if (weights === undefined) return predictions;
  return selectRows(
    predictions,
    Int32Array.from([...weights].flatMap((weight, row) => new Array<number>(weight).fill(row))),
  );
}

describe('equals scikit-learn within 1e-9', () => {
  it.each(cases.map((entry, index) => ({ ...entry, index })))('$title', ({ index, predictions, weights }) => {
    const answer = answers.cases[index]!;
    const values = measureFor(predictions).values(weights);
    expect(Object.keys(values).sort()).toEqual(Object.keys(answer.metrics).sort());
    for (const [name, value] of Object.entries(values)) expectNear(value, answer.metrics[name], name);

    const all = writtenOut(cases[index]!);
    if (predictions.task === 'binary') {
      expect(binaryConfusion(predictions.scores, predictions.labels, predictions.threshold, weights)).toEqual(
        answer.confusion,
      );
      compareBinary(all as BinaryPredictions, answer);
    } else if (predictions.task === 'multiclass') {
      const { scores, labels, classes } = predictions;
      const counts = multiclassConfusion(
        predictedClasses(scores, classes.length),
        labels,
        classes.length,
        weights,
      );
      expect([...counts]).toEqual(answer.confusion);
      const table = classMetrics(counts, classes.length);
      table.forEach((row, current) =>
        expectAllNear(
          [row.precision, row.recall, row.f1, row.support],
          answer.classes?.[current],
          classes[current]!,
        ),
      );
    } else {
      const residuals = residualQuantiles(all as Extract<Predictions, { task: 'regression' }>);
      expectAllNear(
        residuals.map(({ residual }) => residual),
        answer.residuals,
        'residuals',
      );
    }
  });
});

function compareBinary(predictions: BinaryPredictions, answer: Answer): void {
  const { scores, labels } = predictions;
  const roc = rocCurve(scores, labels, 1000);
  const precisionRecall = precisionRecallCurve(scores, labels, 1000);
  if (answer.roc === undefined || answer.precisionRecall === undefined || answer.best === undefined) {
    expect(roc).toBeNull();
    return;
  }
  for (const [curve, reference] of [
    [roc, answer.roc],
    [precisionRecall, answer.precisionRecall],
  ] as const) {
    // Thinning leaves points out but never moves one.
    const known = new Set(reference.map(([x, y]) => `${x!.toFixed(9)} ${y!.toFixed(9)}`));
    for (const { x, y } of curve!) expect(known).toContain(`${x.toFixed(9)} ${y.toFixed(9)}`);
  }
  if (labels.length <= 1000) {
    const area = roc!
      .slice(1)
      .reduce((sum, { x, y }, before) => sum + ((x - roc![before]!.x) * (y + roc![before]!.y)) / 2, 0);
    expectNear(area, answer.metrics.roc_auc, 'area under the thinned curve');
  }
  const table = calibrationTable(predictions, CALIBRATION_BINS);
  expectAllNear(
    table.flatMap(({ predicted, observed }) => [predicted, observed]),
    answer.calibration?.flat(),
    'calibration',
  );
  for (const maximise of ['f1', 'accuracy', 'youden'] as const) {
    expectNear(chooseThreshold({ maximise }, scores, labels).value, answer.best[maximise], maximise);
  }
}

describe('bootstrap', () => {
  it.each(
    bootstraps.map((entry, index) => ({ ...entry, index, units: entry.clusters ? 'clusters' : 'rows' })),
  )(
    'of $units: the same draws give the same endpoints, numpy’s own draws nearly the same',
    ({ index, predictions, ...options }) => {
      const { same, other } = answers.bootstraps[index]!;
      const measured = measureFor(predictions);
      const few = bootstrapIntervals(measured, { ...options, resamples: RESAMPLES.same });
      expect(Object.keys(few)).toHaveLength(8);
      for (const [name, { lower, upper }] of Object.entries(few)) {
        expectNear(lower, same[name]?.[0], `${name} lower`);
        expectNear(upper, same[name]?.[1], `${name} upper`);
      }
      const many = bootstrapIntervals(measured, { ...options, resamples: RESAMPLES.other });
      for (const name of ['accuracy', 'roc_auc'] as const) {
        const { lower, upper } = many[name]!;
        // The endpoint of a 95 % interval of 2,000 resamples scatters by 0.06 standard errors, here and there; the width is
        // nearly 4 of them. A tenth of the width is four times that; accuracy moves in steps of a row besides.
        const tolerance = (upper! - lower!) * 0.1 + 1 / 150;
        expect(Math.abs(lower! - other[name]![0])).toBeLessThan(tolerance);
        expect(Math.abs(upper! - other[name]![1])).toBeLessThan(tolerance);
      }
    },
  );
});
