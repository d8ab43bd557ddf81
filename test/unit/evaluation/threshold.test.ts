/** Catches: a threshold that depends on the order of the rows, that is not the best, or that claims a bound it does not reach. */
import type { ThresholdRule } from '../../../src/contracts/pipeline-file';
import { binaryConfusion, chooseThreshold, f1Of, precisionOf, randomFromSeed } from '../../../src/evaluation';

const choose = (rule: ThresholdRule, scores: number[], labels: number[]) =>
  chooseThreshold(rule, Float64Array.from(scores), Uint8Array.from(labels));

describe('chooseThreshold', () => {
  const scores = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4];
  const labels = [1, 0, 1, 1, 0, 0];
  it.each<[string, ThresholdRule, number, number | null]>([
    // From 0.9 down: F1 2/4, 2/5, 4/6, 6/7, 6/8, 6/9.
    ['f1', { maximise: 'f1' }, 0.6, 6 / 7],
    // Right decisions: 4, 3, 4, 5, 4, 3 of 6.
    ['accuracy', { maximise: 'accuracy' }, 0.6, 5 / 6],
    ['youden', { maximise: 'youden' }, 0.6, 1 - 1 / 3],
    // Precision 1, 1/2, 2/3, 3/4, 3/5, 1/2.
    ['recall where precision is at least 0.7', { precisionAtLeast: 0.7 }, 0.6, 1],
    ['recall where precision is at least 0.9', { precisionAtLeast: 0.9 }, 0.9, 1 / 3],
    ['precision where recall is at least 0.6', { recallAtLeast: 0.6 }, 0.6, 3 / 4],
    ['precision where recall is at least 0.3', { recallAtLeast: 0.3 }, 0.9, 1],
    ['a fixed one', { fixed: 0.3 }, 0.3, null],
  ])('%s', (_, rule, threshold, value) => {
    const choice = choose(rule, scores, labels);
    expect(choice).toEqual({
      threshold,
      value: value === null ? null : (expect.closeTo(value, 14) as number),
      satisfied: true,
    });
  });

  it('takes the higher of equally good thresholds, whatever the order of the rows', () => {
    // Accuracy is 3/4 at 0.9 and at 0.3.
    const choice = { threshold: 0.9, value: 0.75, satisfied: true };
    expect(choose({ maximise: 'accuracy' }, [0.9, 0.6, 0.3, 0.1], [1, 0, 1, 0])).toEqual(choice);
    expect(choose({ maximise: 'accuracy' }, [0.1, 0.3, 0.6, 0.9], [0, 1, 0, 1])).toEqual(choice);
  });

  it('predicts nobody positive where that is the most accurate', () => {
    expect(choose({ maximise: 'accuracy' }, [0.2, 0.2, 0.2], [0, 0, 1])).toEqual({
      threshold: 0.6,
      value: 2 / 3,
      satisfied: true,
    });
  });

  it('says so when no threshold reaches the precision, and takes the nearest', () => {
    expect(choose({ precisionAtLeast: 0.9 }, [0.9, 0.8, 0.7], [0, 1, 1])).toEqual({
      threshold: 0.7,
      value: 1,
      satisfied: false,
    });
  });

  it.each([
    ['one class', [0.2, 0.7], [0, 0]],
    ['no row', [], []],
  ])('has nothing to learn from %s', (_, rows, classes) => {
    expect(choose({ maximise: 'f1' }, rows, classes)).toEqual({
      threshold: 0.5,
      value: null,
      satisfied: false,
    });
  });

  it('finds what trying every score finds', () => {
    const random = randomFromSeed(7);
    const scores = Float64Array.from({ length: 200 }, () => Math.round((random() / 2 ** 32) * 20) / 20);
    const labels = Uint8Array.from(scores, (score) => (random() / 2 ** 32 < score ? 1 : 0));
    const best = Math.max(...scores.map((threshold) => f1Of(binaryConfusion(scores, labels, threshold))));
    const chosen = chooseThreshold({ maximise: 'f1' }, scores, labels);
    expect(chosen.value).toBe(best);
    expect(f1Of(binaryConfusion(scores, labels, chosen.threshold))).toBe(best);
    const bounded = chooseThreshold({ precisionAtLeast: 0.8 }, scores, labels);
    expect(precisionOf(binaryConfusion(scores, labels, bounded.threshold))).toBeGreaterThanOrEqual(0.8);
  });
});
