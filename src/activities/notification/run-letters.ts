/** Dead letters of runs: nobody waits at a terminal for a run that an event started, so one that fails for good is kept for a person. */
import { digestOf } from '../../contracts/digest';
import type { EventKind } from '../../contracts/events';
import type { AnnounceRunInput } from '../../contracts/steps';
import type { DeadLetterLedger, EventLedger } from '../../ports/event-ledger';

/** A backfill keeps its own list of what failed, and whoever starts a run by hand looks at it. */
const LOOKED_AFTER: ReadonlySet<EventKind> = new Set(['backfill', 'manual']);

/** Ends after which nothing of the event is left to do. */
const SETTLING: ReadonlySet<AnnounceRunInput['event']> = new Set([
  'deployed',
  'registered',
  'rejected',
  'unchanged',
  'published',
  'stopped',
]);

/** Id of the one letter of a run, however often the run is tried again. */
export function runLetterIdFor(workflowId: string): string {
  return digestOf({ run: workflowId }).slice(0, 32);
}

/** Opens a letter when a run that an event started has failed, also when it fails anew; closes it when a later try of the run has not. May be repeated. */
export async function keepRunLetter(
  ledger: DeadLetterLedger & EventLedger,
  { status, event, endedAt, startedAt }: AnnounceRunInput,
): Promise<void> {
  const { cause, workflowId, pipeline, error } = status;
  if (!cause || LOOKED_AFTER.has(cause.kind)) return;
  if (event === 'failed') {
    const claim = cause.key === undefined ? undefined : await ledger.findEvent(cause.key);
    const input = claim?.input ?? { pipeline, nominalDate: status.nominalDate, cause };
    const place = error?.where === undefined ? '' : ` (at ${error.where})`;
    await ledger.addDeadLetter({
      id: runLetterIdFor(workflowId),
      kind: 'run',
      pipeline,
      code: error?.code ?? 'INTERNAL',
      message: `${error?.message ?? status.reasons.join('; ')}${place}`,
      where: workflowId,
      mend: error?.mend ?? `see \`millrace show ${workflowId}\``,
      input: JSON.stringify(input),
      ...(claim && {
        replay: { pipeline: claim.pipeline, kind: claim.kind, eventKey: claim.key, input: claim.input },
      }),
      occurredAt: endedAt ?? startedAt,
    });
  } else if (SETTLING.has(event)) {
    await settle(ledger, workflowId, `tried again, the run ended as ${event}`);
  }
}

async function settle(ledger: DeadLetterLedger, workflowId: string, why: string): Promise<void> {
  await ledger.settleDeadLetter(runLetterIdFor(workflowId), {
    state: 'replayed',
    by: 'millrace',
    why,
    workflowId,
  });
}
