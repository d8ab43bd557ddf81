/** Whether every side has rows enough to mean anything. */
import { MillraceError } from '../../../contracts/errors';
import type { Task } from '../../../contracts/trainer';
import type { TableSession } from '../../../ports/table-engine';

/** Rows by side. */
export interface SideCounts {
  readonly train: number;
  readonly validation: number;
  readonly holdout: number;
}

const SIDES = ['train', 'validation', 'holdout'] as const;

/**
 * Counts the session's table `assigned`.
 * @throws SPLIT_TOO_SMALL where a side is empty or lacks a class, with the counts of all.
 */
export async function checkSides(
  session: TableSession,
  task: Task,
  classes: readonly string[],
  mend: string,
): Promise<SideCounts> {
  const rows = await session.rows(
    `SELECT __side AS side, ${task === 'regression' ? '0' : '__label'} AS class, count(*) AS n FROM assigned GROUP BY ALL ORDER BY ALL`,
  );
  const count = (side: string, place?: number): number =>
    rows
      .filter((row) => row.side === side && (place === undefined || row.class === place))
      .reduce((sum, row) => sum + Number(row.n), 0);
  const counts = { train: count('train'), validation: count('validation'), holdout: count('holdout') };
  // An empty side says more than one that lacks a class.
  for (const side of [...SIDES].sort((a, b) => Math.sign(counts[a]) - Math.sign(counts[b]))) {
    const lacking = task === 'regression' ? [] : classes.filter((_, place) => count(side, place) === 0);
    if (counts[side] > 0 && lacking.length === 0) continue;
    const named = lacking.slice(0, 5).join(', ') + (lacking.length > 5 ? ' and others' : '');
    throw new MillraceError(
      'SPLIT_TOO_SMALL',
      counts[side] === 0
        ? `The split leaves no row for ${side}: ${inWords(counts)}.`
        : `The split leaves no row of class ${named} for ${side}: ${inWords(counts)}.`,
      {
        where: 'split',
        mend,
        details: {
          ...counts,
          classes: Object.fromEntries(
            SIDES.map((each) => [
              each,
              Object.fromEntries(classes.slice(0, 20).map((name, place) => [name, count(each, place)])),
            ]),
          ),
        },
      },
    );
  }
  return counts;
}

function inWords(counts: SideCounts): string {
  return SIDES.map((side) => `${counts[side]} for ${side}`).join(', ');
}
