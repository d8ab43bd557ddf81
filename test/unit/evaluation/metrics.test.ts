/** Catches: a metric that is wrong at a tie, at a threshold, or where a class has no row; figures worked out by hand. */
import {
  measure,
  type BinaryPredictions,
  type MulticlassPredictions,
  type RegressionPredictions,
} from '../../../src/evaluation';

function binary(scores: number[], labels: number[], threshold = 0.5): BinaryPredictions {
  return { task: 'binary', scores: Float64Array.from(scores), labels: Uint8Array.from(labels), threshold };
}

describe('binary metrics', () => {
  // Positives score 0.9, 0.5, 0.4; negatives 0.5, 0.1. At 0.5: TP 2, FP 1, FN 1, TN 1.
  const values = measure(binary([0.9, 0.5, 0.4, 0.5, 0.1], [1, 1, 1, 0, 0]));

  it.each([
    ['accuracy', 3 / 5],
    ['precision', 2 / 3],
    ['recall', 2 / 3],
    ['f1', 4 / 6],
    // Pairs (positive, negative): 0.9 wins 2, 0.5 ties one and wins one, 0.4 loses one and wins one.
    ['roc_auc', 4.5 / 6],
    // Recall grows by a third at 0.9 (precision 1), at 0.5 (2 of 3), at 0.4 (3 of 4).
    ['average_precision', (1 + 2 / 3 + 3 / 4) / 3],
    ['log_loss', -(Math.log(0.9) + 2 * Math.log(0.5) + Math.log(0.4) + Math.log(0.9)) / 5],
    ['brier', (0.01 + 0.25 + 0.36 + 0.25 + 0.01) / 5],
  ] as const)('%s', (name, expected) => expect(values[name]).toBeCloseTo(expected, 14));

  it('counts a score equal to the threshold as positive', () => {
    expect(measure(binary([0.5], [1]), ['recall'])).toEqual({ recall: 1 });
    expect(measure(binary([0.5], [1], 0.5000001), ['recall'])).toEqual({ recall: 0 });
  });

  it.each([
    [
      'no positive row',
      [0.7, 0.2],
      [0, 0],
      { precision: 0, recall: 0, f1: 0, roc_auc: null, average_precision: 0, accuracy: 0.5 },
    ],
    [
      'no negative row',
      [0.7, 0.2],
      [1, 1],
      { precision: 1, recall: 0.5, f1: 2 / 3, roc_auc: null, average_precision: 1, accuracy: 0.5 },
    ],
    [
      'nothing predicted positive',
      [0.1, 0.2],
      [1, 0],
      { precision: 0, recall: 0, f1: 0, roc_auc: 0, average_precision: 0.5, accuracy: 0.5 },
    ],
    [
      'all scores equal',
      [0.5, 0.5, 0.5],
      [1, 0, 0],
      { precision: 1 / 3, recall: 1, f1: 0.5, roc_auc: 0.5, average_precision: 1 / 3, accuracy: 1 / 3 },
    ],
    [
      'no row',
      [],
      [],
      {
        precision: null,
        recall: null,
        f1: null,
        roc_auc: null,
        average_precision: null,
        accuracy: null,
        log_loss: null,
        brier: null,
      },
    ],
  ])('%s', (_, scores, labels, expected) => {
    const names = Object.keys(expected) as (keyof typeof expected)[];
    expect(measure(binary(scores, labels), names)).toEqual(expected);
  });

  it('bounds the loss of a certain mistake', () => {
    expect(measure(binary([1], [0]), ['log_loss']).log_loss).toBeCloseTo(-Math.log(2 ** -52), 12);
  });

  it('takes zero and minus zero for a tie', () => {
    expect(measure(binary([0, -0], [1, 0]), ['roc_auc'])).toEqual({ roc_auc: 0.5 });
  });

  it.each([
    ['a score that is not a number', binary([NaN], [1])],
    ['a score above 1', binary([1.2], [1])],
    ['a label that is no class', binary([0.2], [2])],
    ['fewer scores than labels', binary([0.2], [1, 0])],
    ['a threshold that is not a number', binary([0.2], [1], NaN)],
  ])('refuses %s', (_, predictions) => {
    expect(() => measure(predictions)).toThrow(
      expect.objectContaining({ code: 'EVALUATION_FAILED' }) as Error,
    );
  });

  it('refuses a metric of another task, naming those of this one', () => {
    expect(() => measure(binary([0.2], [1]), ['rmse'])).toThrow(
      expect.objectContaining({
        code: 'EVALUATION_FAILED',
        mend: expect.stringContaining('roc_auc') as string,
      }) as Error,
    );
  });
});

