/** Wakes the runs that wait for an announcement. */
import type { Announcement } from '../../contracts/announcements';
import { mapConcurrently } from '../../contracts/concurrency';
import type { UpstreamActivityDependencies } from './dependencies';

/** Runs that are told between two looks into the ledger, and those of them at a time. */
const PAGE = 200;
const AT_ONCE = 25;

/** Tells everyone who waits, and strikes off who was told or is closed. @returns how many were told. @throws TEMPORAL_UNAVAILABLE. */
export async function wakeWaiters(
  { ledger, waiters }: Pick<UpstreamActivityDependencies, 'ledger' | 'waiters'>,
  announcements: readonly Announcement[],
  signal: AbortSignal | undefined,
): Promise<number> {
  let told = 0;
  for (const announcement of announcements) {
    let after: string | undefined;
    for (;;) {
      signal?.throwIfAborted();
      const page = await ledger.listWaiters(announcement, {
        limit: PAGE,
        ...(after !== undefined && { after }),
      });
      if (page.length === 0) break;
      const heard = await mapConcurrently(page, AT_ONCE, (workflowId) =>
        waiters.tell(workflowId, announcement),
      );
      told += heard.filter(Boolean).length;
      await ledger.removeWaiters(page, announcement);
      after = page.at(-1);
    }
  }
  return told;
}
