/** Three candidates and a gate that suit the task. Pure. */
import type { Task } from '../../contracts/trainer';
import type { Target } from './choose-target';

/** A candidate in the words of the pipeline file. */
export interface CandidatePlan {
  readonly name: string;
  readonly trainer: string;
  readonly params?: Readonly<Record<string, string | number>>;
}

/** Candidates from simple to strong. Rare classes are weighted in the linear ones. */
export function chooseCandidates(target: Target, hasText: boolean): CandidatePlan[] {
  const rare =
    Math.min(...target.classes.map(({ count }) => count)) /
    Math.max(...target.classes.map(({ count }) => count));
  const weights = target.task !== 'regression' && rare < 0.25 ? { class_weight: 'balanced' } : undefined;
  const weighted = weights === undefined ? {} : { params: weights };
  if (target.task === 'regression')
    return [
      { name: 'ridge', trainer: 'sklearn/ridge' },
      hasText
        ? { name: 'linear-svm', trainer: 'sklearn/linear-svm' }
        : { name: 'random-forest', trainer: 'sklearn/random-forest' },
      { name: 'boosted', trainer: 'xgboost' },
    ];
  return [
    { name: 'logistic', trainer: 'sklearn/logistic-regression', ...weighted },
    hasText
      ? { name: 'linear-svm', trainer: 'sklearn/linear-svm', ...weighted }
      : { name: 'random-forest', trainer: 'sklearn/random-forest' },
    { name: 'boosted', trainer: 'xgboost' },
  ];
}

/** The metric that is compared, and what the winner must reach at the least. */
export interface GatePlan {
  readonly select: string;
  readonly metric: string;
  readonly min: number;
  /** What a model that learnt nothing reaches, for the comment. */
  readonly nothing: string;
  /** Largest loss against the model in production. */
  readonly tolerance: number;
}

/** A gate that only a model which learnt nothing fails: the person raises it. */
export function chooseGate({ task, classes }: Target): GatePlan {
  const gates: Record<Task, () => GatePlan> = {
    binary: () => ({
      select: 'roc_auc',
      metric: 'roc_auc',
      min: 0.55,
      nothing: 'guessing reaches 0.5',
      tolerance: 0.005,
    }),
    multiclass: () => {
      const total = classes.reduce((sum, { count }) => sum + count, 0);
      const share = (classes[0]?.count ?? 0) / Math.max(total, 1);
      // F1 of the largest class alone, all others 0, averaged over the classes.
      const constant = (2 * share) / (1 + share) / classes.length;
      return {
        select: 'f1_macro',
        metric: 'f1_macro',
        min: Math.ceil(constant * 100) / 100,
        nothing: `always saying ${JSON.stringify(String(classes[0]?.value))} reaches ${constant.toFixed(3)}`,
        tolerance: 0.01,
      };
    },
    regression: () => ({
      select: 'rmse',
      metric: 'r2',
      min: 0,
      nothing: 'always saying the mean reaches 0',
      tolerance: 0.01,
    }),
  };
  return gates[task]();
}