describe('multi-class metrics', () => {
  function multiclass(rows: number[][], labels: number[]): MulticlassPredictions {
    return {
      task: 'multiclass',
      scores: Float64Array.from(rows.flat()),
      labels: Int32Array.from(labels),
      classes: ['a', 'b', 'c'],
    };
  }
  // Predicted a, a (tie with b: the first), b, c; true a, b, b, c.
  const values = measure(
    multiclass(
      [
        [0.6, 0.3, 0.1],
        [0.4, 0.4, 0.2],
        [0.1, 0.8, 0.1],
        [0.2, 0.2, 0.6],
      ],
      [0, 1, 1, 2],
    ),
  );

  it.each([
    ['accuracy', 3 / 4],
    // a: precision 1/2, recall 1; b: 1 and 1/2; c: 1 and 1.
    ['precision_macro', (0.5 + 1 + 1) / 3],
    ['precision_weighted', (0.5 + 2 * 1 + 1) / 4],
    ['recall_macro', (1 + 0.5 + 1) / 3],
    ['recall_weighted', (1 + 2 * 0.5 + 1) / 4],
    ['f1_macro', (2 / 3 + 2 / 3 + 1) / 3],
    ['f1_weighted', (2 / 3 + (2 * 2) / 3 + 1) / 4],
    // Each class's rows score above all others for it.
    ['roc_auc_ovr_macro', 1],
    ['roc_auc_ovr_weighted', 1],
    ['average_precision_macro', 1],
    ['log_loss', -(Math.log(0.6) + Math.log(0.4) + Math.log(0.8) + Math.log(0.6)) / 4],
    ['brier', (0.16 + 0.09 + 0.01 + (0.16 + 0.36 + 0.04) + (0.01 + 0.04 + 0.01) + (0.04 + 0.04 + 0.16)) / 4],
  ] as const)('%s', (name, expected) => expect(values[name]).toBeCloseTo(expected, 14));

  it('leaves a class that is neither true nor predicted out of a macro mean, and has no macro AUC then', () => {
    const without = measure(
      multiclass(
        [
          [0.6, 0.3, 0.1],
          [0.3, 0.6, 0.1],
        ],
        [0, 1],
      ),
    );
    expect(without).toMatchObject({
      f1_macro: 1,
      roc_auc_ovr_macro: null,
      average_precision_macro: null,
      roc_auc_ovr_weighted: 1,
    });
  });

  it('has no AUC at all when every row is of one class', () => {
    expect(measure(multiclass([[0.6, 0.3, 0.1]], [0]), ['roc_auc_ovr_weighted'])).toEqual({
      roc_auc_ovr_weighted: null,
    });
  });
});

describe('regression metrics', () => {
  function regression(predictions: number[], labels: number[]): RegressionPredictions {
    return {
      task: 'regression',
      predictions: Float64Array.from(predictions),
      labels: Float64Array.from(labels),
    };
  }

  it.each([
    // Errors 1, -1, 2; labels 1, 2, 6 around 3: squares 4, 1, 9.
    ['by hand', [2, 1, 8], [1, 2, 6], { rmse: Math.sqrt(2), mae: 4 / 3, r2: 1 - 6 / 14 }],
    ['equal labels, all right', [0.1, 0.1, 0.1], [0.1, 0.1, 0.1], { rmse: 0, mae: 0, r2: 1 }],
    [
      'equal labels whose mean rounds',
      [0.1, 0.1, 1.1],
      [0.1, 0.1, 0.1],
      { rmse: Math.sqrt(1 / 3), mae: 1 / 3, r2: 0 },
    ],
    ['one row', [2], [1], { rmse: 1, mae: 1, r2: null }],
    ['no row', [], [], { rmse: null, mae: null, r2: null }],
  ])('%s', (_, predictions, labels, expected) => {
    const values = measure(regression(predictions, labels));
    for (const [name, value] of Object.entries(expected)) {
      const actual = values[name as keyof typeof expected];
      if (value === null) expect(actual).toBeNull();
      else expect(actual).toBeCloseTo(value, 14);
    }
  });

  it('refuses a prediction that is infinite', () => {
    expect(() => measure(regression([Infinity], [1]))).toThrow(
      expect.objectContaining({ code: 'EVALUATION_FAILED' }) as Error,
    );
  });
});
