/** How old the newest row is: the one rule that reads the clock. */
import type { Quality } from '../../../contracts/pipeline-file';
import type { Profile } from '../../../contracts/profile';
import { formatDuration } from '../../../contracts/quantities';

/** Whether the data is fresh enough now. Part of the key of the step quality, so that its output says what was true when a run looked. */
export interface Freshness {
  readonly fresh: boolean;
  /** Without the age, which would make each look a new output. */
  readonly observed: string;
}

/**
 * Judges the newest value of the rule's column, which the cached profile knows. A date counts as its midnight in UTC.
 * @param now milliseconds since the epoch
 */
export function freshnessOf(
  { freshness: rule }: Quality,
  profile: Profile,
  now: number,
): Freshness | undefined {
  if (rule === undefined) return undefined;
  const column = profile.columns.find(({ name }) => name === rule.column);
  if (column === undefined) return { fresh: false, observed: `there is no column ${rule.column}` };
  if (column.type !== 'date' && column.type !== 'timestamp')
    return { fresh: false, observed: `${rule.column} is ${column.type}, not a date or timestamp` };
  if (column.max === null) return { fresh: false, observed: 'all its values are missing' };
  const newest = String(column.max);
  const moment = Date.parse(column.type === 'date' ? newest : `${newest}Z`);
  if (Number.isNaN(moment))
    return { fresh: false, observed: `the newest value is ${newest}, which is no moment` };
  const fresh = (now - moment) / 1000 <= rule.max;
  return {
    fresh,
    observed: `the newest value is ${newest}${fresh ? '' : `, older than ${formatDuration(rule.max)}`}`,
  };
}
