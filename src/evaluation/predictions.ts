/** Predictions joined with their labels: what every metric is computed from. One row is one index into each array. */
import { MillraceError } from '../contracts/errors';

/** Scores of a two-class model. A row is predicted positive when its score is at least the threshold. */
export interface BinaryPredictions {
  readonly task: 'binary';
  /** Probability of the positive class, 0 to 1, one a row. */
  readonly scores: Float64Array;
  /** 1 is positive, 0 negative. */
  readonly labels: Uint8Array;
  readonly threshold: number;
}

/** Scores of a model over several classes. The predicted class is the one with the largest score; of equals, the first. */
export interface MulticlassPredictions {
  readonly task: 'multiclass';
  /** Row-major: the score of row `i` for class `c` is at `i * classes.length + c`; 0 to 1. */
  readonly scores: Float64Array;
  /** Index into `classes`, one a row. */
  readonly labels: Int32Array;
  readonly classes: readonly string[];
}

/** Predicted and true values, in the label's unit. */
export interface RegressionPredictions {
  readonly task: 'regression';
  readonly predictions: Float64Array;
  readonly labels: Float64Array;
}

/** Predictions of any task. */
export type Predictions = BinaryPredictions | MulticlassPredictions | RegressionPredictions;

/**
 * How often each row counts, by row index; a missing argument of this type means once each. Whole numbers: a resample of the
 * rows is the same rows with other weights, so that nothing is copied or sorted again.
 */
export type RowWeights = Uint32Array;

/**
 * Refuses what no metric can be computed from, so that a NaN never reaches a decision.
 *
 * @throws MillraceError EVALUATION_FAILED: lengths differ, a score is not a number from 0 to 1, a label is none of the classes
 */
export function checkPredictions(predictions: Predictions): void {
  const rows = predictions.labels.length;
  if (predictions.task === 'regression') {
    checkLength(predictions.predictions, rows);
    checkEach(predictions.predictions, Number.isFinite, 'a predicted value is not a finite number');
    checkEach(predictions.labels, Number.isFinite, 'a label is not a finite number');
    return;
  }
  const classCount = predictions.task === 'binary' ? 2 : predictions.classes.length;
  if (classCount < 2) throw refused('there are fewer than two classes');
  checkLength(predictions.scores, predictions.task === 'binary' ? rows : rows * classCount);
  checkEach(
    predictions.scores,
    (score) => score >= 0 && score <= 1,
    'a score is not a probability from 0 to 1',
  );
  checkEach(
    predictions.labels,
    (label) => label >= 0 && label < classCount,
    'a label is none of the classes',
  );
  if (predictions.task === 'binary' && !Number.isFinite(predictions.threshold)) {
    throw refused('the threshold is not a finite number');
  }
}

/** The same predictions for some of the rows, in the order given: a slice. */
export function selectRows<P extends Predictions>(predictions: P, rows: Int32Array): P;
export function selectRows(predictions: Predictions, rows: Int32Array): Predictions {
  switch (predictions.task) {
    case 'binary':
      return {
        ...predictions,
        scores: Float64Array.from(rows, (row) => predictions.scores[row]!),
        labels: Uint8Array.from(rows, (row) => predictions.labels[row]!),
      };
    case 'multiclass': {
      const width = predictions.classes.length;
      const scores = new Float64Array(rows.length * width);
      rows.forEach((row, index) =>
        scores.set(predictions.scores.subarray(row * width, (row + 1) * width), index * width),
      );
      return { ...predictions, scores, labels: Int32Array.from(rows, (row) => predictions.labels[row]!) };
    }
    case 'regression':
      return {
        ...predictions,
        predictions: Float64Array.from(rows, (row) => predictions.predictions[row]!),
        labels: Float64Array.from(rows, (row) => predictions.labels[row]!),
      };
  }
}

function checkLength(values: { readonly length: number }, expected: number): void {
  if (values.length !== expected) throw refused(`there are ${values.length} scores where ${expected} belong`);
}

function checkEach(
  values: Float64Array | Uint8Array | Int32Array,
  allows: (value: number) => boolean,
  reason: string,
): void {
  for (let index = 0; index < values.length; index++) {
    if (!allows(values[index]!)) throw refused(`${reason}: ${values[index]!} at position ${index}`);
  }
}

function refused(reason: string): MillraceError {
  return new MillraceError('EVALUATION_FAILED', `The predictions cannot be evaluated: ${reason}.`, {
    mend: 'Look at the predictions that the trainer left, and at the label column.',
  });
}
