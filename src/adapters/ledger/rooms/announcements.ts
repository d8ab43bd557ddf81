/** What runs have announced, and who waits for it. */
import type { Kysely } from 'kysely';
import { announcementSchema, type Announcement } from '../../../contracts/announcements';
import type { AnnouncementLedger, Subject } from '../../../ports/announcement-ledger';
import type { LedgerTables } from '../schema';

type AnnouncementRoom = Pick<
  AnnouncementLedger,
  'putAnnouncement' | 'findAnnouncement' | 'putWaiters' | 'listWaiters' | 'removeWaiters'
>;

/** Of any database that kysely speaks. */
export function announcementRoom(db: Kysely<LedgerTables>): AnnouncementRoom {
  return {
    async putAnnouncement(announcement) {
      const { id, kind, name, outcome, at } = announcement;
      await db
        .insertInto('announcements')
        .values({ id, kind, name, outcome, announced_at: at, announcement: JSON.stringify(announcement) })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    },
    findAnnouncement: (subject, filter) => newestAnnouncement(db, subject, filter),
    async putWaiters(workflowId, awaited) {
      if (awaited.length === 0) return;
      await db
        .insertInto('waiters')
        .values(
          awaited.map(({ subject: { kind, name }, outcomes }) => ({
            workflow_id: workflowId,
            kind,
            name,
            outcomes: `,${outcomes.join(',')},`,
          })),
        )
        .onConflict((conflict) =>
          conflict
            .columns(['kind', 'name', 'workflow_id'])
            .doUpdateSet((update) => ({ outcomes: update.ref('excluded.outcomes') })),
        )
        .execute();
    },
    async listWaiters({ kind, name, outcome }, { after, limit }) {
      let query = db
        .selectFrom('waiters')
        .select('workflow_id')
        .where('kind', '=', kind)
        .where('name', '=', name)
        .where('outcomes', 'like', `%,${outcome},%`)
        .orderBy('workflow_id')
        .limit(limit);
      if (after !== undefined) query = query.where('workflow_id', '>', after);
      return (await query.execute()).map((row) => row.workflow_id);
    },
    async removeWaiters(workflowIds, subject) {
      if (workflowIds.length === 0) return;
      let query = db.deleteFrom('waiters').where('workflow_id', 'in', workflowIds);
      if (subject) query = query.where('kind', '=', subject.kind).where('name', '=', subject.name);
      await query.execute();
    },
  };
}

/** See {@link AnnouncementLedger.findAnnouncement}; `after` is the same as `since`, but leaves that moment itself out. */
export async function newestAnnouncement(
  db: Kysely<LedgerTables>,
  { kind, name }: Subject,
  filter: {
    readonly outcomes: readonly Announcement['outcome'][];
    readonly since?: string;
    readonly after?: string;
  },
): Promise<Announcement | undefined> {
  if (filter.outcomes.length === 0) return undefined;
  let query = db
    .selectFrom('announcements')
    .select('announcement')
    .where('kind', '=', kind)
    .where('name', '=', name)
    .where('outcome', 'in', [...filter.outcomes])
    .orderBy('announced_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1);
  if (filter.since !== undefined) query = query.where('announced_at', '>=', filter.since);
  if (filter.after !== undefined) query = query.where('announced_at', '>', filter.after);
  const row = await query.executeTakeFirst();
  return row && announcementSchema.parse(JSON.parse(row.announcement));
}
