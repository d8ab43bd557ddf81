/** What evaluation, gate, registry, deployment and notification must agree on with the rest of the file. */
import { didYouMean } from '../../file-problems';
import { describeMetric, isMetricName, METRIC_NAMES, metricsOfTask } from '../../metrics';
import type { Task } from '../../trainer';
import type { GateRule } from '../evaluation';
import type { PipelineSpec } from '../index';
import type { CheckContext, Refuse } from './context';

/** The task as far as the file tells it: `task`, or binary where `positive` is given. */
export function writtenTask({ dataset }: Pick<PipelineSpec, 'dataset'>): Task | undefined {
  return dataset.task ?? (dataset.positive === undefined ? undefined : 'binary');
}

/** Metrics, threshold and gate against the task and the registry. */
export function checkEvaluation(spec: PipelineSpec, refuse: Refuse): void {
  const { evaluation } = spec;
  const task = writtenTask(spec);
  if (evaluation.select !== undefined)
    checkMetric(evaluation.select.metric, ['evaluation', 'select', 'metric'], task, refuse);
  if (evaluation.threshold !== undefined && task !== undefined && task !== 'binary')
    refuse(['evaluation', 'threshold'], `a threshold is for binary tasks; this one is ${task}`, 'key');
  for (const name of Object.keys(evaluation.business))
    if (isMetricName(name))
      refuse(['evaluation', 'business', name], `${name} is a metric of Millrace: choose another name`, 'key');
  evaluation.slices.forEach((column, index) => {
    if (column === spec.dataset.label)
      refuse(
        ['evaluation', 'slices', index],
        'a slice by the label has one class only: choose another column',
      );
  });
  evaluation.gate.forEach((rule, index) => checkRule(spec, rule, index, task, refuse));
}

function checkMetric(
  metric: string,
  path: readonly (string | number)[],
  task: Task | undefined,
  refuse: Refuse,
): boolean {
  const description = describeMetric(metric);
  if (description === undefined) {
    const known = task === undefined ? METRIC_NAMES : metricsOfTask(task);
    refuse(path, `no metric is called ${metric}${didYouMean(metric, known)}`);
    return false;
  }
  if (task === undefined || description.tasks.includes(task)) return true;
  refuse(path, `${metric} is not defined for ${task}; defined are ${metricsOfTask(task).join(', ')}`);
  return false;
}

/** Metrics without an upper limit; all others lie between 0 and 1, and r2 has no lower one. */
const UNBOUNDED = ['log_loss', 'rmse', 'mae'];

function checkRule(
  spec: PipelineSpec,
  rule: GateRule,
  index: number,
  task: Task | undefined,
  refuse: Refuse,
): void {
  const path = ['evaluation', 'gate', index];
  const business = Object.hasOwn(spec.evaluation.business, rule.metric);
  if (business)
    refuse(
      [...path, 'metric'],
      `${rule.metric} is a business metric: it is reported and cannot gate, as it has no interval`,
    );
  if (business || !checkMetric(rule.metric, [...path, 'metric'], task, refuse)) return;
  if (rule.versusChampion !== undefined && spec.registry === undefined)
    refuse([...path, 'versusChampion'], 'there is no champion without registry: { model: … }', 'key');
  if (rule.slice === spec.dataset.label)
    refuse([...path, 'slice'], 'a slice by the label has one class only: choose another column');
  const bound = rule.min ?? rule.max;
  if (bound === undefined) return;
  const key = rule.min === undefined ? 'max' : 'min';
  const lowest = rule.metric === 'r2' ? -Infinity : 0;
  if (bound < lowest || (bound > 1 && !UNBOUNDED.includes(rule.metric)))
    refuse(
      [...path, key],
      `${rule.metric} lies between 0 and 1, so ${key}: ${bound} decides nothing${bound > 1 && bound <= 100 ? `; did you mean ${bound / 100}?` : ''}`,
    );
  const better = describeMetric(rule.metric)?.direction === 'lower' ? 'max' : 'min';
  const alsoBounded = spec.evaluation.gate.some(
    (other) => other.metric === rule.metric && other[better] !== undefined,
  );
  if (key !== better && !alsoBounded)
    refuse(
      [...path, key],
      `${better === 'max' ? 'a smaller' : 'a larger'} ${rule.metric} is better, so ${key} alone lets any bad model pass; did you mean ${better}?`,
      'key',
    );
}

/** Registry, deployment and channels. */
export function checkRelease(spec: PipelineSpec, context: CheckContext, refuse: Refuse): void {
  if (spec.registry === undefined) {
    if (spec.deploy.target !== 'none' && context.isWritten(['deploy', 'target']))
      refuse(
        ['deploy', 'target'],
        'only a registered model can be deployed: add registry: { model: NAME }, or use target: none',
      );
    else if (context.isWritten(['deploy']) && spec.deploy.target !== 'none')
      refuse(['deploy'], 'only a registered model can be deployed: add registry: { model: NAME }', 'key');
  } else if (`${context.modelPrefix}${spec.registry.model}`.length > 63)
    refuse(
      ['registry', 'model'],
      `with the environment's prefix ${context.modelPrefix} the name is longer than 63 characters`,
    );
  const { target, approval } = spec.deploy;
  if (target === 'none' && approval !== 'auto')
    refuse(
      ['deploy', 'approval'],
      'nobody is asked where nothing is deployed: leave approval out, or name a target',
      'key',
    );
  for (const [event, channels] of Object.entries(spec.notify))
    channels?.forEach((channel, index) => {
      if (!context.channels.includes(channel))
        refuse(
          ['notify', event, index],
          `the environment has no channel ${channel}${didYouMean(channel, context.channels)}`,
        );
    });
}
