/** What the evaluation section asks for, as the activities need it; and what of it belongs to the keys. */
import { defaultMetricOf, isMetricName, metricsOfTask, type MetricName } from '../../contracts/metrics';
import type { Evaluation, PipelineSpec } from '../../contracts/pipeline-file';
import type { Task } from '../../contracts/trainer';

/** The metric that chooses the winner. */
export function selectionMetric(evaluation: Evaluation, task: Task): MetricName {
  const named = evaluation.select?.metric;
  return named !== undefined && isMetricName(named) ? named : defaultMetricOf(task);
}

/** Columns to slice by: those of `slices` with every metric of the task, and those of gate rules with the rules' metrics. */
export function slicesToMeasure(evaluation: Evaluation, task: Task): Record<string, MetricName[]> {
  const slices: Record<string, Set<MetricName>> = {};
  for (const column of evaluation.slices) slices[column] = new Set(metricsOfTask(task));
  for (const { slice, metric } of evaluation.gate) {
    if (slice !== undefined && isMetricName(metric)) (slices[slice] ??= new Set()).add(metric);
  }
  return Object.fromEntries(Object.entries(slices).map(([column, metrics]) => [column, [...metrics]]));
}

/** Metrics whose difference to the champion is measured. */
export function comparedMetrics(evaluation: Evaluation, task: Task): MetricName[] {
  const ruled = evaluation.gate
    .filter(({ versusChampion }) => versusChampion !== undefined)
    .map(({ metric }) => metric);
  return [...new Set([selectionMetric(evaluation, task), ...ruled.filter(isMetricName)])];
}

/** The parts of the pipeline file that change what is measured; nothing else of it is in the keys. */
export function evaluationParams({ evaluation, split }: PipelineSpec): unknown {
  const { slices, gate, business, bootstrap, confidence, select, threshold, minComparableRows } = evaluation;
  return {
    slices,
    gate,
    business,
    bootstrap,
    confidence,
    select,
    threshold,
    minComparableRows,
    seed: split.seed,
  };
}
