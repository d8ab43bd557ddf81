/** Catches: an alert that starts what it should not, or nothing: a bound on the wrong side, a text taken for a number, a field of a prototype. */
import type { KafkaTrigger } from '../../../src/contracts/pipeline-file';
import { matches, registrationsFor } from '../../../src/client/serve/triggers/kafka/match';
import type { Registration } from '../../../src/ports/registration-ledger';

const alert = {
  model: 'telco-churn',
  metric: 'roc_auc',
  value: 0.71,
  live: true,
  place: { region: 'eu', n: [1] },
};

test.each<[KafkaTrigger['where'], boolean]>([
  [{}, true],
  [{ model: 'telco-churn' }, true],
  [{ model: 'tweets' }, false],
  [{ model: 'telco-churn', value: { below: 0.8 } }, true],
  [{ model: 'telco-churn', value: { below: 0.71 } }, false],
  [{ model: 'tweets', value: { below: 0.8 } }, false],
  [{ value: { above: 0.7 } }, true],
  [{ value: { above: 0.71 } }, false],
  [{ value: 0.71 }, true],
  [{ value: '0.71' }, false],
  [{ live: true }, true],
  [{ live: 'true' }, false],
  [{ metric: { in: ['f1', 'roc_auc'] } }, true],
  [{ metric: { in: ['f1'] } }, false],
  [{ model: { below: 1 } }, false],
  [{ 'place.region': 'eu' }, true],
  [{ 'place.city': 'eu' }, false],
  [{ 'model.length': 11 }, false],
  [{ 'place.n.length': { above: 0 } }, true],
  [{ missing: { above: 0 } }, false],
  [{ 'constructor.name': 'Object' }, false],
])('%j lets the alert through: %s', (where, expected) => {
  expect(matches(where, alert)).toBe(expected);
});

test('the value null is a value, and not a number', () => {
  expect(matches({ value: { below: 1 } }, { value: null })).toBe(false);
});

function registration(pipeline: string, ...kafka: KafkaTrigger[]): Registration {
  const triggers = kafka.map((trigger) => ({ kafka: trigger }));
  return { pipeline, file: 'x.yaml', sources: [], appliedAt: '', triggers };
}

const all = [
  registration('first', { topic: 'a', where: { model: 'm' } }),
  registration('second', { topic: 'a', where: {} }, { topic: 'a', where: { model: 'm' } }),
  registration('third', { topic: 'b', where: {} }),
  registration('fourth'),
];
const chosen = (topic: string, message: Record<string, unknown> & { pipeline?: string }): string[] =>
  registrationsFor(topic, message, all).map(({ pipeline }) => pipeline);

test('a message starts each pipeline once whose trigger on its topic lets it through', () => {
  expect(chosen('a', { model: 'm' })).toEqual(['first', 'second']);
  expect(chosen('a', { model: 'n' })).toEqual(['second']);
  expect(chosen('b', { model: 'm' })).toEqual(['third']);
});

test('a message that names a pipeline starts only that one, and only past its filter', () => {
  expect(chosen('a', { model: 'm', pipeline: 'first' })).toEqual(['first']);
  expect(chosen('a', { model: 'n', pipeline: 'first' })).toEqual([]);
  expect(chosen('b', { pipeline: 'first' })).toEqual([]);
});
