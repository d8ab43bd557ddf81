/** What the candidates of a made-up run came to, and the winner against the champion. */
import type { HoldoutEvaluation, Measurement } from '../../../src/contracts/evaluation-document';
import type { CandidateStatus } from '../../../src/contracts/runs';
import type { Interval } from '../../../src/contracts/steps';
import { binaryMeasurement } from './predictions';
import { after } from './run-clock';

/** Every measured candidate, and one that failed three times. */
export function candidatesOf(
  measured: Readonly<Record<string, Measurement>>,
  model: CandidateStatus['artifact'],
): CandidateStatus[] {
  const done = Object.entries(measured).map(([name, { metrics, threshold }], index): CandidateStatus => ({
    name,
    trainer: name === 'ours' ? 'python train.py:fit' : `sklearn/${name}`,
    state: name === 'forest' ? 'cached' : 'done',
    attempts: name === 'logistic' ? 2 : 1,
    metric: { name: 'f1', value: metrics.f1?.value ?? null },
    threshold,
    ...(model && { artifact: model }),
    startedAt: after(4.2 + index * 3),
    endedAt: after(4.2 + index * 3 + (name === 'forest' ? 0.1 : 9 + index * 3)),
  }));
  return [
    ...done,
    {
      name: 'deep',
      trainer: 'command python deep.py',
      state: 'failed',
      attempts: 3,
      error: {
        code: 'TRAINING_ATTEMPTS_EXHAUSTED',
        message: 'all 3 attempts failed; the last: TRAINER_CRASHED exit code 1: ValueError: bad depth',
      },
      startedAt: after(12),
      endedAt: after(38),
    },
  ];
}

/** The hold-out, where the challenger beat champion version 3. */
export function holdoutDocument(): HoldoutEvaluation {
  const challenger = binaryMeasurement(11, 1408, 1.75);
  const champion = binaryMeasurement(11, 1408, 1.6);
  const difference = (name: string): Interval => {
    const value = (challenger.metrics[name]?.value ?? 0) - (champion.metrics[name]?.value ?? 0);
    return { value, lower: value - 0.011, upper: value + 0.012 };
  };
  return {
    task: 'binary',
    classes: ['No', 'Yes'],
    confidence: 0.95,
    challenger: { name: 'boosted', ...challenger },
    champion: { version: '3', ...champion },
    summary: {
      rows: 1408,
      challenger: challenger.metrics,
      champion: champion.metrics,
      difference: { f1: difference('f1'), roc_auc: difference('roc_auc'), log_loss: difference('log_loss') },
      comparableRows: 1408,
      slices: {},
      business: challenger.business,
    },
  };
}
