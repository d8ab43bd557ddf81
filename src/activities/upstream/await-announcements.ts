/** The activities `awaitAnnouncements` and `endWait`: a run that waits is in the ledger, and nowhere else. */
import { decisiveOutcomes, subjectOf, type Announcement } from '../../contracts/announcements';
import {
  awaitAnnouncementsInputSchema,
  endWaitInputSchema,
  type AwaitAnnouncementsInput,
  type AwaitAnnouncementsOutput,
  type EndWaitInput,
} from '../../contracts/steps';
import type { UpstreamActivityDependencies } from './dependencies';

/**
 * Registers first and looks then, as an announcer takes down first and looks for waiters then: one of both sees the other.
 * @throws LEDGER_UNAVAILABLE
 */
export async function awaitAnnouncements(
  { ledger }: Pick<UpstreamActivityDependencies, 'ledger'>,
  rawInput: AwaitAnnouncementsInput,
): Promise<AwaitAnnouncementsOutput> {
  const { workflowId, waits, startedAt } = awaitAnnouncementsInputSchema.parse(rawInput);
  await ledger.putWaiters(
    workflowId,
    waits.map((wait) => ({ subject: subjectOf(wait), outcomes: decisiveOutcomes(wait) })),
  );
  const announcements: Announcement[] = [];
  for (const wait of waits) {
    const subject = subjectOf(wait);
    const since = new Date(Math.max(0, Date.parse(startedAt) - wait.within * 1000)).toISOString();
    const newest = await ledger.findAnnouncement(subject, { outcomes: decisiveOutcomes(wait), since });
    if (!newest) continue;
    announcements.push(newest);
    await ledger.removeWaiters([workflowId], subject);
  }
  return { announcements };
}

/** Strikes the run off. */
export async function endWait(
  { ledger }: Pick<UpstreamActivityDependencies, 'ledger'>,
  rawInput: EndWaitInput,
): Promise<void> {
  await ledger.removeWaiters([endWaitInputSchema.parse(rawInput).workflowId]);
}
