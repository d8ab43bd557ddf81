/**
 * Starts what was claimed and never confirmed: the process that had claimed the event ended before Temporal took the start, and its source may not
 * say it again (the file was moved by hand, the sender of a request went away).
 */
import { startClaimed } from '../../activities/triggers/start-for-event';
import type { MillraceError } from '../../contracts/errors';
import { isMillraceError } from '../../contracts/errors';
import type { EventClaim, NewDeadLetter } from '../../ports/event-ledger';
import { createOutage } from './outage';
import { repeat } from './repeat';
import type { ServiceDependencies, ServicePart } from './part';

const LOOK_EVERY_MS = 10_000;
/** Whoever claimed it is not at it any more. */
const LEFT_BEHIND_MS = 30_000;
/** A scheduled run is started by the workflow that claimed it, which waits for its worker; only what nobody has started for so long is started here. */
const SCHEDULED_LEFT_BEHIND_MS = 3_600_000;
const AT_A_TIME = 100;

/** The part `claims`. */
export function createClaimKeeper(
  { ledger, starter, logger }: Pick<ServiceDependencies, 'ledger' | 'starter' | 'logger'>,
  { lookEveryMs = LOOK_EVERY_MS, leftBehindMs = LEFT_BEHIND_MS } = {},
): ServicePart {
  const outage = createOutage('what claims need', logger);
  let started = 0;
  const look = async (): Promise<void> => {
    try {
      const before = new Date(Date.now() - leftBehindMs).toISOString();
      for (const claim of await ledger.listUnconfirmed(before, AT_A_TIME)) {
        const age = Date.now() - Date.parse(claim.claimedAt);
        if (claim.kind === 'schedule' && age < SCHEDULED_LEFT_BEHIND_MS) continue;
        try {
          await startClaimed({ ledger, starter }, claim);
          started += 1;
          logger.info({ run: claim.workflowId }, 'a claim that was left behind has its run now');
        } catch (error) {
          if (!isMillraceError(error) || error.retryable) throw error;
          // The others have their turn, and this one is told to people before it is taken back.
          await ledger.addDeadLetter(letterOf(claim, error));
          await ledger.withdrawEvent(claim.key);
        }
      }
      outage.ended();
    } catch (error) {
      outage.failed(error);
    }
  };
  const looking = repeat(lookEveryMs, look);
  return {
    name: 'claims',
    update: () => Promise.resolve(),
    stop: () => looking.stop(),
    health: () => ({ healthy: true, started, ...(outage.reason !== undefined && { away: outage.reason }) }),
  };
}

function letterOf(
  { key, kind, pipeline, workflowId, input }: EventClaim,
  { code, message, mend }: MillraceError,
): NewDeadLetter {
  return {
    id: key.slice(0, 32),
    kind,
    pipeline,
    code,
    message,
    where: workflowId,
    ...(mend !== undefined && { mend }),
    input: JSON.stringify(input),
    occurredAt: new Date().toISOString(),
  };
}
