/** What histories tell: how much was done, when the first step began, and how large what they carry is. */
import type { Client } from '@temporalio/client';

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];

/** The history of a workflow and those of all its children. */
export async function familyOf(client: Client, workflowId: string): Promise<Map<string, HistoryEvent[]>> {
  const events = await eventsOf(client, workflowId);
  const family = new Map([[workflowId, events]]);
  for (const event of events) {
    const child = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution?.workflowId;
    if (child != null) for (const [id, own] of await familyOf(client, child)) family.set(id, own);
  }
  return family;
}

/** All events of the latest execution of one workflow. */
export async function eventsOf(client: Client, workflowId: string): Promise<HistoryEvent[]> {
  return (await client.workflow.getHandle(workflowId).fetchHistory()).events ?? [];
}

/** Activities and children that a family of histories scheduled. */
export function countSteps(family: ReadonlyMap<string, readonly HistoryEvent[]>): {
  activities: number;
  children: number;
} {
  const all = [...family.values()].flat();
  return {
    activities: all.filter((event) => event.activityTaskScheduledEventAttributes != null).length,
    children: all.filter((event) => event.startChildWorkflowExecutionInitiatedEventAttributes != null).length,
  };
}

/** Milliseconds from the start of the workflow until a worker took its first activity up, by the server's clock. */
export function firstStepAfter(events: readonly HistoryEvent[]): number {
  const started = events[0];
  return started ? firstStepAt(events) - millisecondsOf(started) : Number.NaN;
}

/** When a worker took the workflow's first activity up, in milliseconds since 1970 by the server's clock. NaN before that. */
export function firstStepAt(events: readonly HistoryEvent[]): number {
  const first = events.find((event) => event.activityTaskStartedEventAttributes != null);
  return first ? millisecondsOf(first) : Number.NaN;
}

/** Milliseconds from the first event to the last, by the server's clock. */
export function durationOf(events: readonly HistoryEvent[]): number {
  const first = events[0];
  const last = events.at(-1);
  return first && last ? millisecondsOf(last) - millisecondsOf(first) : Number.NaN;
}

/** The largest payload of these histories, in bytes, and where it is. A payload is one value: an argument, a result, a detail. */
export function largestPayload(family: ReadonlyMap<string, readonly HistoryEvent[]>): {
  bytes: number;
  where: string;
} {
  let largest = { bytes: 0, where: 'none' };
  for (const events of family.values()) {
    const names = new Map(
      events.flatMap((event) => {
        const name = event.activityTaskScheduledEventAttributes?.activityType?.name;
        return name == null ? [] : [[String(event.eventId), name] as const];
      }),
    );
    for (const event of events) {
      const bytes = largestWithin(event);
      if (bytes <= largest.bytes) continue;
      const completed = event.activityTaskCompletedEventAttributes?.scheduledEventId;
      largest = {
        bytes,
        where:
          completed != null
            ? `result of ${names.get(String(completed)) ?? 'an activity'}`
            : (event.activityTaskScheduledEventAttributes?.activityType?.name ?? kindOf(event)),
      };
    }
  }
  return largest;
}

function kindOf(event: HistoryEvent): string {
  const attributes = Object.entries(event).find(
    ([key, value]) => key.endsWith('Attributes') && value != null,
  );
  return attributes?.[0].replace(/EventAttributes$/, '') ?? 'an event';
}

function millisecondsOf({ eventTime }: HistoryEvent): number {
  return Number(eventTime?.seconds ?? 0) * 1000 + (eventTime?.nanos ?? 0) / 1e6;
}

/** Payloads lie at any depth of an event: objects with `metadata` and `data` in bytes. */
function largestWithin(value: unknown): number {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 0;
  const { data, metadata } = value as { data?: unknown; metadata?: unknown };
  const own = data instanceof Uint8Array && metadata != null ? data.byteLength : 0;
  return Math.max(own, ...Object.values(value).map(largestWithin));
}
