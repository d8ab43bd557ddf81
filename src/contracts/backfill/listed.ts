/** Lists that stay small, however long the names in them are. Pure. */

/** Bytes that the failures of a backfill may take as JSON. With {@link OPEN_BYTES} and the rest, a status stays below 16 KB. */
export const FAILURES_BYTES = 8000;
/** Bytes that the list of its open runs may take. */
export const OPEN_BYTES = 4000;

/** The first items that take no more than so many bytes as JSON in UTF-8. */
export function fitting<Item>(items: readonly Item[], bytes: number): Item[] {
  let taken = '[]'.length;
  const end = items.findIndex((item) => (taken += bytesOf(item) + ','.length) > bytes);
  return items.slice(0, end < 0 ? items.length : end);
}

function bytesOf(item: unknown): number {
  return new TextEncoder().encode(JSON.stringify(item)).length;
}
