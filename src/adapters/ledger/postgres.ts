/** The ledger of a fleet: a database of a PostgreSQL server, which has to be there; the tables are made. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import { MillraceError } from '../../contracts/errors';
import type { PostgresSettings } from '../../contracts/project-file';
import type { Ledger } from '../../ports/ledger';
import { readSecret } from '../project/secrets';
import { createLedger } from './ledger';
import { tellingUnavailable } from './postgres-pool';
import { migrateLedger, type LedgerTables } from './schema';

/** A server allows 100 connections unless told otherwise; a fleet has many processes. */
const CONNECTIONS = 4;
const CONNECT_MS = 10_000;
/** Everything that is asked of the ledger is small. */
const STATEMENT_MS = 30_000;

/**
 * Connects, and makes or updates the tables; several processes may do so at once. The secrets are read anew for every connection, so that they may
 * be changed. @throws LEDGER_UNAVAILABLE, here and from every method; PROJECT_FILE_INVALID, here only, for a secret that is not there
 */
export async function createPostgresLedger(
  settings: PostgresSettings,
  { projectRoot }: { readonly projectRoot: string },
): Promise<Ledger> {
  const { host, port, database, user, password } = settings;
  const pool = new Pool({
    host,
    port,
    database,
    user,
    ...(password !== undefined && { password: () => readSecret(password, projectRoot) }),
    ssl: await tlsOf(settings, projectRoot),
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS + CONNECT_MS,
    keepAlive: true,
    application_name: 'millrace',
  });
  // An idle connection that breaks is replaced at the next question; unheard, its error would end the process.
  pool.on('error', () => undefined);
  const where = `${user}@${host}:${String(port)}/${database}`;
  const db = new Kysely<LedgerTables>({
    dialect: new PostgresDialect({ pool: tellingUnavailable(pool, where) }),
  });
  return createLedger(db, () => migrateLedger(db));
}

async function tlsOf({ tls }: PostgresSettings, projectRoot: string): Promise<ConnectionOptions | false> {
  if (typeof tls === 'boolean') return tls && {};
  const file = async (name: string): Promise<string> => {
    try {
      return await readFile(path.resolve(projectRoot, name), 'utf8');
    } catch (error) {
      throw new MillraceError('PROJECT_FILE_INVALID', `the file ${name} cannot be read`, {
        where: 'ledger.postgres.tls',
        mend: 'name a file that this process may read',
        cause: error,
      });
    }
  };
  return {
    ...(tls.ca !== undefined && { ca: await file(tls.ca) }),
    ...(tls.certificate !== undefined && { cert: await file(tls.certificate) }),
    ...(tls.key !== undefined && { key: await readSecret(tls.key, projectRoot) }),
  };
}
