import { required } from './required';

/** MLflow's lists of `{ key, value }` as a record; the last one of a key wins. */
export function recordOf(
  pairs: readonly Partial<Record<'key' | 'value', string | undefined>>[] | undefined,
): Record<string, string> {
  // Own properties by definition, so that a key named `__proto__` stays a key.
  return Object.fromEntries((pairs ?? []).map(({ key, value }) => [required(key, 'key'), value ?? '']));
}

/** A record as MLflow's list of `{ key, value }`. */
export function pairsOf(
  record: Readonly<Record<string, string>> | undefined,
): { key: string; value: string }[] {
  return Object.entries(record ?? {}).map(([key, value]) => ({ key, value }));
}

/** A list in pieces of at most `size`. */
export function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  const chunks: Item[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}
