/** Names out of file names. Pure. */

/** A pipeline's name: `Telco Churn (2024).csv` → `telco-churn-2024`. */
export function slugOf(text: string): string {
  const slug = text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replaceAll(/^-+|-+$/g, '');
  return slug === '' ? 'pipeline' : slug;
}

/** A source's name, an SQL identifier: `2024-orders` → `orders`. */
export function identifierOf(slug: string): string {
  const name = slug.replaceAll('-', '_').replace(/^[0-9_]+/, '');
  return name === '' ? 'rows' : name;
}

/** The file's name without folders and endings: `data/orders.csv.gz` → `orders`. */
export function stemOf(path: string): string {
  return (path.split(/[/\\]/).at(-1) ?? '').replace(
    /(\.(csv|tsv|tab|txt|parquet|jsonl|ndjson|json))?(\.gz)?$/i,
    '',
  );
}
