import type { UpstreamActivities } from '../../contracts/activity-interfaces';
import { announceOutcome } from './announce-outcome';
import { awaitAnnouncements, endWait } from './await-announcements';
import type { UpstreamActivityDependencies } from './dependencies';

export type { UpstreamActivityDependencies } from './dependencies';

/** What runs announce, and who waits for it: queue `millrace-services`. */
export function createUpstreamActivities(dependencies: UpstreamActivityDependencies): UpstreamActivities {
  return {
    announceOutcome: (input) => announceOutcome(dependencies, input),
    awaitAnnouncements: (input) => awaitAnnouncements(dependencies, input),
    endWait: (input) => endWait(dependencies, input),
  };
}
