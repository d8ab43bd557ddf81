/** Tells the parts of the service when the registrations change: looked up often, told only upon a change. */
import type { Logger } from 'pino';
import { canonicalJson } from '../../contracts/digest';
import type { Registration, RegistrationLedger } from '../../ports/registration-ledger';
import type { ServicePart } from './watcher';

const LOOK_EVERY_MS = 1000;

/** Follows the ledger until the returned function is called. The first look is awaited. */
export async function followRegistrations(
  ledger: RegistrationLedger,
  parts: readonly ServicePart[],
  logger: Logger,
): Promise<() => Promise<void>> {
  let known = '';
  const look = async (): Promise<void> => {
    const inForce: Registration[] = (await ledger.listRegistrations()).filter(({ paused }) => !paused);
    const now = canonicalJson(inForce);
    if (now === known) return;
    for (const part of parts) await part.update(inForce);
    known = now;
  };
  await look();
  let looking: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    looking = look()
      .catch((error: unknown) => logger.warn({ err: error }, 'the registrations could not be read'))
      .finally(() => (busy = false));
  }, LOOK_EVERY_MS);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}
