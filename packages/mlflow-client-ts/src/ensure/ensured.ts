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
   * Ids (or version numbers) of others that carry the same tag and were left alone, because another caller made them at the
   * same time. Empty unless there was a race.
   */
  readonly duplicates: readonly string[];
}

/** The steps of "find it or create it" for things that MLflow does not keep unique. */
export interface TaggedKind<Item> {
  /** All that carry the tag now. */
  readonly find: () => Promise<readonly Item[]>;
  readonly create: () => Promise<Item>;
  /** Deletes one that this very call created and that lost a race. */
  readonly discard: (item: Item) => Promise<void>;
  readonly idOf: (item: Item) => string;
  /** Negative when `a` came first; total, so that every caller chooses the same one. */
  readonly compare: (a: Item, b: Item) => number;
}

/**
 * Finds what carries a tag, or creates it, without a lock, which MLflow has not.
 *
 * After creating it looks again. If others are there, all callers choose the first one by `compare`; a caller whose own one
 * lost deletes it. Each caller looks after its own creation is committed, so of two callers at least the later sees both.
 */
export async function ensureTagged<Item>(kind: TaggedKind<Item>): Promise<Ensured<Item>> {
  const before = await findInOrder(kind);
  const [found] = before;
  if (found !== undefined) return { item: found, created: false, duplicates: idsAfterFirst(kind, before) };

  const own = await kind.create();
  const ownId = kind.idOf(own);
  const after = await findInOrder(kind);
  const winner = after[0] ?? own;
  const others = after.filter((item) => kind.idOf(item) !== ownId);
  if (kind.idOf(winner) === ownId) return { item: own, created: true, duplicates: others.map(kind.idOf) };

  await kind.discard(own);
  return { item: winner, created: false, duplicates: idsAfterFirst(kind, others) };
}

async function findInOrder<Item>(kind: TaggedKind<Item>): Promise<Item[]> {
  return [...(await kind.find())].sort(kind.compare);
}

function idsAfterFirst<Item>(kind: TaggedKind<Item>, items: readonly Item[]): string[] {
  return items.slice(1).map(kind.idOf);
}

/** Orders by a number, then by an id. */
export function byNumberThenId<Item>(
  numberOf: (item: Item) => number,
  idOf: (item: Item) => string,
): (a: Item, b: Item) => number {
  return (a, b) => numberOf(a) - numberOf(b) || (idOf(a) < idOf(b) ? -1 : 1);
}
