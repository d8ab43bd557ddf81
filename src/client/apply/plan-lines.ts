/** A plan as lines for people. */
import type { Style } from '../render/style';
import { changes, type PlanEntry } from './plan';

const MARKS = { create: '+', change: '~', remove: '-', unchanged: '=', left: '?' } as const;
const LONGEST_VALUE = 160;

/** One line a pipeline, and one a field that changes: old → new. */
export function planLines(
  plan: readonly PlanEntry[],
  style: Style,
  { dryRun }: { readonly dryRun: boolean },
): string[] {
  const count = (action: PlanEntry['action']): number =>
    plan.filter((entry) => entry.action === action).length;
  const sum = `${count('create')} to create, ${count('change')} to change, ${count('remove')} to remove, ${count('unchanged')} unchanged`;
  return [
    ...plan.flatMap((entry) => entryLines(entry, style)),
    ...(plan.length === 0 ? ['No pipeline file has a schedule or a trigger.'] : []),
    ...(count('left') > 0 ? ['What has no file any more stays in force; remove it with --prune.'] : []),
    changes(plan)
      ? `${dryRun ? 'Would apply' : 'Applied'}: ${sum}.`
      : `Nothing to do${plan.length === 0 ? '' : `: ${sum}`}.`,
  ];
}

function entryLines({ pipeline, action, file, differences, paused }: PlanEntry, style: Style): string[] {
  const paint = {
    create: style.good,
    change: style.busy,
    remove: style.bad,
    unchanged: style.faint,
    left: style.bad,
  }[action];
  const words = {
    create: 'create',
    change: 'change',
    remove: 'remove',
    unchanged: 'unchanged',
    left: 'has no file',
  };
  const pause = paused === null ? '' : `  (paused${paused === '' ? '' : `: ${paused}`})`;
  return [
    `${paint(`${MARKS[action]} ${pipeline}`)}  ${words[action]}${file === null ? '' : `  ${style.faint(file)}`}${pause}`,
    ...differences.map(
      ({ field, from, to, byHand }) =>
        `    ${field}: ${valueText(from)} → ${valueText(to)}${byHand ? style.bad('  (was changed outside of Millrace)') : ''}`,
    ),
  ];
}

function valueText(value: string | null): string {
  if (value === null) return 'none';
  return value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE - 1)}…` : value;
}
