/** The embedded ledger: one SQLite file of this host. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Kysely, SqliteDialect } from 'kysely';
import type { Ledger } from '../../ports/ledger';
import { createLedger } from './ledger';
import { migrateLedger, type LedgerTables } from './schema';
import { openSqliteDatabase } from './sqlite-database';

/** Opens the ledger, and makes it when it is not there. Several processes may have it open, and may open it at once. @throws LEDGER_UNAVAILABLE. */
export async function createSqliteLedger(file: string): Promise<Ledger> {
  await mkdir(path.dirname(file), { recursive: true });
  const { database, alone } = await openSqliteDatabase(file);
  const db = new Kysely<LedgerTables>({ dialect: new SqliteDialect({ database }) });
  // There is one connection, so what kysely sends is part of the transaction that `alone` holds.
  return createLedger(db, () => alone(() => migrateLedger(db)));
}
