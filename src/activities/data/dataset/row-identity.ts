/** SQL that says which row a row is, and in which order rows are kept. */
import { quoteIdentifier, quoteLiteral } from '../../../ports/table-engine';
import type { CanonicalColumn } from './canonical-columns';

/**
 * A row's content as 128 bits in hexadecimal: MD5 of its values as JSON, by the names of the columns. Independent of the order of columns,
 * of the machine and of the engine's version, which its own hash functions are not.
 */
export function contentHash(columns: readonly CanonicalColumn[]): string {
  const members = [...columns]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name }) => `${quoteLiteral(name)}: ${quoteIdentifier(name)}`);
  return members.length === 0 ? "''" : `md5(CAST(to_json({${members.join(', ')}}) AS VARCHAR))`;
}

/**
 * 64 bits that order rows by chance, always the same way: neither the order of the source nor that of the keys (often that of time) is
 * left in a dataset. Salted, so that a sample of the first rows says nothing on who is held out, which is told by another hash of the row id.
 */
export function orderHash(rowId: string): string {
  return `md5_number_lower('millrace/order/' || ${rowId})`;
}
