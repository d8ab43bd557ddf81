import { unexpectedResponse } from './transport/failure';

/** One page of an answer that may have more. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Opaque; empty or missing on the last page. */
  readonly nextPageToken: string | undefined;
}

/**
 * All items of all pages, fetched as they are asked for: leaving the loop early saves the rest.
 *
 * @throws MlflowError `UNEXPECTED_RESPONSE` when the server hands out a page token twice, which would never end.
 */
export async function* paginate<Item>(
  fetchPage: (pageToken: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item, void, undefined> {
  const seen = new Set<string>();
  let pageToken: string | undefined;
  do {
    const page = await fetchPage(pageToken);
    yield* page.items;
    pageToken = page.nextPageToken === '' ? undefined : page.nextPageToken;
    if (pageToken !== undefined && seen.has(pageToken)) {
      throw unexpectedResponse('a listing', 'it repeats a page token');
    }
    if (pageToken !== undefined) seen.add(pageToken);
  } while (pageToken !== undefined);
}

/** Everything an async iterator yields, as an array. For listings that are known to be short. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
