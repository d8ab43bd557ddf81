/** Starts the pipelines that are subscribed to an announcement. */
import { isAnnounced, type Announcement } from '../../contracts/announcements';
import { digestOf } from '../../contracts/digest';
import { namedUpstream } from '../../contracts/pipeline-file';
import { startForEvent, type EventStart } from '../triggers/start-for-event';
import type { UpstreamActivityDependencies } from './dependencies';

const PAGE = 100;
const MOST_NAMED = 50;

/**
 * Starts what the registrations in force ask for; paused ones start nothing. One run of one upstream starts a pipeline once, however many of its
 * triggers name it.
 * @param announcements of one run
 * @returns workflow ids of the runs that began now
 * @throws TEMPORAL_UNAVAILABLE, LEDGER_UNAVAILABLE: say it again
 */
export async function startSubscribed(
  { ledger, starter }: Pick<UpstreamActivityDependencies, 'ledger' | 'starter'>,
  announcements: readonly Announcement[],
): Promise<string[]> {
  const started: string[] = [];
  const start = async (event: EventStart): Promise<void> => {
    const run = await startForEvent({ ledger, starter }, event);
    if (run.started) started.push(run.workflowId);
  };
  for (const { pipeline, triggers, paused, appliedAt } of await ledger.listRegistrations()) {
    if (paused) continue;
    for (const trigger of triggers) {
      if (!('upstream' in trigger)) continue;
      const { upstream } = trigger;
      const { references } = namedUpstream(upstream);
      const named = announcements.find((one) => references.some((each) => isAnnounced(each, one)));
      if (!named) continue;
      if ('all' in upstream)
        await ledger.advanceSubscription({
          key: digestOf({ pipeline, all: upstream.all }),
          pipeline,
          all: upstream.all,
          since: appliedAt,
        });
      else await start(eventOf(pipeline, `${named.workflowId}@${named.runId}`, [named]));
    }
  }
  // Also those that somebody else has left unfinished.
  for (;;) {
    const due = await ledger.listDueStarts(PAGE);
    for (const { key, pipeline, announcements: upstream } of due) {
      await start(eventOf(pipeline, key, upstream));
      await ledger.settleDueStart(key);
    }
    if (due.length < PAGE) return started;
  }
}

function eventOf(pipeline: string, eventKey: string, upstream: readonly Announcement[]): EventStart {
  // A run that several led to is for the newest of their intervals.
  const nominalDate = upstream
    .map((one) => one.nominalDate)
    .filter((date) => date !== undefined)
    .sort((a, b) => Date.parse(a) - Date.parse(b))
    .at(-1);
  return {
    pipeline,
    kind: 'upstream',
    eventKey,
    input: {
      pipeline,
      ...(nominalDate !== undefined && { nominalDate }),
      cause: {
        kind: 'upstream',
        event: upstream.map(inWords).join(', ').slice(0, 500),
        upstream: [...new Set(upstream.map(({ workflowId }) => workflowId))].slice(0, MOST_NAMED),
      },
    },
  };
}

function inWords({ kind, name, outcome }: Announcement): string {
  return kind === 'dataset' ? `data set ${name} ${outcome}` : `${name} ${outcome}`;
}
