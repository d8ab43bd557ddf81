/** Numbers, times and sizes as the report writes them: in English, in UTC, the same on every machine. */

/** Where there is nothing to show. */
export const NOTHING = '–';

/** A whole number with thousands separated: `7,043`. */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A measured value with the digits that mean something: four decimals below 100, four or more significant digits above. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return minus(value.toExponential(2));
  if (size >= 1000)
    return minus(value.toLocaleString('en-US', { maximumFractionDigits: size >= 100_000 ? 0 : 1 }));
  return minus(size >= 100 ? value.toFixed(2) : value.toFixed(4));
}

/** `0.8402–0.8811`; with words where a dash beside a minus sign could be taken for one. */
export function formatRange(lower: number, upper: number): string {
  return `${formatNumber(lower)}${lower < 0 ? ' to ' : '–'}${formatNumber(upper)}`;
}

/** {@link formatNumber} without trailing zeros, for data and axes: `0.5`, `12`. */
export function formatShort(value: number): string {
  const text = formatNumber(value);
  return text.includes('.') && !text.includes('e') ? text.replace(/\.?0+$/, '') : text;
}

/** `7.2%`, of a share from 0 to 1. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.001) return '<0.1%';
  if (share < 1 && share > 0.999) return '>99.9%';
  return `${(share * 100).toFixed(1).replace(/\.0$/, '')}%`;
}

/** `1.4 MB`; decimal units, as file managers show. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const unit = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${unit === 0 ? bytes : (bytes / 1000 ** unit).toFixed(1)} ${units[unit] ?? ''}`;
}

/** `21 Nov 2026, 12:30:15 UTC`; a text that is no time is shown as it is. */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const day = time.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return `${day}, ${time.toISOString().slice(11, 19)} UTC`;
}

/** Seconds between two moments, or undefined when either is missing or no time. */
export function secondsBetween(start: string | undefined, end: string | undefined): number | undefined {
  if (start === undefined || end === undefined) return undefined;
  const seconds = (Date.parse(end) - Date.parse(start)) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

/** A text of at most `length` characters; what is cut is shown to be. */
export function shorten(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

/** `1 row`, `2 rows`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A true minus sign: a hyphen is easily overlooked before a figure. */
function minus(text: string): string {
  return text.startsWith('-') ? `−${text.slice(1)}` : text;
}
