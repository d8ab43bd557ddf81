/** What every ledger promises of announcements, waiters and subscriptions, whatever database is behind it. */
import { openLedger } from '../../../src/adapters/ledger/open';
import { announcementIdFor, type Announcement } from '../../../src/contracts/announcements';
import type { Ledger } from '../../../src/ports/ledger';
import type { LedgerPlace } from './contract';

const said = (name: string, minute: number, outcome: Announcement['outcome'] = 'published'): Announcement => {
  const subject = { kind: 'dataset', name, workflowId: `run-${String(minute)}`, runId: 'r' } as const;
  const at = new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
  return { ...subject, id: announcementIdFor(subject), outcome, pipeline: 'p', at };
};

/** Tests the ledger at the place that `empty` makes. */
export function announcementContract(empty: () => Promise<LedgerPlace>): void {
  let opened: Ledger[] = [];
  const open = async (place: LedgerPlace): Promise<Ledger> => {
    const ledger = await openLedger({ projectRoot: place.projectRoot, environment: place });
    opened.push(ledger);
    return ledger;
  };
  afterEach(async () => {
    await Promise.all(opened.map((ledger) => ledger.close()));
    opened = [];
  });

  test('a subscription to all that many connections advance at once comes to one start a round, each announcement used once', async () => {
    const place = await empty();
    const ledger = await open(place);
    // A process has one connection to SQLite: a second one would wait for the first, and the process with it.
    const others = Array.from({ length: 5 }, async () =>
      'path' in place.ledger ? ledger : await open(place),
    );
    const ledgers = [ledger, ...(await Promise.all(others))];
    const subscription = {
      key: 'k',
      pipeline: 'churn',
      all: [{ dataset: 'a' }, { dataset: 'b' }],
      since: said('a', 0).at,
    };
    const advance = () => Promise.all(ledgers.map((one) => one.advanceSubscription(subscription)));
    await ledger.putAnnouncement({ ...said('a', 0), at: '2025-12-31T00:00:00.000Z' });
    await ledger.putAnnouncement(said('b', 1));
    await advance();
    expect(await ledger.listDueStarts(10)).toEqual([]);
    for (const round of [1, 2, 3]) {
      await ledger.putAnnouncement(said('a', round * 10));
      await ledger.putAnnouncement(said('a', round * 10 + 1, 'failed'));
      if (round > 1) await ledger.putAnnouncement(said('b', round * 10 + 2));
      await advance();
      const due = await ledger.listDueStarts(10);
      expect(due).toHaveLength(round);
      expect(due.at(-1)?.announcements.map(({ workflowId }) => workflowId)).toEqual([
        `run-${String(round * 10)}`,
        `run-${String(round > 1 ? round * 10 + 2 : 1)}`,
      ]);
    }
    for (const { key } of await ledger.listDueStarts(10)) await ledger.settleDueStart(key);
    await advance();
    expect(await ledger.listDueStarts(10)).toEqual([]);
  });

  test('the newest announcement is found, of these outcomes and not older than asked for; a repeat changes nothing', async () => {
    const ledger = await open(await empty());
    for (const one of [said('a', 2), said('a', 5), said('a', 7, 'failed'), said('b', 9)])
      await ledger.putAnnouncement(one);
    await ledger.putAnnouncement({ ...said('a', 5), outcome: 'failed' });
    const subject = { kind: 'dataset', name: 'a' } as const;
    const find = (outcomes: Announcement['outcome'][], since?: string) =>
      ledger.findAnnouncement(subject, { outcomes, ...(since !== undefined && { since }) });
    expect(await find(['published'])).toEqual(said('a', 5));
    expect(await find(['published', 'failed'])).toEqual(said('a', 7, 'failed'));
    expect(await find(['published'], said('a', 5).at)).toEqual(said('a', 5));
    expect(await find(['published'], said('a', 6).at)).toBeUndefined();
    expect(await find([])).toBeUndefined();
  });

  test('who waits is listed for outcomes that it waits for, page by page, and struck off', async () => {
    const ledger = await open(await empty());
    const subject = { kind: 'dataset', name: 'a' } as const;
    for (const run of ['3', '1', '2'])
      await ledger.putWaiters(run, [
        { subject, outcomes: ['published', 'failed'] },
        { subject: { kind: 'pipeline', name: 'a' }, outcomes: ['published'] },
      ]);
    await ledger.putWaiters('2', [{ subject, outcomes: ['failed'] }]);
    const listed = (outcome: Announcement['outcome'], after?: string) =>
      ledger.listWaiters({ ...subject, outcome }, { limit: 2, ...(after !== undefined && { after }) });
    expect(await listed('published')).toEqual(['1', '3']);
    expect(await listed('failed')).toEqual(['1', '2']);
    expect(await listed('failed', '2')).toEqual(['3']);
    expect(await listed('cancelled')).toEqual([]);
    await ledger.removeWaiters(['1', '2'], subject);
    expect(await listed('failed')).toEqual(['3']);
    await ledger.removeWaiters(['3']);
    expect(
      await ledger.listWaiters({ kind: 'pipeline', name: 'a', outcome: 'published' }, { limit: 9 }),
    ).toEqual(['1', '2']);
  });
}
