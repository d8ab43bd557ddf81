/**
 * The metric catalogue: what each metric is called, on which tasks it is defined, and which way is better.
 * The pipeline file, the evaluation and the gate speak of metrics by these names; values equal scikit-learn's of the function named.
 */
import type { Task } from './trainer';

/** Whether a larger or a smaller value is the better one. */
export type Direction = 'higher' | 'lower';

/** What is known of a metric before it is measured. */
export interface MetricDescription {
  /** As a person reads it in a table. */
  readonly title: string;
  readonly direction: Direction;
  readonly tasks: readonly Task[];
  /** Whether the value depends on the decision threshold of a binary model. */
  readonly needsThreshold: boolean;
  /** The function of scikit-learn with the same result. */
  readonly reference: string;
}

/** Every metric that Millrace computes, by name. */
export const METRICS = {
  accuracy: {
    title: 'Accuracy',
    direction: 'higher',
    tasks: ['binary', 'multiclass'],
    needsThreshold: true,
    reference: 'accuracy_score',
  },
  precision: binaryDecision('Precision', 'precision_score'),
  recall: binaryDecision('Recall', 'recall_score'),
  f1: binaryDecision('F1', 'f1_score'),
  roc_auc: binaryRanking('ROC AUC', 'roc_auc_score'),
  average_precision: binaryRanking('Average precision', 'average_precision_score'),
  log_loss: probabilityLoss('Log loss', 'log_loss'),
  brier: probabilityLoss('Brier score', 'brier_score_loss'),
  precision_macro: multiclass('Precision (macro)', 'precision_score(average="macro")'),
  precision_weighted: multiclass('Precision (weighted)', 'precision_score(average="weighted")'),
  recall_macro: multiclass('Recall (macro)', 'recall_score(average="macro")'),
  recall_weighted: multiclass('Recall (weighted)', 'recall_score(average="weighted")'),
  f1_macro: multiclass('F1 (macro)', 'f1_score(average="macro")'),
  f1_weighted: multiclass('F1 (weighted)', 'f1_score(average="weighted")'),
  roc_auc_ovr_macro: multiclass(
    'ROC AUC (one vs rest, macro)',
    'roc_auc_score(multi_class="ovr", average="macro")',
  ),
  roc_auc_ovr_weighted: multiclass(
    'ROC AUC (one vs rest, weighted)',
    'roc_auc_score(multi_class="ovr", average="weighted")',
  ),
  average_precision_macro: multiclass(
    'Average precision (macro)',
    'average_precision_score(average="macro")',
  ),
  rmse: regression('RMSE', 'lower', 'root_mean_squared_error'),
  mae: regression('MAE', 'lower', 'mean_absolute_error'),
  r2: regression('R²', 'higher', 'r2_score'),
} as const satisfies Record<string, MetricDescription>;

/** A name of the catalogue. */
export type MetricName = keyof typeof METRICS;

/** Every name of the catalogue, in the order in which a table shows them. */
export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];

/** Whether `text` is a name of the catalogue. */
export function isMetricName(text: string): text is MetricName {
  return Object.hasOwn(METRICS, text);
}

/** The description of a metric; a name outside the catalogue (a business metric) has none. */
export function describeMetric(name: string): MetricDescription | undefined {
  return isMetricName(name) ? METRICS[name] : undefined;
}

/** The names defined on a task, in catalogue order. */
export function metricsOfTask(task: Task): MetricName[] {
  return METRIC_NAMES.filter((name) => describeMetric(name)?.tasks.includes(task));
}

/** The metric that chooses the winner where the pipeline file names none. */
export function defaultMetricOf(task: Task): MetricName {
  return { binary: 'roc_auc', multiclass: 'f1_macro', regression: 'rmse' }[task] as MetricName;
}

/**
 * By how much `value` is better than `other` in the direction of the metric: positive is better.
 *
 * @param direction which way is better
 */
export function improvement(direction: Direction, value: number, other: number): number {
  return direction === 'higher' ? value - other : other - value;
}

function binaryDecision(title: string, reference: string) {
  return { title, direction: 'higher', tasks: ['binary'], needsThreshold: true, reference } as const;
}

function binaryRanking(title: string, reference: string) {
  return { title, direction: 'higher', tasks: ['binary'], needsThreshold: false, reference } as const;
}

function probabilityLoss(title: string, reference: string) {
  return {
    title,
    direction: 'lower',
    tasks: ['binary', 'multiclass'],
    needsThreshold: false,
    reference,
  } as const;
}

/** A multi-class decision is the largest score, so no threshold enters. */
function multiclass(title: string, reference: string) {
  return { title, direction: 'higher', tasks: ['multiclass'], needsThreshold: false, reference } as const;
}

function regression(title: string, direction: Direction, reference: string) {
  return { title, direction, tasks: ['regression'], needsThreshold: false, reference } as const;
}
