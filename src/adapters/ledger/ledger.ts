/** The ledger over any database that kysely speaks. */
import type { Kysely } from 'kysely';
import type { Ledger } from '../../ports/ledger';
import { announcementRoom } from './rooms/announcements';
import { deadLetterRoom } from './rooms/dead-letters';
import { eventRoom } from './rooms/events';
import { registrationRoom } from './rooms/registrations';
import { runRoom } from './rooms/runs';
import { subscriptionRoom } from './rooms/subscriptions';
import type { LedgerTables } from './schema';

/** Brings the tables to this version with `migrate`, and serves them. `close` ends the connections. */
export async function createLedger(db: Kysely<LedgerTables>, migrate: () => Promise<void>): Promise<Ledger> {
  try {
    await migrate();
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return {
    ...runRoom(db),
    ...eventRoom(db),
    ...deadLetterRoom(db),
    ...registrationRoom(db),
    ...announcementRoom(db),
    ...subscriptionRoom(db),
    close: () => db.destroy(),
  };
}
