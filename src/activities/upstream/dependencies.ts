import type { AnnouncementLedger } from '../../ports/announcement-ledger';
import type { EventLedger } from '../../ports/event-ledger';
import type { RegistrationLedger } from '../../ports/registration-ledger';
import type { RunStarter } from '../../ports/run-starter';
import type { WaiterMessenger } from '../../ports/waiter-messenger';

/** What announcing needs from outside; given by the worker's composition root. */
export interface UpstreamActivityDependencies {
  readonly ledger: AnnouncementLedger & EventLedger & Pick<RegistrationLedger, 'listRegistrations'>;
  readonly starter: RunStarter;
  readonly waiters: WaiterMessenger;
}
