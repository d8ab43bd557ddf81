/** How far the subscriptions have come that start a pipeline once all that they name has been announced. */
import type { Kysely } from 'kysely';
import { z } from 'zod';
import {
  announcementSchema,
  describeSubject,
  outcomesOf,
  subjectOf,
  type Announcement,
} from '../../../contracts/announcements';
import { digestOf } from '../../../contracts/digest';
import type { AnnouncementLedger } from '../../../ports/announcement-ledger';
import type { LedgerTables } from '../schema';
import { newestAnnouncement } from './announcements';

type SubscriptionRoom = Pick<AnnouncementLedger, 'advanceSubscription' | 'listDueStarts' | 'settleDueStart'>;
const usedSchema = z.record(z.string(), z.string());

/** Of any database that kysely speaks. */
export function subscriptionRoom(db: Kysely<LedgerTables>): SubscriptionRoom {
  return {
    advanceSubscription: ({ key, pipeline, all, since }) =>
      db.transaction().execute(async (transaction) => {
        // The write comes first: whoever else advances this subscription waits here, and then sees what this one has used.
        await transaction
          .insertInto('subscriptions')
          .values({ key, pipeline, since, used: '{}' })
          .onConflict((conflict) => conflict.column('key').doUpdateSet({ pipeline }))
          .execute();
        const row = await transaction
          .selectFrom('subscriptions')
          .select(['since', 'used'])
          .where('key', '=', key)
          .executeTakeFirstOrThrow();
        const used = usedSchema.parse(JSON.parse(row.used));
        const found: Announcement[] = [];
        for (const reference of all) {
          const subject = subjectOf(reference);
          const after = used[describeSubject(subject)];
          const newest = await newestAnnouncement(transaction, subject, {
            outcomes: outcomesOf(reference),
            ...(after === undefined ? { since: row.since } : { after }),
          });
          if (!newest) return;
          found.push(newest);
        }
        await transaction
          .updateTable('subscriptions')
          .set({
            used: JSON.stringify(Object.fromEntries(found.map((one) => [describeSubject(one), one.at]))),
          })
          .where('key', '=', key)
          .execute();
        await transaction
          .insertInto('due_starts')
          .values({
            key: digestOf({ subscription: key, announcements: found.map(({ id }) => id) }),
            pipeline,
            announcements: JSON.stringify(found),
            due_at: new Date().toISOString(),
          })
          .onConflict((conflict) => conflict.column('key').doNothing())
          .execute();
      }),
    async listDueStarts(limit) {
      const rows = await db
        .selectFrom('due_starts')
        .selectAll()
        .orderBy('due_at')
        .orderBy('key')
        .limit(limit)
        .execute();
      return rows.map(({ key, pipeline, announcements }) => ({
        key,
        pipeline,
        announcements: z.array(announcementSchema).parse(JSON.parse(announcements)),
      }));
    },
    async settleDueStart(key) {
      await db.deleteFrom('due_starts').where('key', '=', key).execute();
    },
  };
}
