/**
 * Sides by time: the oldest rows train, the newest are held out. The boundaries lie where the shares of rows end, so with newer rows they
 * move forward only: a row goes from hold-out to validation to training as it ages, never back (docs/adr/0003). Rows of one instant are
 * never parted.
 */
import { MillraceError } from '../../../contracts/errors';
import type { Split } from '../../../contracts/pipeline-file';
import { quoteIdentifier, type TableSession } from '../../../ports/table-engine';
import type { TypedColumn } from '../typed-column';
import { isMoment, momentOf } from '../point-in-time/moments';

/** First instants of validation and hold-out, in the unit of {@link timeValue}, as text: 64 bits are more than a number holds. */
export interface TimeBoundaries {
  readonly validation: string;
  readonly holdout: string;
  /** How far before a boundary rows are dropped, in the same unit. */
  readonly gap: number;
}

/** SQL for a time as a number: microseconds since 1970 in UTC for dates and timestamps, a number as it is. @throws DATASET_INVALID. */
export function timeValue(column: TypedColumn, gapSeconds: number): string {
  if (isMoment(column.type)) return momentOf(column.name, column.type);
  const where = `split.time.column: ${column.name}`;
  if (!/^(U?(TINY|SMALL|BIG)?INT(EGER)?|FLOAT|DOUBLE)$/.test(column.type))
    throw new MillraceError('DATASET_INVALID', `The split's time ${column.name} is ${column.type}.`, {
      where,
      mend: 'Name a date, a timestamp or a number, or cast it in dataset.sql.',
    });
  if (gapSeconds > 0)
    throw new MillraceError(
      'DATASET_INVALID',
      `The split's time ${column.name} is a number, so that a gap has no unit.`,
      {
        where,
        mend: 'Cast it to a date or a timestamp in dataset.sql, or leave split.time.gap out.',
      },
    );
  const name = quoteIdentifier(column.name);
  return /FLOAT|DOUBLE/.test(column.type) ? `CASE WHEN isfinite(${name}) THEN ${name} END` : name;
}

/**
 * Finds the boundaries in the session's table `timed` (column `moment`).
 * @throws DATASET_INVALID where rows have no time: they belong to no side.
 */
export async function timeBoundaries(
  session: TableSession,
  column: string,
  split: Split,
): Promise<TimeBoundaries> {
  const { total, timed } = await session.row('SELECT count(*) AS total, count(moment) AS timed FROM timed');
  if (total !== timed)
    throw new MillraceError(
      'DATASET_INVALID',
      `${Number(total) - Number(timed)} of ${Number(total)} rows have no time to split by.`,
      {
        where: `split.time.column: ${column}`,
        mend: 'Leave them out in dataset.sql, or split by key or group.',
      },
    );
  const first = (share: number): number =>
    Math.min(Math.floor(Number(total) * share), Math.max(Number(total) - 1, 0));
  const boundary = async (share: number): Promise<string> => {
    const found = await session.rows(
      `SELECT CAST(moment AS VARCHAR) AS moment FROM timed ORDER BY timed.moment LIMIT 1 OFFSET ${first(share)}`,
    );
    return String(found[0]?.moment ?? 0);
  };
  return {
    validation: await boundary(1 - split.holdout - split.validation),
    holdout: await boundary(1 - split.holdout),
    gap: Math.round((split.time?.gap ?? 0) * 1e6),
  };
}

/** SQL for the side of a `moment`; NULL for a row within the gap before a boundary. */
export function timeSide({ validation, holdout, gap }: TimeBoundaries): string {
  const within = (boundary: string): string => `(moment < ${boundary} AND moment >= ${boundary} - ${gap})`;
  const dropped = gap > 0 ? `WHEN ${within(holdout)} OR ${within(validation)} THEN NULL` : '';
  return `CASE ${dropped} WHEN moment >= ${holdout} THEN 'holdout' WHEN moment >= ${validation} THEN 'validation' ELSE 'train' END`;
}
