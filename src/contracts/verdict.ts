/** What follows from the gate's decision. */
import type { GateDecision } from './gate';

/** `person-decides`: everything that could be judged passed, but the champion could not be measured fairly. */
export type GateVerdict = 'passed' | 'rejected' | 'person-decides';

/**
 * A rule against the champion cannot hold when the champion is not comparable; that alone must neither reject a good model nor let it
 * through unseen. Any other broken rule rejects.
 */
export function verdictOf(decision: GateDecision, notComparable: string | undefined): GateVerdict {
  const broken = decision.reasons.filter((reason) => !reason.passed);
  if (notComparable === undefined) return broken.length === 0 ? 'passed' : 'rejected';
  return broken.every((reason) => reason.rule.versusChampion !== undefined) ? 'person-decides' : 'rejected';
}
