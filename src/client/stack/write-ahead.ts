/** Write-ahead logging for a development server of Temporal. */
import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';

const LIMIT_MS = 5000;
const LOOK_AGAIN_MS = 20;

/**
 * Has a running server write its database ahead of itself: every step of a run costs it one write to the disk that is waited for, and not three or more.
 * What it has confirmed is on the disk as before. The file stays so. The server has an option for it, which does nothing (temporalio/cli issue 681).
 * @returns whether it does now; where the file system cannot, or the server is never idle, it goes on as it was
 */
export async function logWritesAhead(databaseFile: string): Promise<boolean> {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    try {
      const database = new DatabaseSync(databaseFile);
      try {
        return database.prepare('PRAGMA journal_mode = WAL').get()?.journal_mode === 'wal';
      } finally {
        database.close();
      }
    } catch {
      if (Date.now() > deadline) return false;
      await pause(LOOK_AGAIN_MS);
    }
  }
}
