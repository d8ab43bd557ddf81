import { unexpectedResponse } from '../transport/failure';

/** A tag that names a thing: the same key and value mean the same thing, however often it is asked for. */
export interface IdentityTag {
  readonly key: string;
  readonly value: string;
}

/** The outcome of "find it or create it". */
export interface Ensured<Item> {
  readonly item: Item;
  /** True when this call created it. */
  readonly created: boolean;
  /**
   * Ids (or version numbers) of others that carry the same tag, left by calls that overlapped or were cut off. They are not
   * this call's own, so it leaves them alone; whoever owns the tag may delete them. Empty unless there was a race.
   */
  readonly duplicates: readonly string[];
}

/** The steps of "find it or create it" for things that MLflow does not keep unique. */
export interface TaggedKind<Item> {
  readonly identity: IdentityTag;
  /** Those that carry the tag now, by MLflow's search; what does not carry it exactly is left out here. */
  readonly find: () => Promise<readonly Item[]>;
  readonly create: () => Promise<Item>;
  /** Deletes one that this very call created and that lost a race. */
  readonly discard: (item: Item) => Promise<void>;
  readonly idOf: (item: Item) => string;
  readonly tagsOf: (item: Item) => Readonly<Record<string, string>>;
  /** Negative when `a` came first; total, so that every caller chooses the same one. */
  readonly compare: (a: Item, b: Item) => number;
}

/**
 * Finds what carries a tag, or creates it, without a lock, which MLflow has not.
 *
 * After creating it looks again. If others are there, all callers choose the first one by `compare`; a caller whose own one
 * lost deletes it. Each caller looks after its own creation is committed, so of two callers at least the later sees both.
 *
 * @throws MlflowError `UNEXPECTED_RESPONSE` when what was just created is not found: repeating would make one more each time.
 */
export async function ensureTagged<Item>(kind: TaggedKind<Item>): Promise<Ensured<Item>> {
  const [found, ...more] = await inOrder(kind);
  if (found !== undefined) return { item: found, created: false, duplicates: more.map(kind.idOf) };

  const own = await kind.create();
  const ownId = kind.idOf(own);
  const [winner, ...others] = await inOrder(kind);
  if (winner === undefined) {
    throw unexpectedResponse(
      'a search by tag',
      `it does not find ${ownId}, created with ${kind.identity.key} just now`,
    );
  }
  if (kind.idOf(winner) === ownId) return { item: winner, created: true, duplicates: others.map(kind.idOf) };

  await kind.discard(own);
  const duplicates = others.map(kind.idOf).filter((id) => id !== ownId);
  return { item: winner, created: false, duplicates };
}

async function inOrder<Item>(kind: TaggedKind<Item>): Promise<Item[]> {
  const { key, value } = kind.identity;
  // Databases compare text by their own rules, some without regard to case.
  const exact = (await kind.find()).filter((item) => kind.tagsOf(item)[key] === value);
  return exact.sort(kind.compare);
}

/** Orders by a number, then by an id. */
export function byNumberThenId<Item>(
  numberOf: (item: Item) => number,
  idOf: (item: Item) => string,
): (a: Item, b: Item) => number {
  return (a, b) => numberOf(a) - numberOf(b) || (idOf(a) < idOf(b) ? -1 : 1);
}
