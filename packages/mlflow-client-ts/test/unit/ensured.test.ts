/**
 * Catches "find it or create it" that makes one more at every call, gives out what it deletes, or trusts a search that
 * answers with something else. The steps are driven one by one here, in orders that a real server seldom shows.
 */
import { byNumberThenId, ensureTagged, type TaggedKind } from '../../src/ensure/ensured';
import { loggedModelTagEquals, quoteValue, tagEquals } from '../../src/index';

interface Thing {
  readonly id: string;
  readonly at: number;
  readonly tags: Record<string, string>;
}

const identity = { key: 'k', value: 'v' };
const thing = (id: string, at: number, value = 'v'): Thing => ({ id, at, tags: { k: value } });

/** A store in memory; `onCreate` slips in what others do at that moment. */
function kindOf(store: Thing[], own: Thing, onCreate: () => void = () => undefined): TaggedKind<Thing> {
  return {
    identity,
    find: () => Promise.resolve([...store]),
    create: () => {
      store.push(own);
      onCreate();
      return Promise.resolve(own);
    },
    discard: ({ id }) => {
      store.splice(
        store.findIndex((item) => item.id === id),
        1,
      );
      return Promise.resolve();
    },
    idOf: ({ id }) => id,
    tagsOf: ({ tags }) => tags,
    compare: byNumberThenId(
      ({ at }) => at,
      ({ id }) => id,
    ),
  };
}

it('creates one and finds it again', async () => {
  const store: Thing[] = [];
  await expect(ensureTagged(kindOf(store, thing('a', 1)))).resolves.toMatchObject({
    created: true,
    duplicates: [],
  });
  await expect(ensureTagged(kindOf(store, thing('b', 0)))).resolves.toMatchObject({
    item: { id: 'a' },
    created: false,
  });
  expect(store).toHaveLength(1);
});

it('gives way to an earlier one that appeared meanwhile, and takes its own away', async () => {
  const store: Thing[] = [];
  const result = await ensureTagged(
    kindOf(store, thing('b', 2), () => store.push(thing('a', 1), thing('c', 3))),
  );
  expect(result).toEqual({ item: thing('a', 1), created: false, duplicates: ['c'] });
  expect(store.map(({ id }) => id)).toEqual(['a', 'c']);
});

it('stays with its own when a later one appeared meanwhile, and does not touch that', async () => {
  const store: Thing[] = [];
  const result = await ensureTagged(
    kindOf(store, thing('b', 2), () => store.push(thing('a', 2.5), thing('c', 2))),
  );
  expect(result).toEqual({ item: thing('b', 2), created: true, duplicates: ['c', 'a'] });
  expect(store).toHaveLength(3);
});

it('does not take a neighbour for it: the search may compare without regard to case', async () => {
  const store = [thing('a', 1, 'V')];
  await expect(ensureTagged(kindOf(store, thing('b', 2)))).resolves.toMatchObject({
    item: { id: 'b' },
    created: true,
  });
});

it('stops when a search does not find what was just created', async () => {
  const blind = { ...kindOf([], thing('a', 1)), find: () => Promise.resolve([]) };
  await expect(ensureTagged(blind)).rejects.toMatchObject({
    errorCode: 'UNEXPECTED_RESPONSE',
    retryable: false,
  });
});

it('asks in words that MLflow can parse, or not at all', () => {
  expect(tagEquals('a.b/c d', 'x')).toBe("tags.`a.b/c d` = 'x'");
  expect(tagEquals('k', "it's")).toBe('tags.`k` = "it\'s"');
  expect(loggedModelTagEquals('k', 'say "x"')).toBe('tags.`k` = \'say "x"\'');
  for (const ask of [
    () => quoteValue(`'"`),
    () => tagEquals('`', 'x'),
    () => loggedModelTagEquals('k', "'"),
  ]) {
    expect(ask).toThrow(/cannot express/);
  }
});
