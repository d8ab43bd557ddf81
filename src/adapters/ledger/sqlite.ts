/** The embedded ledger: one SQLite file of this host. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Kysely, SqliteDialect } from 'kysely';
import type { Ledger } from '../../ports/ledger';
import { createLedger } from './ledger';
import type { LedgerTables } from './schema';
import { openSqliteDatabase } from './sqlite-database';

/** Opens the ledger, and makes it when it is not there. Several processes may have it open. */
export async function createSqliteLedger(file: string): Promise<Ledger> {
  await mkdir(path.dirname(file), { recursive: true });
  return createLedger(
    new Kysely<LedgerTables>({ dialect: new SqliteDialect({ database: openSqliteDatabase(file) }) }),
  );
}
