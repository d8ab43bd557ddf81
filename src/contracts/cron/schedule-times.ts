/** Starts and intervals of a whole schedule: one or several cron expressions in one time zone. */
import { MillraceError } from '../errors';
import { parseCron, type CronFields } from './expression';
import { nextStart, previousStart } from './starts';

/** The part of a schedule that says when. */
export interface ScheduleTimes {
  readonly cron: string | readonly string[];
  readonly timezone: string;
}

/** The first `count` starts after an instant, ascending. @throws PIPELINE_FILE_INVALID for an expression that is none. */
export function startsAfter({ cron, timezone }: ScheduleTimes, after: Date, count: number): Date[] {
  const expressions = fieldsOf(cron);
  const starts: Date[] = [];
  let from = after.getTime();
  while (starts.length < count) {
    const next = Math.min(
      ...expressions.map((fields) => nextStart(fields, timezone, from) ?? Number.POSITIVE_INFINITY),
    );
    if (!Number.isFinite(next)) break;
    starts.push(new Date(next));
    from = next;
  }
  return starts;
}

/**
 * The interval that a start at `at` is for: the last one that is complete by then. A start on time ends it; one between times (by hand, from
 * Temporal's page) is for the interval that the start before it was for.
 * @throws PIPELINE_FILE_INVALID for an expression that is none, or that matches no time.
 */
export function intervalBefore({ cron, timezone }: ScheduleTimes, at: Date): { start: Date; end: Date } {
  const expressions = fieldsOf(cron);
  const last = (before: number): number => {
    const found = Math.max(...expressions.map((fields) => previousStart(fields, timezone, before) ?? -1));
    if (found >= 0) return found;
    throw new MillraceError('PIPELINE_FILE_INVALID', `The schedule ${String(cron)} has no start.`, {
      where: 'schedule.cron',
      mend: 'mend the expression, and apply the file again',
    });
  };
  const end = last(at.getTime() + 1);
  return { start: new Date(last(end)), end: new Date(end) };
}

function fieldsOf(cron: ScheduleTimes['cron']): CronFields[] {
  return [cron].flat().map((text) => {
    const parsed = parseCron(text);
    if ('fields' in parsed) return parsed.fields;
    throw new MillraceError('PIPELINE_FILE_INVALID', `The cron expression ${text} is not valid.`, {
      where: 'schedule.cron',
      mend: parsed.problem,
    });
  });
}
