/**
 * When a schedule starts. The answers are those of Temporal's server, also on the days on which the clocks change: a time that the wall clock leaves out
 * has no start, and of the hour that it shows twice the server picks one. Tests compare both.
 */
import type { CronFields } from './expression';
import { instantOf, wallAt } from './zone-clock';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** The server looks no further. */
const END = Date.UTC(2101, 0, 1);

/** First start after an instant (milliseconds); undefined when there is none until 2100. */
export function nextStart(fields: CronFields, zone: string, after: number): number | undefined {
  const search = new Search(fields, zone, after);
  while (search.wall < END) {
    const found = search.step();
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Last start before an instant; undefined when there is none since 2000. */
export function previousStart(fields: CronFields, zone: string, before: number): number | undefined {
  for (const days of [0.1, 2, 33, 370, 3000, 37_000]) {
    let last: number | undefined;
    let start = nextStart(fields, zone, before - days * DAY - 1);
    while (start !== undefined && start < before) {
      last = start;
      start = nextStart(fields, zone, start);
    }
    if (last !== undefined) return last;
  }
  return undefined;
}

/** Walks along the wall clock, from the outer fields to the inner ones. */
class Search {
  /** What the clock shows at the place of the search. */
  wall: number;
  /** An hour while the search is in the second showing of an hour. */
  private repeated: number;

  constructor(
    private readonly fields: CronFields,
    private readonly zone: string,
    after: number,
  ) {
    const wall = wallAt(after, zone);
    this.wall = Math.floor(wall / MINUTE) * MINUTE;
    this.repeated = hourOf(wallAt(after - HOUR, zone)) === hourOf(wall) ? HOUR : 0;
    this.toNextMinute();
  }

  /** The start at this place, or a move to the next place that may have one. */
  step(): number | undefined {
    const { fields } = this;
    const date = new Date(this.wall);
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
    if (!fields.month.includes(month + 1)) this.moveTo(Date.UTC(year, month + 1, 1));
    else if (!fields.dayOfMonth.includes(day) || !fields.dayOfWeek.includes(date.getUTCDay()))
      this.moveTo(Date.UTC(year, month, day + 1));
    else if (!fields.hour.includes(date.getUTCHours())) this.moveTo(hourStart(this.wall) + HOUR);
    else if (!fields.minute.includes(date.getUTCMinutes())) this.toNextMinute();
    else {
      const instant = instantOf(this.wall, this.zone);
      if (hourOf(wallAt(instant, this.zone)) === hourOf(this.wall)) return instant + this.repeated;
      // The clock never shows this hour: it was put forward over it.
      this.wall = hourStart(this.wall) + HOUR;
    }
    return undefined;
  }

  private moveTo(wall: number): void {
    this.wall = wall;
    this.repeated = 0;
  }

  private toNextMinute(): void {
    const hour = hourStart(this.wall);
    this.wall += MINUTE;
    if (this.wall < hour + HOUR) return;
    const lasts = instantOf(hour + HOUR, this.zone) - instantOf(hour, this.zone);
    if (this.repeated === 0 && lasts > HOUR) {
      // Two hours to the next hour: this one comes twice. The server goes through it again, an hour later.
      this.wall = hour;
      this.repeated = HOUR;
    } else this.repeated = 0;
  }
}

const hourOf = (wall: number): number => new Date(wall).getUTCHours();
const hourStart = (wall: number): number => Math.floor(wall / HOUR) * HOUR;
