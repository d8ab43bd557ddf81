/** Which columns a model should see, and why not the others. Pure. */
import type { Task } from '../../contracts/trainer';
import { isIdName, isNumberedThrough } from './choose-key';
import type { ColumnFacts, TableFacts } from './table-facts';

/** The columns by what becomes of them. */
export interface FeatureChoice {
  readonly select: readonly ColumnFacts[];
  /** Free text among the selected. */
  readonly text: readonly ColumnFacts[];
  /** Left out, each with a reason in a few words. */
  readonly dropped: readonly { readonly column: ColumnFacts; readonly why: string }[];
  /** Dates and timestamps, which may say when a row was. */
  readonly moments: readonly ColumnFacts[];
  /** Columns like an identifier whose values repeat: rows may come in groups. */
  readonly groups: readonly ColumnFacts[];
}

/** A single feature this strong (AUC, or rank correlation) is the answer, not a hint; a run fails on it. */
const TOO_STRONG = 0.99;

/** @param strengths feature → how well it alone tells the label, 0.5 to 1 (0 to 1 for regression) */
export function chooseFeatures(
  table: TableFacts,
  roles: { readonly key: string | undefined; readonly label: string; readonly task: Task },
  strengths: ReadonlyMap<string, number>,
): FeatureChoice {
  const select: ColumnFacts[] = [];
  const dropped: { column: ColumnFacts; why: string }[] = [];
  for (const column of table.columns) {
    if (column.name === roles.key || column.name === roles.label) continue;
    const why = reasonToDrop(column, table.rows, roles.label, strengths.get(column.name));
    if (why === undefined) select.push(column);
    else dropped.push({ column, why });
  }
  return {
    select,
    text: select.filter(isText),
    dropped,
    moments: table.columns.filter(
      ({ type, missing }) => (type === 'timestamp' || type === 'date') && missing === 0,
    ),
    groups: table.columns.filter((column) => isGroup(column, table.rows, roles)),
  };
}

/** Whether a column is free text: several words, and hardly a value twice. */
function isText(column: ColumnFacts): boolean {
  return column.type === 'string' && !column.nested && column.words >= 3 && column.values.length === 0;
}

function reasonToDrop(
  column: ColumnFacts,
  rows: number,
  label: string,
  strength: number | undefined,
): string | undefined {
  const { name, type, distinct, missing, nested, max, min } = column;
  const present = rows - missing;
  if (name.startsWith('__')) return 'names that begin with __ are reserved';
  if (name.length > 255) return 'its name is longer than 255 characters';
  if (distinct === 0) return 'it has no values';
  if (distinct === 1 && missing === 0) return 'it has the same value in every row';
  if (nested) return 'it has nested values';
  if (type === 'date' || type === 'timestamp')
    return 'a moment: a model would learn the calendar; derive what matters (an age, a weekday)';
  if (type === 'integer' && Math.max(Number(max), -Number(min)) > Number.MAX_SAFE_INTEGER)
    return 'its whole numbers are beyond 2^53, as identifiers are';
  if (isNumberedThrough(column, rows)) return 'it numbers the rows';
  const unique = distinct > 0.9 * present;
  if (type === 'integer' && isIdName(name) && distinct > 0.2 * present && distinct > MANY)
    return 'it looks like an identifier';
  if (type === 'string' && !isText(column) && unique && distinct > MANY)
    return 'it is different in almost every row, like an identifier or a name';
  if (type === 'string' && !isText(column) && isIdName(name) && distinct > 0.2 * present && distinct > MANY)
    return 'it looks like an identifier';
  if (strength !== undefined && strength > TOO_STRONG)
    return `it alone tells ${label} (${strength.toFixed(3)}): it is probably known only afterwards`;
  return undefined;
}

/** With fewer values than this a column is a category, whatever its name. */
const MANY = 50;

function isGroup(
  column: ColumnFacts,
  rows: number,
  roles: { key: string | undefined; label: string },
): boolean {
  return (
    column.name !== roles.key &&
    column.name !== roles.label &&
    (column.type === 'integer' || column.type === 'string') &&
    isIdName(column.name) &&
    column.missing === 0 &&
    column.distinct > MANY &&
    column.distinct < 0.9 * rows
  );
}
