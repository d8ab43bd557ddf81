/** Which column tells rows apart. Pure. */
import { MillraceError } from '../../contracts/errors';
import { didYouMean } from '../../contracts/file-problems';
import type { ColumnFacts, TableFacts } from './table-facts';

const ID_NAME =
  /(^|[^a-z])(id|ids|key|uuid|guid|no|nr|number|code|hash|rownames?|index)$|^(id|uuid|guid|key|index|rownames?)([^a-z]|$)|[a-z]I[dD]$/;

/** Whether a column is called like an identifier: `customer_id`, `customerID`, `Id`, `order-no`. */
export function isIdName(name: string): boolean {
  return ID_NAME.test(name) || ID_NAME.test(name.toLowerCase());
}

/**
 * The column that identifies a row: unique, complete, and called like an identifier, or a short text, or numbered through. Undefined when
 * there is none: rows are then identified by their content.
 */
export function chooseKey(table: TableFacts, label: string): string | undefined {
  const candidates = table.columns
    .filter(
      (column) => column.name !== label && isUnique(column, table.rows) && !column.name.startsWith('__'),
    )
    .map((column) => ({ column, fitness: fitnessOf(column, table.rows) }))
    .filter(({ fitness }) => fitness > 0)
    .sort((a, b) => b.fitness - a.fitness);
  return candidates[0]?.column.name;
}

function fitnessOf(column: ColumnFacts, rows: number): number {
  if (column.type !== 'integer' && column.type !== 'string') return 0;
  if (column.nested || column.words > 2) return 0;
  if (isIdName(column.name)) return 3;
  if (isNumberedThrough(column, rows)) return 2;
  return column.type === 'string' && column.words <= 1 ? 1 : 0;
}

/** Row numbers: from 0 or any start, without a gap. */
export function isNumberedThrough({ type, min, max, distinct }: ColumnFacts, rows: number): boolean {
  return (
    type === 'integer' &&
    distinct === rows &&
    rows > 1 &&
    typeof min === 'number' &&
    typeof max === 'number' &&
    max - min === rows - 1
  );
}

function isUnique(column: ColumnFacts, rows: number): boolean {
  return column.missing === 0 && column.distinct === rows;
}

/** Checks the key that a person names. @throws DATASET_INVALID when it does not tell rows apart. */
export function assertKey(table: TableFacts, key: string, label: string): void {
  const column = columnNamed(table, key, '--key');
  const refuse = (why: string): MillraceError =>
    new MillraceError('DATASET_INVALID', `The column ${key} cannot be the key: ${why}.`, {
      where: key,
      mend: 'Name another column with --key, or leave it out: rows are then identified by their content.',
    });
  if (key === label) throw refuse('it is the label');
  if (column.missing > 0) throw refuse(`it is missing in ${column.missing} of ${table.rows} rows`);
  if (column.distinct < table.rows)
    throw refuse(`it has ${column.distinct} values in ${table.rows} rows, so that rows share one`);
}

/** The column of this name. @throws DATASET_INVALID with the nearest name. */
export function columnNamed(table: TableFacts, name: string, option: string): ColumnFacts {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  const names = table.columns.map((candidate) => candidate.name);
  throw new MillraceError('DATASET_INVALID', `The file has no column ${name}${didYouMean(name, names)}.`, {
    where: option,
    mend: `Its columns are ${names.slice(0, 30).join(', ')}${names.length > 30 ? ', …' : ''}.`,
  });
}
