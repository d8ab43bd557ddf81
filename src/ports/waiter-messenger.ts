import type { Announcement } from '../contracts/announcements';

/** Reaches runs that wait. */
export interface WaiterMessenger {
  /** Tells a run of an announcement. @returns whether it is open; a closed one waits for nothing. @throws TEMPORAL_UNAVAILABLE: say it again. */
  tell(workflowId: string, announcement: Announcement): Promise<boolean>;
}
