/** From an event to its one run: claim, start, confirm. Only then may the source be told that the event is done with. */
import { z } from 'zod';
import { EVENT_KINDS } from '../../contracts/events';
import { digestOf } from '../../contracts/digest';
import { isMillraceError } from '../../contracts/errors';
import { eventRunIdFor } from '../../contracts/ids';
import { trainingPipelineInputSchema } from '../../contracts/runs';
import type { EventClaim, EventLedger } from '../../ports/event-ledger';
import type { RunStarter } from '../../ports/run-starter';

/** Where claims lie, and what starts runs. */
export interface EventStarterDependencies {
  readonly ledger: EventLedger;
  readonly starter: RunStarter;
}

/** An event that shall start a run. */
export const eventStartSchema = z.object({
  pipeline: z.string().min(1).max(255),
  kind: z.enum(EVENT_KINDS),
  /** What makes the event this one: equal for a repeat of it, and for nothing else. Any text. */
  eventKey: z.string().min(1).max(2000),
  /** `input.cause` says what people shall read; its key is filled in here. */
  input: trainingPipelineInputSchema,
});
export type EventStart = z.input<typeof eventStartSchema>;

/** The event's run. */
export interface EventRun {
  readonly workflowId: string;
  readonly runId: string;
  /** Whether this call started it; otherwise an earlier one did. */
  readonly started: boolean;
}

/** Key of an event's claim. */
export function claimKeyFor({
  pipeline,
  kind,
  eventKey,
}: Pick<EventStart, 'pipeline' | 'kind' | 'eventKey'>): string {
  return digestOf({ pipeline, kind, eventKey });
}

/**
 * Starts the run of an event, once: whoever crashes in between, whatever is repeated, and also when Temporal has long forgotten the run. A claim
 * that was not confirmed is started again, with the input of the first claim.
 * @throws TEMPORAL_UNAVAILABLE: the claim stands, so say it again; EVENT_REFUSED, for good: Temporal will never take it, and the claim is taken back
 */
export async function startForEvent(
  { ledger, starter }: EventStarterDependencies,
  event: EventStart,
): Promise<EventRun> {
  const { pipeline, kind, eventKey, input } = eventStartSchema.parse(event);
  const key = claimKeyFor({ pipeline, kind, eventKey });
  const claim = await ledger.claimEvent({
    key,
    kind,
    pipeline,
    workflowId: eventRunIdFor(pipeline, kind, eventKey),
    input: { ...input, pipeline, ...(input.cause && { cause: { ...input.cause, key } }) },
  });
  try {
    return await startClaimed({ ledger, starter }, claim);
  } catch (error) {
    // Whoever has the event tells people of it; the claim would be tried again for ever. Any other error may have come after the start.
    if (isMillraceError(error) && error.code === 'EVENT_REFUSED') await ledger.withdrawEvent(key);
    throw error;
  }
}

/** Starts what a claim asks for, unless it has its run. @throws TEMPORAL_UNAVAILABLE: say it again. */
export async function startClaimed(
  { ledger, starter }: EventStarterDependencies,
  claim: EventClaim,
): Promise<EventRun> {
  const { key, kind, pipeline, workflowId, input } = claim;
  if (claim.runId !== undefined) return { workflowId, runId: claim.runId, started: false };
  const { runId, started } = await starter.startOnce({
    workflowId,
    input,
    summary: `${pipeline}, started by ${input.cause?.event ?? kind}`.slice(0, 200),
  });
  await ledger.confirmEvent(key, runId);
  return { workflowId, runId, started };
}
