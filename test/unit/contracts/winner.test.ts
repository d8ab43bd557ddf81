/** Catches: a winner that depends on the order of completion, that is the worst where lower is better, or that has no model. */
import {
  METRIC_NAMES,
  METRICS,
  metricsOfTask,
  defaultMetricOf,
  isMetricName,
} from '../../../src/contracts/metrics';
import { chooseWinner, type CandidateResult } from '../../../src/contracts/winner';

const results: CandidateResult[] = [
  { name: 'b', value: 0.8 },
  { name: 'c', value: 0.7 },
  { name: 'a', value: 0.8 },
  { name: 'Z', value: 0.1 },
];

it.each([
  ['higher is better', 'f1', ['a', 'b', 'c', 'Z']],
  ['lower is better', 'log_loss', ['Z', 'c', 'a', 'b']],
])('%s, and of equals the first by name', (_, metric, order) => {
  for (const candidates of [results, [...results].reverse()]) {
    const choice = chooseWinner(candidates, { metric });
    expect(choice.ranking.map(({ name }) => name)).toEqual(order);
    expect(choice.winner).toBe(order[0]);
  }
});

it('leaves out who failed or has no value, with the reason', () => {
  const choice = chooseWinner(
    [
      { name: 'undefined', value: null },
      { name: 'crashed', value: 0.99, failure: 'TRAINER_CRASHED: exit code 1' },
      { name: 'fine', value: 0.5 },
      { name: 'broken', value: NaN },
    ],
    { metric: 'f1' },
  );
  expect(choice.winner).toBe('fine');
  expect(choice.excluded).toEqual([
    { name: 'broken', reason: 'f1 is not defined on its validation rows' },
    { name: 'crashed', reason: 'TRAINER_CRASHED: exit code 1' },
    { name: 'undefined', reason: 'f1 is not defined on its validation rows' },
  ]);
});

it('has no winner where nobody is left', () => {
  expect(chooseWinner([{ name: 'a', value: null, failure: 'gone' }], { metric: 'f1' }).winner).toBeNull();
});

it('refuses a metric outside the catalogue, naming those in it', () => {
  expect(() => chooseWinner(results, { metric: 'f2' })).toThrow(
    expect.objectContaining({
      code: 'PIPELINE_FILE_INVALID',
      mend: expect.stringContaining('f1_macro') as string,
    }) as Error,
  );
});

it('describes every metric for some task, and defaults to one that the task has', () => {
  for (const name of METRIC_NAMES) expect(METRICS[name].tasks.length).toBeGreaterThan(0);
  for (const task of ['binary', 'multiclass', 'regression'] as const) {
    expect(metricsOfTask(task)).toContain(defaultMetricOf(task));
  }
  expect(['roc_auc', 'rmse', 'toString', 'f2'].map(isMetricName)).toEqual([true, true, false, false]);
});
