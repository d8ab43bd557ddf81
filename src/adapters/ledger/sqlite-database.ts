/** Node's own SQLite in the form that kysely's dialect asks for. */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { ledgerUnavailable } from './unavailable';

/** How long a writer waits for another process. */
const BUSY_MS = 10_000;
const LOOK_AGAIN_MS = 20;

/** SQLite's primary result codes that blame the surroundings, not the statement: BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN. */
const SURROUNDINGS = new Set([5, 6, 8, 10, 13, 14]);
const BUSY = 5;

/** An open file. */
export interface OpenedSqlite {
  readonly database: SqliteDatabase;
  /** Runs `work` as the file's only writer, on this connection; all of it is kept, or nothing. */
  alone: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** Opens (and makes) a database file that several processes may share. @throws LEDGER_UNAVAILABLE, here and from every statement. */
export async function openSqliteDatabase(file: string): Promise<OpenedSqlite> {
  const about = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw SURROUNDINGS.has(resultCodeOf(error)) ? ledgerUnavailable(file, error) : error;
    }
  };
  const opened = about(() => new DatabaseSync(file, { timeout: BUSY_MS }));
  try {
    await inWriteAheadMode(opened);
  } catch (error) {
    opened.close();
    throw ledgerUnavailable(file, error);
  }
  return {
    database: {
      close: () => opened.close(),
      prepare: (sql) => about(() => statementOf(opened, sql, about)),
    },
    async alone(work) {
      about(() => opened.exec('BEGIN IMMEDIATE'));
      try {
        const result = await work();
        about(() => opened.exec('COMMIT'));
        return result;
      } catch (error) {
        if (opened.isTransaction) opened.exec('ROLLBACK');
        throw error;
      }
    },
  };
}

/** The change to write-ahead logging is refused at once, without waiting, while another process makes the same change. */
async function inWriteAheadMode(opened: DatabaseSync): Promise<void> {
  const deadline = Date.now() + BUSY_MS;
  for (;;) {
    try {
      opened.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
      return;
    } catch (error) {
      if (resultCodeOf(error) !== BUSY || Date.now() > deadline) throw error;
      await pause(LOOK_AGAIN_MS);
    }
  }
}

function statementOf(
  opened: DatabaseSync,
  sql: string,
  about: <Result>(work: () => Result) => Result,
): SqliteStatement {
  const statement = opened.prepare(sql);
  const values = (parameters: readonly unknown[]): SQLInputValue[] => [...parameters] as SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => about(() => statement.all(...values(parameters))),
    run: (parameters) => about(() => statement.run(...values(parameters))),
    iterate: (parameters) =>
      about(() => statement.iterate(...values(parameters)) as IterableIterator<unknown>),
  };
}

/** The primary result code: the low byte of the extended one. 0 where it is no error of SQLite. */
function resultCodeOf(error: unknown): number {
  return typeof error === 'object' &&
    error !== null &&
    'errcode' in error &&
    typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : 0;
}
