/** Names of columns, compared as DuckDB compares them. */

/** Names that begin so are Millrace's own. */
export const RESERVED_PREFIX = '__';

/** Lower case of ASCII letters only: this, and no more, is what DuckDB ignores in an identifier. */
export function asciiLower(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Whether two identifiers reach the same column. */
export function sameColumn(one: string, other: string): boolean {
  return asciiLower(one) === asciiLower(other);
}

/** The column that an identifier reaches, as it is written in the data. */
export function findColumn<Column extends { readonly name: string }>(
  columns: readonly Column[],
  name: string,
): Column | undefined {
  return (
    columns.find((column) => column.name === name) ?? columns.find((column) => sameColumn(column.name, name))
  );
}
