/**
 * Catches: an interval that changes from run to run, that ignores what rows have in common (groups, the other model), that is made of
 * nothing (one cluster, resamples without a class), or that takes minutes.
 */
import {
  bootstrapIntervals,
  measure,
  measureFor,
  measureSlices,
  pairedBootstrap,
  randomFromSeed,
  resampler,
  selectRows,
  timeBlocks,
  type BinaryPredictions,
} from '../../../src/evaluation';

const options = { resamples: 500, confidence: 0.95, seed: 42 };
const width = (interval: { lower: number | null; upper: number | null } | undefined) =>
  interval!.upper! - interval!.lower!;

/** Positives score higher on average; `noise` from 0 (perfect) to 1. */
function generate(rows: number, seed: number, noise: number, positiveShare = 0.3): BinaryPredictions {
  const random = randomFromSeed(seed);
  const uniform = () => random() / 2 ** 32;
  const labels = Uint8Array.from({ length: rows }, () => (uniform() < positiveShare ? 1 : 0));
  const scores = Float64Array.from(
    labels,
    (label) => (1 - noise) * (label === 1 ? 0.7 : 0.3) + noise * uniform(),
  );
  return { task: 'binary', scores, labels, threshold: 0.5 };
}

it('gives the same interval for the same seed, to the last bit, and another for another', () => {
  const measured = measureFor(generate(400, 1, 0.8));
  expect(bootstrapIntervals(measured, options)).toEqual(bootstrapIntervals(measured, options));
  expect(bootstrapIntervals(measured, options).f1).not.toEqual(
    bootstrapIntervals(measured, { ...options, seed: 43 }).f1,
  );
});

it('measures a resample exactly as it measures the rows written out', () => {
  const predictions = generate(300, 5, 0.9);
  const weights = new Uint32Array(300);
  resampler(300, 9).next(weights);
  expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(300);
  const written = Int32Array.from(
    [...weights].flatMap((weight, row) => Array.from({ length: weight }, () => row)),
  );
  const expected = measure(selectRows(predictions, written));
  const actual = measureFor(predictions).values(weights);
  for (const [name, value] of Object.entries(expected)) expect(actual[name as 'f1']).toBeCloseTo(value!, 13);
});

it('covers the truth about as often as it says', () => {
  // Accuracy of a model that is right 80 times in 100, over 200 data sets: 95 % intervals miss 10 on average.
  const random = randomFromSeed(77);
  let covered = 0;
  for (let round = 0; round < 200; round++) {
    const labels = new Uint8Array(200).fill(1, 0, 100);
    const scores = Float64Array.from(labels, (label) => (random() / 2 ** 32 < 0.8 ? label : 1 - label));
    const measured = measureFor({ task: 'binary', scores, labels, threshold: 0.5 }, ['accuracy']);
    const { lower, upper } = bootstrapIntervals(measured, { ...options, seed: round }).accuracy!;
    if (lower! <= 0.8 && upper! >= 0.8) covered++;
  }
  expect(covered).toBeGreaterThan(178);
  expect(covered).toBeLessThan(199);
});

it('is wider by groups than by rows where the rows of a group share their fate', () => {
  const random = randomFromSeed(3);
  const groups = Int32Array.from({ length: 2000 }, (_, row) => Math.floor(row / 50) * 7 - 100);
  const fate = new Map<number, boolean>();
  const labels = Uint8Array.from(groups, (_, row) => row % 2);
  const scores = Float64Array.from(groups, (group, row) => {
    if (!fate.has(group)) fate.set(group, random() / 2 ** 32 < 0.7);
    return fate.get(group) ? labels[row]! : 1 - labels[row]!;
  });
  const measured = measureFor({ task: 'binary', scores, labels, threshold: 0.5 }, ['accuracy']);
  const byRow = width(bootstrapIntervals(measured, options).accuracy);
  const byGroup = width(bootstrapIntervals(measured, { ...options, clusters: groups }).accuracy);
  // The variance is 50 times as large, the width about 7 times.
  expect(byGroup / byRow).toBeGreaterThan(4);
  expect(byGroup / byRow).toBeLessThan(12);
});

it('makes no interval of a single cluster or a single row', () => {
  const measured = measureFor(generate(50, 2, 0.5), ['accuracy']);
  const one = bootstrapIntervals(measured, { ...options, clusters: new Int32Array(50).fill(3) }).accuracy!;
  expect(one).toMatchObject({ value: expect.any(Number) as number, lower: null, upper: null });
});

it('skips and counts resamples without a class', () => {
  const labels = Uint8Array.from({ length: 40 }, (_, row) => (row === 0 ? 1 : 0));
  const scores = Float64Array.from(labels, (label) => (label === 1 ? 0.9 : 0.1));
  const measured = measureFor({ task: 'binary', scores, labels, threshold: 0.5 }, ['recall', 'roc_auc']);
  const { recall, roc_auc } = bootstrapIntervals(measured, options);
  // A row is left out of a resample with probability (1 - 1/40)^40 = 0.363.
  expect(recall!.skipped / 500).toBeCloseTo(0.363, 1);
  // Without skipping the lower bound would be 0.
  expect(recall).toMatchObject({ value: 1, lower: 1, upper: 1 });
  expect(roc_auc!.skipped).toBe(recall!.skipped);
});

