/** From a range of dates to the partitions in it. Pure. */
import { z } from 'zod';
import { MillraceError } from '../errors';
import { isoInZone, startsAfter, timeZoneProblem } from '../cron';
import { offsetAt, wallAt } from '../cron/zone-clock';

/** Partitions that one backfill may have. */
export const MOST_PARTITIONS = 100_000;

/** Interval of a partition: of the calendar, or from one time that the cron expressions name to the next. */
export const everySchema = z.union([
  z.enum(['hour', 'day', 'week', 'month']),
  z.strictObject({ cron: z.array(z.string().min(1).max(200)).min(1).max(20) }),
]);
export type Every = z.infer<typeof everySchema>;

/** Which partitions are meant. */
export const partitionRangeSchema = z.strictObject({
  /** `2026-01-31` or `2026-01-31T06:00`, read in the time zone unless it says its offset. Intervals that start before it are not in the range. */
  from: z.string().min(1).max(40),
  /** The last one, included: a day means all intervals that start on it. */
  to: z.string().min(1).max(40),
  every: everySchema,
  timezone: z.string().min(1).max(64).default('UTC'),
});
export type PartitionRange = z.infer<typeof partitionRangeSchema>;

/** One interval, named by its start. */
export interface Partition {
  /** Start of the interval: ISO 8601 with the offset of the time zone. */
  readonly nominalDate: string;
  /** The day of the start in the time zone, `YYYY-MM-DD`. */
  readonly date: string;
}

/**
 * The partitions of a range, in order: months start on the first, weeks on Monday, days at midnight (or when the day begins, where clocks jump over
 * midnight), hours at the full hour.
 * @throws USAGE for a range that is empty, unreadable or has more than {@link MOST_PARTITIONS}.
 */
export function partitionsOf({ every, timezone, ...range }: PartitionRange): Partition[] {
  const problem = timeZoneProblem(timezone);
  if (problem !== undefined)
    throw new MillraceError('USAGE', `The time zone ${timezone} is not valid.`, {
      where: 'timezone',
      mend: problem,
    });
  const from = momentOf(range.from, '--from', timezone).first;
  const until = momentOf(range.to, '--to', timezone).after;
  if (until <= from)
    throw new MillraceError('USAGE', `The range ends before it begins: ${range.from} to ${range.to}.`, {
      mend: 'give the earlier date with --from',
    });
  const partitions: Partition[] = [];
  for (const instant of startsFrom(every, timezone, from)) {
    if (instant >= until) return partitions;
    if (partitions.length >= MOST_PARTITIONS)
      throw new MillraceError(
        'USAGE',
        `The range has more than ${MOST_PARTITIONS.toLocaleString('en')} partitions.`,
        { mend: 'backfill it in parts, or with a longer interval' },
      );
    const nominalDate = isoInZone(instant, timezone);
    partitions.push({ nominalDate, date: nominalDate.slice(0, 10) });
  }
  return partitions;
}

/** Nominal dates by which the ledger and workflow ids tell runs apart: equal instants are equal texts. */
export function instantText(nominalDate: string): string {
  return new Date(nominalDate).toISOString();
}

/** Starts of intervals from an instant on, this one included. */
function* startsFrom(every: Every, zone: string, from: number): Generator<number> {
  if (typeof every === 'object') yield* scheduledStarts(every.cron, zone, from);
  else if (every === 'hour') yield* hourStarts(zone, from);
  else {
    const wall = new Date(wallAt(from, zone));
    const [year, month, day] = [wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate()];
    const monday = day + ((8 - wall.getUTCDay()) % 7);
    for (let count = 0; ; count++) {
      // Days and months may run over: they are counted up from the first day of the range.
      const start =
        every === 'month'
          ? Date.UTC(year, month + count, 1)
          : Date.UTC(year, month, every === 'week' ? monday + 7 * count : day + count);
      const instant = firstInstantOf(start, zone);
      if (instant >= from) yield instant;
    }
  }
}

/** By the absolute clock, so that an hour that the wall clock leaves out has no start, and one that it shows twice has two. */
function* hourStarts(zone: string, from: number): Generator<number> {
  for (let instant = from; ; instant += HOUR) {
    const past = wallAt(instant, zone) % HOUR;
    if (past !== 0) instant += HOUR - past;
    yield instant;
  }
}

function* scheduledStarts(cron: readonly string[], timezone: string, from: number): Generator<number> {
  let after = new Date(from - 1);
  for (;;) {
    const starts = startsAfter({ cron, timezone }, after, CRON_STARTS_AT_ONCE);
    for (const start of starts) yield start.getTime();
    after = starts.at(-1) ?? after;
    if (starts.length < CRON_STARTS_AT_ONCE) return;
  }
}

/**
 * The first instant at which the wall clock shows this; where it was put forward over it, the instant of that. `wall` is written as the milliseconds
 * that it would be in UTC.
 */
function firstInstantOf(wall: number, zone: string): number {
  const before = offsetAt(wall - DAY, zone);
  for (const offset of [before, offsetAt(wall + DAY, zone)])
    if (offsetAt(wall - offset, zone) === offset) return wall - offset;
  return wall - before;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CRON_STARTS_AT_ONCE = 100;

const DAY_TEXT = /^(\d{4})-(\d{2})-(\d{2})$/;
const LOCAL_TEXT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?$/;
const INSTANT = z.iso.datetime({ offset: true });

/** The first instant that a text means, and the first one after all that it means. */
function momentOf(text: string, option: string, zone: string): { first: number; after: number } {
  if (INSTANT.safeParse(text).success) {
    const instant = Date.parse(text);
    return { first: instant, after: instant + 1 };
  }
  const match = DAY_TEXT.exec(text) ?? LOCAL_TEXT.exec(text);
  const [year = 0, month = 0, day = 0, hour, minute, second = 0] = (match ?? [])
    .slice(1)
    // A group that took no part is undefined, whatever the type says.
    .map((field: string | undefined) => (field === undefined ? undefined : Number(field)));
  const date = new Date(Date.UTC(year, month - 1, day));
  const isDay = match !== null && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!isDay || (hour ?? 0) > 23 || (minute ?? 0) > 59 || second > 59)
    throw new MillraceError('USAGE', `${option} takes a date, not ${text.slice(0, 40)}.`, {
      where: option,
      mend: 'write it like 2026-01-31 or 2026-01-31T06:00',
    });
  if (hour === undefined || minute === undefined)
    return {
      first: firstInstantOf(Date.UTC(year, month - 1, day), zone),
      after: firstInstantOf(Date.UTC(year, month - 1, day + 1), zone),
    };
  const instant = firstInstantOf(Date.UTC(year, month - 1, day, hour, minute, second), zone);
  return { first: instant, after: instant + 1 };
}
