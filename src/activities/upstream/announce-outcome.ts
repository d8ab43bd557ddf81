/** The activity `announceOutcome`: what a run has to say at its end is taken down, and everybody whom it concerns hears of it. */
import { announcementIdFor, type Announcement } from '../../contracts/announcements';
import {
  announceOutcomeInputSchema,
  type AnnounceOutcomeInput,
  type AnnounceOutcomeOutput,
} from '../../contracts/steps';
import { heartbeating } from '../long-work';
import type { UpstreamActivityDependencies } from './dependencies';
import { startSubscribed } from './start-subscribed';
import { wakeWaiters } from './wake-waiters';

const MOST_TOLD = 50;

/**
 * Takes the announcements down first: whoever registers as waiting from then on finds them. Then it wakes and starts; who was woken is struck off, and a
 * start that was made is found again, so a repeat after a crash goes on where the first one stopped.
 * @throws LEDGER_UNAVAILABLE, TEMPORAL_UNAVAILABLE: say it again
 */
export async function announceOutcome(
  dependencies: UpstreamActivityDependencies,
  rawInput: AnnounceOutcomeInput,
): Promise<AnnounceOutcomeOutput> {
  const announcements = announcementsOf(announceOutcomeInputSchema.parse(rawInput));
  return heartbeating(async (signal) => {
    for (const announcement of announcements) await dependencies.ledger.putAnnouncement(announcement);
    // Neither waits for the other, and neither keeps the other from its work.
    const [woken, started] = await Promise.allSettled([
      wakeWaiters(dependencies, announcements, signal),
      startSubscribed(dependencies, announcements),
    ]);
    if (woken.status === 'rejected') throw woken.reason;
    if (started.status === 'rejected') throw started.reason;
    return { woken: woken.value, started: started.value.slice(0, MOST_TOLD) };
  });
}

/** Of the pipeline, and of the data set that it publishes. */
function announcementsOf({ dataset, ...run }: AnnounceOutcomeInput): Announcement[] {
  const { pipeline, workflowId, runId } = run;
  const ofPipeline = { kind: 'pipeline', name: pipeline, workflowId, runId } as const;
  if (!dataset) return [{ ...run, ...ofPipeline, id: announcementIdFor(ofPipeline) }];
  const ofDataset = { kind: 'dataset', name: dataset.name, workflowId, runId } as const;
  const version = dataset.version && { version: dataset.version };
  return [
    // The data set first: who starts upon the pipeline may read it.
    { ...run, ...ofDataset, ...version, id: announcementIdFor(ofDataset) },
    { ...run, ...ofPipeline, ...version, id: announcementIdFor(ofPipeline) },
  ];
}
