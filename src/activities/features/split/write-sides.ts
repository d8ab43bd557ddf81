/** The files of a split. */
import { join } from 'node:path';
import { ROW_ID_COLUMN, type FeaturePacking, type Task } from '../../../contracts/trainer';
import { quoteIdentifier, quoteLiteral, type TableSession } from '../../../ports/table-engine';
import { sameColumn } from '../../sql/column-names';
import { canonicalColumn, logicalTypeOf } from '../logical-types';
import type { TypedColumn } from '../typed-column';
import { SPLIT_FILES } from '../step-files';
import { trainingLabel } from './labels';

/** What is written from the session's tables `joined` and `assigned`. */
export interface SplitContent {
  readonly columns: readonly TypedColumn[];
  readonly packing: FeaturePacking;
  readonly label: string;
  readonly task: Task;
  readonly classes: readonly string[];
  readonly clustered: boolean;
}

/**
 * Writes the tables of all sides, sorted by row id. Equal rows give equal bytes, in whatever order they came and on any number of threads: only a
 * sort right before the file does that (measured on DuckDB 1.5.6: a filter over a sorted table leaves row groups whose size the threads decide).
 */
export async function writeSides(
  session: TableSession,
  content: SplitContent,
  directory: string,
): Promise<void> {
  const { columns, packing, label, task, classes } = content;
  await session.run(
    `CREATE TEMP TABLE placed AS
     SELECT joined.*, assigned.__side, assigned.__label${content.clustered ? ', assigned.__cluster' : ''}
     FROM joined JOIN assigned ON joined.${ROW_ID_COLUMN} = assigned.${ROW_ID_COLUMN}`,
  );
  const inputs = packing.inputs.map((column) => canonicalColumn(column.name, column.type));
  const others = columns
    .filter((column) => column.name !== ROW_ID_COLUMN && !sameColumn(column.name, label))
    .map((column) => {
      const type = logicalTypeOf(column.type);
      return type === undefined ? quoteIdentifier(column.name) : canonicalColumn(column.name, type);
    });
  const own = ['__side', '__label', ...(content.clustered ? ['__cluster'] : [])];
  const write = (file: string, list: readonly string[], side?: string): Promise<void> =>
    session.run(
      `COPY (SELECT ${list.join(', ')} FROM placed ${side === undefined ? '' : `WHERE __side = ${quoteLiteral(side)}`} ORDER BY ${ROW_ID_COLUMN})
       TO ${quoteLiteral(join(directory, file))} (FORMAT parquet)`,
    );
  await write(SPLIT_FILES.rows, [
    ROW_ID_COLUMN,
    ...own,
    ...columns
      .filter((column) => column.name !== ROW_ID_COLUMN)
      .map((column) => quoteIdentifier(column.name)),
  ]);
  const trained = `${trainingLabel(task, classes)} AS ${quoteIdentifier(label)}`;
  await write(SPLIT_FILES.train, [ROW_ID_COLUMN, ...inputs, trained], 'train');
  await write(SPLIT_FILES.validation, [ROW_ID_COLUMN, ...inputs], 'validation');
  await write(SPLIT_FILES.holdout, [ROW_ID_COLUMN, ...others], 'holdout');
}
