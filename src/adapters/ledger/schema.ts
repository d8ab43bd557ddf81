/** Tables of the ledger. */
import type { Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';

/** Rows as they are stored; times are ISO 8601 text, so that SQLite and PostgreSQL compare them alike. */
export interface LedgerTables {
  runs: {
    workflow_id: string;
    run_id: string;
    pipeline: string;
    outcome: string;
    started_at: string;
    ended_at: string | null;
    /** JSON of the run's status. */
    status: string;
    /** Start of the interval that the run is for, in UTC with milliseconds, so that texts compare as instants do. */
    nominal_date: string | null;
  };
  hold_out_gates: { holdout_digest: string; workflow_id: string; run_id: string };
  notifications: { key: string; sent_at: string };
  events: {
    key: string;
    kind: string;
    pipeline: string;
    workflow_id: string;
    /** JSON of the run's input. */
    input: string;
    claimed_at: string;
    /** Null until Temporal has taken the start. */
    run_id: string | null;
  };
  dead_letters: {
    id: string;
    kind: string;
    pipeline: string | null;
    code: string;
    occurred_at: string;
    state: string;
    /** JSON of the letter as it was taken down. */
    letter: string;
    /** JSON of who closed it, when and why. */
    settlement: string | null;
    openings: number;
  };
  registrations: {
    pipeline: string;
    /** JSON. */
    definition: string;
    applied_at: string;
    /** JSON, while it is paused. */
    paused: string | null;
  };
  announcements: {
    id: string;
    kind: string;
    name: string;
    outcome: string;
    /** When the run ended. */
    announced_at: string;
    /** JSON. */
    announcement: string;
  };
  waiters: {
    workflow_id: string;
    kind: string;
    name: string;
    /** Outcomes that the run waits for, with a comma before and behind each: `,published,failed,`. */
    outcomes: string;
  };
  subscriptions: {
    key: string;
    pipeline: string;
    /** Announcements before this moment do not count. */
    since: string;
    /** JSON: subject → moment of the newest announcement that a start has used. */
    used: string;
  };
  due_starts: {
    key: string;
    pipeline: string;
    /** JSON. */
    announcements: string;
    due_at: string;
  };
}

/** In order of their names; a released one is never changed. */
const migrations: Record<string, Migration> = {
  '001_runs_gates_notifications': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('runs')
        .addColumn('workflow_id', 'text', (column) => column.notNull())
        .addColumn('run_id', 'text', (column) => column.notNull())
        .addColumn('pipeline', 'text', (column) => column.notNull())
        .addColumn('outcome', 'text', (column) => column.notNull())
        .addColumn('started_at', 'text', (column) => column.notNull())
        .addColumn('ended_at', 'text')
        .addColumn('status', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('runs_key', ['workflow_id', 'run_id'])
        .execute();
      await db.schema.createIndex('runs_by_start').on('runs').columns(['pipeline', 'started_at']).execute();
      await db.schema
        .createTable('hold_out_gates')
        .addColumn('holdout_digest', 'text', (column) => column.notNull())
        .addColumn('workflow_id', 'text', (column) => column.notNull())
        .addColumn('run_id', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('hold_out_gates_key', ['holdout_digest', 'workflow_id', 'run_id'])
        .execute();
      await db.schema
        .createTable('notifications')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('sent_at', 'text', (column) => column.notNull())
        .execute();
    },
  },
  '002_events_dead_letters_registrations': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('events')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('pipeline', 'text', (column) => column.notNull())
        .addColumn('workflow_id', 'text', (column) => column.notNull())
        .addColumn('input', 'text', (column) => column.notNull())
        .addColumn('claimed_at', 'text', (column) => column.notNull())
        .addColumn('run_id', 'text')
        .execute();
      await db.schema.createIndex('events_by_claim').on('events').columns(['run_id', 'claimed_at']).execute();
      await db.schema
        .createTable('dead_letters')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('pipeline', 'text')
        .addColumn('code', 'text', (column) => column.notNull())
        .addColumn('occurred_at', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('letter', 'text', (column) => column.notNull())
        .addColumn('settlement', 'text')
        .execute();
      await db.schema
        .createIndex('dead_letters_by_state')
        .on('dead_letters')
        .columns(['state', 'occurred_at'])
        .execute();
      await db.schema
        .createTable('registrations')
        .addColumn('pipeline', 'text', (column) => column.primaryKey())
        .addColumn('definition', 'text', (column) => column.notNull())
        .addColumn('applied_at', 'text', (column) => column.notNull())
        .addColumn('paused', 'text')
        .execute();
    },
  },
  '003_nominal_date': {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('runs').addColumn('nominal_date', 'text').execute();
      await db.schema
        .createIndex('runs_by_nominal_date')
        .on('runs')
        .columns(['pipeline', 'nominal_date'])
        .execute();
    },
  },
  '004_announcements': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('announcements')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('outcome', 'text', (column) => column.notNull())
        .addColumn('announced_at', 'text', (column) => column.notNull())
        .addColumn('announcement', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex('announcements_by_subject')
        .on('announcements')
        .columns(['kind', 'name', 'announced_at'])
        .execute();
      await db.schema
        .createTable('waiters')
        .addColumn('workflow_id', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('outcomes', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('waiters_key', ['kind', 'name', 'workflow_id'])
        .execute();
      await db.schema.createIndex('waiters_by_run').on('waiters').columns(['workflow_id']).execute();
      await db.schema
        .createTable('subscriptions')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('pipeline', 'text', (column) => column.notNull())
        .addColumn('since', 'text', (column) => column.notNull())
        .addColumn('used', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('due_starts')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('pipeline', 'text', (column) => column.notNull())
        .addColumn('announcements', 'text', (column) => column.notNull())
        .addColumn('due_at', 'text', (column) => column.notNull())
        .execute();
    },
  },
  '005_dead_letter_openings': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .alterTable('dead_letters')
        .addColumn('openings', 'integer', (column) => column.notNull().defaultTo(1))
        .execute();
    },
  },
};

/**
 * Brings the tables to this version. On PostgreSQL several processes may do so at once, for kysely holds an advisory lock meanwhile; on SQLite the
 * caller must be the only writer.
 */
export async function migrateLedger(db: Kysely<LedgerTables>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error(JSON.stringify(error));
}
