/** Waiting for others inside a run: nothing polls and no worker holds a slot. The ledger knows who waits, and the announcement comes as a signal. */
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineSignal,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  ANNOUNCED_SIGNAL,
  announcementSchema,
  answerTo,
  describeSubject,
  subjectOf,
  type Announcement,
  type ResolvedWait,
} from '../contracts/announcements';
import { formatDuration } from '../contracts/quantities';
import type { RunActivities } from './activity-proxies';

/** Something that was waited for has been announced. */
export const announcedSignal = defineSignal<[Announcement]>(ANNOUNCED_SIGNAL);

/** What a run that waits calls. */
export type WaitCalls = Pick<RunActivities['upstream'], 'awaitAnnouncements' | 'endWait'>;

/**
 * Waits until everything in `waits` has been announced, before or after this call: the run registers first and looks then, and an announcer takes
 * down first and looks for who waits then. Before a timeout it looks once more.
 *
 * @param onWait told, whenever it changes, what is still waited for
 * @returns the announcements, in the order of `waits`
 * @throws ApplicationFailure UPSTREAM_FAILED for an outcome of `failed`, or when nothing has come in time
 */
export async function waitForUpstream(
  waits: readonly ResolvedWait[],
  { awaitAnnouncements, endWait }: WaitCalls,
  onWait: (left: readonly ResolvedWait[]) => void = () => undefined,
): Promise<Announcement[]> {
  const { workflowId, startTime } = workflowInfo();
  const heard = new Map<ResolvedWait, Announcement>();
  let isOver = false;
  const hear = (announcement: Announcement): void => {
    // What comes later finds nobody who waits, and must not change what is shown of another wait.
    if (isOver) return;
    for (const wait of waits)
      if (!heard.has(wait) && answerTo(wait, announcement)) heard.set(wait, announcement);
    onWait(waits.filter((wait) => !heard.has(wait)));
  };
  // What nobody can have sent on purpose is left unheard: it has no sender to answer to.
  setHandler(announcedSignal, (raw) => {
    const announcement = announcementSchema.safeParse(raw).data;
    if (announcement) hear(announcement);
  });
  const look = async (which: readonly ResolvedWait[]): Promise<void> => {
    const input = { workflowId, waits: [...which], startedAt: startTime.toISOString() };
    for (const announcement of (await awaitAnnouncements(input)).announcements) hear(announcement);
  };
  try {
    await look(waits);
    onWait(waits.filter((wait) => !heard.has(wait)));
    return await inOneScope(
      waits.map((wait) => async () => {
        const isAnswered = (): boolean => heard.has(wait) || failedOne(heard) !== undefined;
        if (!(await condition(isAnswered, wait.timeout * 1000))) await look([wait]);
        const failed = failedOne(heard);
        if (failed) throw upstreamFailed(failed);
        const announcement = heard.get(wait);
        if (!announcement) throw notInTime(wait);
        return announcement;
      }),
    );
  } catch (error) {
    await CancellationScope.nonCancellable(() => endWait({ workflowId }));
    throw error;
  } finally {
    isOver = true;
  }
}

/** All of them, or none: the first that fails ends the timers of the others. */
async function inOneScope<Result>(works: readonly (() => Promise<Result>)[]): Promise<Result[]> {
  const scope = new CancellationScope();
  try {
    return await scope.run(() => Promise.all(works.map((work) => work())));
  } catch (error) {
    scope.cancel();
    throw error;
  }
}

function failedOne(heard: ReadonlyMap<ResolvedWait, Announcement>): Announcement | undefined {
  return [...heard].find(([wait, announcement]) => answerTo(wait, announcement) === 'failed')?.[1];
}

/** Outcomes after which `millrace retry` takes the run: of the others, Temporal's execution is complete. */
const RETRIABLE: readonly Announcement['outcome'][] = ['failed', 'cancelled'];

function upstreamFailed({ workflowId, outcome, pipeline, ...subject }: Announcement): ApplicationFailure {
  const command = RETRIABLE.includes(outcome)
    ? `mend it with \`millrace retry ${workflowId}\``
    : `mend the cause and run it again with \`millrace run ${pipeline}\``;
  return ApplicationFailure.nonRetryable(
    `The run waited for ${describeSubject(subject)}, whose run ${workflowId} ended as ${outcome}.`,
    'UPSTREAM_FAILED',
    { where: workflowId, mend: `${command}, then retry this run` },
  );
}

function notInTime(wait: ResolvedWait): ApplicationFailure {
  const subject = subjectOf(wait);
  return ApplicationFailure.nonRetryable(
    `The run waited ${formatDuration(wait.timeout)} for ${describeSubject(subject)}, and it was not announced.`,
    'UPSTREAM_FAILED',
    { where: 'waitFor', mend: `see what became of ${describeSubject(subject)}, then retry this run` },
  );
}
