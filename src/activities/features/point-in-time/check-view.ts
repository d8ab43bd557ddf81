/** Whether a view fits the dataset: its columns are there, and have types that can be compared. */
import { MillraceError } from '../../../contracts/errors';
import { didYouMean } from '../../../contracts/file-problems';
import type { PointInTime } from '../../../contracts/pipeline-file';
import { RESERVED_PREFIX, sameColumn } from '../../sql/column-names';
import { logicalTypeOf } from '../logical-types';
import type { TypedColumn } from '../typed-column';
import { isMoment } from './moments';

/** The columns of a join. */
export interface ViewFit {
  readonly at: TypedColumn;
  readonly entity: TypedColumn;
  readonly timestamp: TypedColumn;
  /** Type in which entities are compared. */
  readonly entityType: string;
  /** Names of the joined columns, in the order of `select`. */
  readonly columns: readonly string[];
}

/**
 * Checks a view against the dataset.
 * @param taken names that the joined columns may not have
 * @throws FEATURE_INVALID: a column is missing, has another type than its counterpart, or a name is taken
 */
export function fitView(
  where: string,
  spec: PointInTime,
  dataset: readonly TypedColumn[],
  view: readonly TypedColumn[],
  taken: readonly string[],
): ViewFit {
  const at = required(dataset, spec.at, 'the dataset', where);
  const timestamp = required(view, spec.timestamp ?? spec.at, 'the view', where);
  const entity = required(dataset, spec.entity, 'the dataset', where);
  const entityType = commonType(entity, required(view, spec.entity, 'the view', where), where);
  for (const column of spec.select) required(view, column, 'the view', where);
  refuseTimeless(at, 'the dataset', where);
  refuseTimeless(timestamp, 'the view', where);
  const columns = spec.select.map((column) => `${spec.prefix}${column}`);
  refuseTaken(columns, taken, where);
  return { at, entity, timestamp, entityType, columns };
}

/** The column of that name. @throws FEATURE_INVALID with the nearest name. */
export function required(
  columns: readonly TypedColumn[],
  name: string,
  place: string,
  where: string,
): TypedColumn {
  const found = columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  const names = columns.map((column) => column.name).filter((known) => !known.startsWith(RESERVED_PREFIX));
  throw invalid(where, `There is no column ${name} in ${place}${didYouMean(name, names)}.`, 'Mend the name.');
}

function commonType(entity: TypedColumn, other: TypedColumn, where: string): string {
  const type = logicalTypeOf(entity.type);
  if (type === logicalTypeOf(other.type) && type === 'integer') return 'HUGEINT';
  if (type === logicalTypeOf(other.type) && type === 'category') return 'VARCHAR';
  throw invalid(
    where,
    `The entity ${entity.name} is ${entity.type} in the dataset and ${other.type} in the view.`,
    'Make both whole numbers or both texts, in dataset.sql or in the view.',
  );
}

function refuseTimeless(column: TypedColumn, place: string, where: string): void {
  if (isMoment(column.type)) return;
  throw invalid(
    where,
    `${column.name} of ${place} is ${column.type}, not a date or a timestamp.`,
    'Name a time column, or cast it in dataset.sql.',
  );
}

function refuseTaken(columns: readonly string[], taken: readonly string[], where: string): void {
  for (const [position, column] of columns.entries()) {
    const other = [...taken, ...columns.slice(0, position)].find((name) => sameColumn(name, column));
    if (other === undefined && !column.startsWith(RESERVED_PREFIX)) continue;
    throw invalid(
      where,
      other === undefined
        ? `The joined column ${column} has a name that is reserved.`
        : `The joined column ${column} has the name of another column.`,
      'Give the view a prefix of its own.',
    );
  }
}

function invalid(where: string, message: string, mend: string): MillraceError {
  return new MillraceError('FEATURE_INVALID', message, { where, mend });
}
