/** A gate's reasons as they travel through a run's history: few and short, however many slices a column has. */
import type { GateReason } from './gate';

/** A reason as people read it. */
export type BriefReason = Pick<GateReason, 'passed' | 'skipped' | 'text'>;

const MOST_REASONS = 16;
const MOST_CHARACTERS = 200;

/**
 * At most 16 reasons in the order of the rules, each at most 200 characters long; what is broken goes before what holds, and that before
 * what was not judged. Of the rest one sentence of each kind says how many they are: their figures lie in the hold-out's artifact.
 */
export function reasonsInBrief(reasons: readonly GateReason[]): BriefReason[] {
  const kept = new Set(
    reasons
      .map((reason, index) => ({ index, kind: kindOf(reason) }))
      .sort((a, b) => a.kind - b.kind || a.index - b.index)
      .slice(0, MOST_REASONS)
      .map(({ index }) => index),
  );
  const left = reasons.filter((_, index) => !kept.has(index));
  const endings = ['do not hold', 'hold', 'were not judged'].flatMap((what, kind): BriefReason[] => {
    const count = left.filter((reason) => kindOf(reason) === kind).length;
    return count === 0
      ? []
      : [
          {
            passed: kind !== 0,
            skipped: kind === 2,
            text: `${count} more ${what}: see the hold-out's figures.`,
          },
        ];
  });
  return [
    ...reasons
      .filter((_, index) => kept.has(index))
      .map(({ passed, skipped, text }) => ({ passed, skipped, text: shortened(text) })),
    ...endings,
  ];
}

/** Broken, holding, not judged: in the order in which a person wants to see them. */
function kindOf({ passed, skipped }: GateReason): 0 | 1 | 2 {
  if (!passed) return 0;
  return skipped ? 2 : 1;
}

function shortened(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;
}
