/** Moments as whole microseconds since 1970 in UTC, so that "not after" and "not older than" are exact comparisons of integers. */
import { quoteIdentifier } from '../../../ports/table-engine';

/** Whether a DuckDB type is a day or a moment. */
export function isMoment(type: string): boolean {
  return type === 'DATE' || /^TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?$/.test(type);
}

/**
 * SQL for the moment that a row of the dataset stands for: a day is its first instant; a time without zone is taken as UTC. Missing or
 * infinite gives NULL. Nanoseconds are cut off, so the moment is never later than it was.
 */
export function momentOf(column: string, type: string): string {
  const name = quoteIdentifier(column);
  return `CASE WHEN isfinite(${name}) THEN ${type === 'TIMESTAMP_NS' ? `epoch_ns(${name}) // 1000` : `epoch_us(${name})`} END`;
}

const DAY = 86_400_000_000;

/**
 * SQL for the moment from which a row of a view is known. As {@link momentOf}, but never earlier than it was: nanoseconds are rounded up, and
 * where the dataset's rows have a time of day, a day of the view is known when it has ended.
 */
export function knownSince(column: string, type: string, datasetType: string): string {
  const moment = momentOf(column, type);
  if (type === 'DATE' && datasetType !== 'DATE') return `${moment} + ${DAY}`;
  if (type === 'TIMESTAMP_NS')
    return `${moment} + CASE WHEN epoch_ns(${quoteIdentifier(column)}) % 1000 = 0 THEN 0 ELSE 1 END`;
  return moment;
}