it('makes no interval of the few resamples in which every class turned up', () => {
  const predictions = {
    task: 'multiclass',
    scores: Float64Array.from([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]),
    labels: Int32Array.from([0, 1, 2, 3]),
    classes: ['a', 'b', 'c', 'd'],
  } as const;
  const intervals = bootstrapIntervals(measureFor(predictions, ['roc_auc_ovr_macro', 'f1_macro']), options);
  // All four rows are drawn once with probability 4! / 4^4 = 0.094.
  expect(intervals.roc_auc_ovr_macro).toMatchObject({ value: 1, lower: null, upper: null });
  expect(intervals.roc_auc_ovr_macro!.skipped / 500).toBeCloseTo(0.906, 1);
  expect(intervals.f1_macro).toEqual({ value: 1, lower: 1, upper: 1, skipped: 0 });
});

it('has no interval where the metric has no value', () => {
  const measured = measureFor({ ...generate(50, 2, 0.5), labels: new Uint8Array(50) }, [
    'roc_auc',
    'accuracy',
  ]);
  const { roc_auc, accuracy } = bootstrapIntervals(measured, options);
  expect(roc_auc).toEqual({ value: null, lower: null, upper: null, skipped: 500 });
  expect(accuracy!.skipped).toBe(0);
});

describe('two models on the same rows', () => {
  const champion = generate(1000, 8, 0.9);
  const challenger = {
    ...champion,
    scores: champion.scores.map((score, row) => (row % 40 === 0 ? champion.labels[row]! : score)),
  };
  const names = ['roc_auc', 'accuracy'] as const;
  const paired = pairedBootstrap(measureFor(challenger, names), measureFor(champion, names), options);

  it('has a narrower interval of the difference than independent resamples would', () => {
    const independent = Math.hypot(width(paired.challenger.roc_auc), width(paired.champion.roc_auc));
    expect(width(paired.difference.roc_auc)).toBeLessThan(independent / 2);
    expect(paired.difference.roc_auc!.value).toBeCloseTo(
      paired.challenger.roc_auc!.value! - paired.champion.roc_auc!.value!,
      15,
    );
  });

  it('gives each model the interval it has alone', () => {
    expect(paired.challenger).toEqual(bootstrapIntervals(measureFor(challenger, names), options));
    expect(paired.champion).toEqual(bootstrapIntervals(measureFor(champion, names), options));
  });

  it('finds no difference between a model and itself', () => {
    const same = pairedBootstrap(measureFor(champion, names), measureFor(champion, names), options);
    expect(same.difference.roc_auc).toEqual({ value: 0, lower: 0, upper: 0, skipped: 0 });
  });

  it('refuses models that were scored on other rows', () => {
    const fewer = measureFor(generate(999, 8, 0.9), names);
    expect(() => pairedBootstrap(fewer, measureFor(champion, names), options)).toThrow(
      expect.objectContaining({ code: 'EVALUATION_FAILED' }) as Error,
    );
  });
});

it('refuses cluster ids of another count than the rows', () => {
  const measured = measureFor(generate(50, 2, 0.5), ['accuracy']);
  expect(() => bootstrapIntervals(measured, { ...options, clusters: new Int32Array(49) })).toThrow(
    expect.objectContaining({ code: 'EVALUATION_FAILED' }) as Error,
  );
});

it('cuts time into blocks of about equal size and never through an instant', () => {
  expect([...timeBlocks(Float64Array.from([5, 1, 3, 3, 2, 4]), 3)]).toEqual([2, 0, 1, 1, 0, 2]);
  expect([...timeBlocks(Float64Array.from([1, 2, 2, 2]), 2)]).toEqual([0, 0, 0, 0]);
});

describe('slices', () => {
  const predictions: BinaryPredictions = {
    task: 'binary',
    scores: Float64Array.from([0.9, 0.2, 0.8, 0.1, 0.6, 0.4, 0.3]),
    labels: Uint8Array.from([1, 0, 0, 1, 1, 0, 0]),
    threshold: 0.5,
  };
  const values = ['a', 'a', 'a', 'a', 'b', 'c', 'c'];
  const slices = measureSlices(predictions, values, ['recall', 'accuracy'], options);

  it('measures each value by itself, largest first', () => {
    expect(slices.map(({ value, rows }) => [value, rows])).toEqual([
      ['a', 4],
      ['c', 2],
      ['b', 1],
    ]);
    expect(slices[0]!.metrics).toMatchObject({ recall: { value: 0.5 }, accuracy: { value: 0.5 } });
  });

  it('has no recall where there is no positive row, rather than 0', () => {
    expect(slices[1]!.metrics).toMatchObject({
      recall: { value: null, lower: null, upper: null },
      accuracy: { value: 1 },
    });
  });

  it('leaves out the smallest beyond the bound', () => {
    expect(measureSlices(predictions, values, ['accuracy'], options, 2).map(({ value }) => value)).toEqual([
      'a',
      'c',
    ]);
  });
});

it('costs far less a resample than to measure the rows anew, sorting them', () => {
  const predictions = generate(20_000, 6, 0.9);
  const time = (work: () => unknown) => {
    const started = performance.now();
    work();
    return performance.now() - started;
  };
  bootstrapIntervals(measureFor(predictions), { ...options, resamples: 100 });
  const anew = time(() => Array.from({ length: 20 }, () => measure(predictions))) / 20;
  const resampled =
    time(() => bootstrapIntervals(measureFor(predictions), { ...options, resamples: 200 })) / 200;
  // About a seventh; a ratio, since the machine may be busy.
  expect(resampled / anew).toBeLessThan(0.5);
});
