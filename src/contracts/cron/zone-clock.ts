/** The clock on the wall of a time zone. A wall time is held as the milliseconds that it would be in UTC. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** Why a text is no time zone that Temporal's server takes; undefined when it is one. */
export function timeZoneProblem(zone: string): string | undefined {
  const format = /^[A-Za-z][A-Za-z0-9_+/-]*$/.test(zone) ? formatOf(zone) : undefined;
  if (!format) return `there is no time zone ${zone}: write its IANA name, such as Europe/Berlin or UTC`;
  const { timeZone } = format.resolvedOptions();
  // The server is strict about capitals; a name that resolves to another one is an alias, and fine.
  return timeZone !== zone && timeZone.toLowerCase() === zone.toLowerCase()
    ? `write the time zone as ${timeZone}`
    : undefined;
}

/** Zones change their offset at quarters of an hour only, so one look holds for a quarter. */
const QUARTER = 15 * 60_000;
const MOST_OFFSETS = 20_000;
const offsets = new Map<string, number>();

/** Milliseconds that the zone's wall clock is ahead of UTC at this instant. @throws RangeError for no time zone. */
export function offsetAt(instant: number, zone: string): number {
  if (zone === 'UTC') return 0;
  const quarter = Math.floor(instant / QUARTER) * QUARTER;
  const key = `${zone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size >= MOST_OFFSETS) offsets.clear();
  const offset = measuredOffset(quarter, zone);
  offsets.set(key, offset);
  return offset;
}

function measuredOffset(instant: number, zone: string): number {
  const format = formatOf(zone);
  if (!format) throw new RangeError(`there is no time zone ${zone}`);
  const parts: Partial<Record<string, number>> = {};
  for (const { type, value } of format.formatToParts(instant)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - instant;
}

/** What the wall clock shows at this instant. */
export function wallAt(instant: number, zone: string): number {
  return instant + offsetAt(instant, zone);
}

/** When the wall clock shows this. One of the two instants where it shows it twice, and some instant near where it never does. */
export function instantOf(wall: number, zone: string): number {
  return wall - offsetAt(wall - offsetAt(wall, zone), zone);
}

/** ISO 8601 with the zone's offset: `2026-11-20T03:00:00+01:00`; its first ten characters are the day in the zone. */
export function isoInZone(instant: number, zone: string): string {
  const offset = offsetAt(instant, zone);
  const clock = new Date(instant + offset).toISOString().slice(0, 19);
  if (zone === 'UTC') return `${clock}Z`;
  const minutes = Math.abs(offset) / 60_000;
  const two = (amount: number): string => String(Math.floor(amount)).padStart(2, '0');
  return `${clock}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone);
  if (known) return known;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
    return format;
  } catch {
    return undefined;
  }
}
