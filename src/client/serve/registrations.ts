/** Tells the parts of the service when the registrations change: looked up often, told only upon a change. */
import type { Logger } from 'pino';
import { canonicalJson } from '../../contracts/digest';
import type { RegistrationLedger } from '../../ports/registration-ledger';
import { createOutage } from './outage';
import { repeat, type Repetition } from './repeat';
import type { ServicePart } from './part';

const LOOK_EVERY_MS = 1000;

/** Follows the ledger until it is stopped. A part that could not take them, and a ledger that is away, are asked again. `onLook` is told of the end of each look. */
export function followRegistrations(
  ledger: RegistrationLedger,
  parts: readonly ServicePart[],
  logger: Logger,
  onLook: () => void,
): Repetition {
  const told = new Map<ServicePart, string>();
  const outages = new Map(parts.map((part) => [part, createOutage(`what ${part.name} needs`, logger)]));
  const ledgerOutage = createOutage('the ledger of registrations', logger);
  return repeat(LOOK_EVERY_MS, async () => {
    try {
      const inForce = (await ledger.listRegistrations()).filter(({ paused }) => !paused);
      const now = canonicalJson(inForce);
      ledgerOutage.ended();
      for (const part of parts) {
        if (told.get(part) === now) continue;
        try {
          await part.update(inForce);
          told.set(part, now);
          outages.get(part)?.ended();
        } catch (error) {
          outages.get(part)?.failed(error);
        }
      }
    } catch (error) {
      ledgerOutage.failed(error);
    }
    onLook();
  });
}
