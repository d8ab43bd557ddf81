/** A pool whose errors say whether the database is away or the statement is wrong. */
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { isMillraceError } from '../../contracts/errors';
import { ledgerUnavailable } from './unavailable';

/**
 * Classes and codes of SQLSTATE that blame the server or the moment: connection, too little of something, ended by an operator, system, a
 * transaction that lost against another one, a server that only reads.
 */
const SURROUNDINGS = /^(08|53|57|58|40|25006)/;

/**
 * The pool as kysely asks for it. Whatever goes wrong with a connection is LEDGER_UNAVAILABLE; what is wrong with a statement stays as it is. A secret that
 * is not there is a fault of the settings before the first connection only: one that was there is being exchanged.
 */
export function tellingUnavailable(pool: Pool, where: string): PostgresPool {
  const wrapped = new WeakMap<PoolClient, PostgresPoolClient>();
  let hasConnected = false;
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      // A server that refuses a user or a database may take it a moment later: it is being set up.
      const client = await pool.connect().catch((error: unknown) => {
        throw isMillraceError(error) && !hasConnected ? error : ledgerUnavailable(where, error);
      });
      hasConnected = true;
      let mine = wrapped.get(client);
      if (!mine) wrapped.set(client, (mine = wrap(client, where)));
      return mine;
    },
  };
}

function wrap(client: PoolClient, where: string): PostgresPoolClient {
  let broken = false;
  const query = async (sql: string, parameters: readonly unknown[]): Promise<unknown> => {
    try {
      return await client.query(sql, [...parameters]);
    } catch (error) {
      if (!blamesSurroundings(error)) throw error;
      broken = true;
      throw ledgerUnavailable(where, error);
    }
  };
  return {
    // kysely asks for one of two forms; the other, with a cursor, is for streams, of which the ledger has none.
    query: query as unknown as PostgresPoolClient['query'],
    release: (destroy) => client.release(broken || destroy === true),
  };
}

/** What the server says has a severity; errors of the network, of timeouts and of broken connections have none. */
function blamesSurroundings(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('severity' in error)) return true;
  return 'code' in error && typeof error.code === 'string' && SURROUNDINGS.test(error.code);
}
