/** Which side each row is on: the session's table `assigned` (`__row_id`, `__side`, `__label`, and `__cluster` where rows depend on each other). */
import { MillraceError } from '../../../contracts/errors';
import { didYouMean } from '../../../contracts/file-problems';
import type { PipelineSpec } from '../../../contracts/pipeline-file';
import { ROW_ID_COLUMN } from '../../../contracts/trainer';
import { quoteIdentifier, type TableSession } from '../../../ports/table-engine';
import { findColumn } from '../../sql/column-names';
import type { TypedColumn } from '../typed-column';
import { groupCluster, timeCluster } from './clusters';
import { hashPlace, hashSide, hashThresholds, type HashThresholds } from './hash-sides';
import { timeBoundaries, timeSide, timeValue, type TimeBoundaries } from './time-sides';

/** How the sides were told apart: written to `split.json`. */
export type Assignment =
  | {
      readonly by: 'key' | 'group';
      readonly column: string;
      readonly seed: number;
      readonly thresholds: HashThresholds;
      /** Rows without a group: they count as one. */
      readonly withoutGroup: number;
    }
  | { readonly by: 'time'; readonly column: string; readonly boundaries: TimeBoundaries };

/**
 * Assigns the rows of the session's table `joined`. Rows within a time gap get no side and are left out.
 * @param label SQL of the encoded label
 * @throws DATASET_INVALID where the column that the split goes by is missing or has no usable value
 */
export async function assignSides(
  session: TableSession,
  spec: PipelineSpec,
  columns: readonly TypedColumn[],
  label: string,
): Promise<Assignment> {
  const { split, dataset } = spec;
  const by = split.by ?? (split.group !== undefined ? 'group' : split.time !== undefined ? 'time' : 'key');
  if (by === 'time') return assignByTime(session, spec, columns, label);
  const column =
    by === 'group'
      ? required(columns, split.group ?? '', 'split.group').name
      : dataset.key === undefined
        ? ROW_ID_COLUMN
        : required(columns, dataset.key, 'dataset.key').name;
  // Without a key the row id is a hash of the content, and rows of equal content have a number after it: they stay together.
  const identity =
    column === ROW_ID_COLUMN ? `split_part(${ROW_ID_COLUMN}, '-', 1)` : quoteIdentifier(column);
  const thresholds = hashThresholds(split);
  const text = `CAST(${quoteIdentifier(column)} AS VARCHAR)`;
  await session.run(
    `CREATE TEMP TABLE assigned AS
     SELECT ${ROW_ID_COLUMN}, ${hashSide('place', thresholds)} AS __side, __label${by === 'group' ? `, ${groupCluster()} AS __cluster` : ''}
     FROM (SELECT ${ROW_ID_COLUMN}, ${hashPlace(identity, split.seed)} AS place, coalesce(${text}, '') AS group_text, ${label} AS __label FROM joined)`,
  );
  const { missing } = await session.row(
    `SELECT count(*) - count(${quoteIdentifier(column)}) AS missing FROM joined`,
  );
  return { by, column, seed: split.seed, thresholds, withoutGroup: Number(missing) };
}

async function assignByTime(
  session: TableSession,
  { split }: PipelineSpec,
  columns: readonly TypedColumn[],
  label: string,
): Promise<Assignment> {
  const column = required(columns, split.time?.column ?? '', 'split.time.column');
  await session.run(
    `CREATE TEMP TABLE timed AS SELECT ${ROW_ID_COLUMN}, ${timeValue(column, split.time?.gap ?? 0)} AS moment, ${label} AS __label FROM joined`,
  );
  const boundaries = await timeBoundaries(session, column.name, split);
  await session.run(
    `CREATE TEMP TABLE assigned AS
     SELECT ${ROW_ID_COLUMN}, __side, __label, ${timeCluster()} AS __cluster
     FROM (SELECT *, row_number() OVER (PARTITION BY __side ORDER BY moment, ${ROW_ID_COLUMN}) - 1 AS place, count(*) OVER (PARTITION BY __side) AS side_rows
           FROM (SELECT *, ${timeSide(boundaries)} AS __side FROM timed) WHERE __side IS NOT NULL)`,
  );
  await session.run('DROP TABLE timed');
  return { by: 'time', column: column.name, boundaries };
}

function required(columns: readonly TypedColumn[], name: string, where: string): TypedColumn {
  const found = findColumn(columns, name);
  if (found !== undefined) return found;
  const names = columns.map((column) => column.name);
  throw new MillraceError(
    'DATASET_INVALID',
    `There is no column ${name} to split by${didYouMean(name, names)}.`,
    {
      where: `${where}: ${name}`,
      mend: 'Mend the name.',
    },
  );
}
