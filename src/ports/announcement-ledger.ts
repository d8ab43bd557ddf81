import type { Announcement } from '../contracts/announcements';
import type { UpstreamRef } from '../contracts/pipeline-file';

/** What announcements are filed under. */
export type Subject = Pick<Announcement, 'kind' | 'name'>;

/** A subscription that starts a pipeline once all that it names has been announced since its last start. */
export interface Subscription {
  /** A pure function of the pipeline and of what it names: another list is another subscription. */
  readonly key: string;
  readonly pipeline: string;
  readonly all: readonly UpstreamRef[];
  /** Announcements before this moment (ISO 8601) do not count for the first start. */
  readonly since: string;
}

/** A start that a subscription has come to: not done before it is settled. */
export interface DueStart {
  /** A pure function of the subscription and the announcements: the key of the event. */
  readonly key: string;
  readonly pipeline: string;
  readonly announcements: readonly Announcement[];
}

/** What runs have announced, who waits for it, and how far subscriptions have come. */
export interface AnnouncementLedger {
  /** Takes it down; a repeat changes nothing. */
  putAnnouncement(announcement: Announcement): Promise<void>;
  /** The newest one with one of these outcomes that is not older than `since` (ISO 8601). */
  findAnnouncement(
    subject: Subject,
    filter: { readonly outcomes: readonly Announcement['outcome'][]; readonly since?: string },
  ): Promise<Announcement | undefined>;
  /** Notes that a run waits for these, each until it is announced with one of these outcomes. */
  putWaiters(
    workflowId: string,
    awaited: readonly { readonly subject: Subject; readonly outcomes: readonly Announcement['outcome'][] }[],
  ): Promise<void>;
  /** Ids of the runs that wait for such an announcement, in order, those after `after`. */
  listWaiters(
    announced: Pick<Announcement, 'kind' | 'name' | 'outcome'>,
    page: { readonly after?: string; readonly limit: number },
  ): Promise<string[]>;
  /** Forgets what these runs wait for: this subject, or everything. */
  removeWaiters(workflowIds: readonly string[], subject?: Subject): Promise<void>;
  /**
   * Counts what has been announced since the subscription's last start. Where nothing is missing, what was counted is used up and a start is due:
   * both or neither, and once, whoever else asks at the same time.
   */
  advanceSubscription(subscription: Subscription): Promise<void>;
  /** Starts that are due and not settled, oldest first. */
  listDueStarts(limit: number): Promise<DueStart[]>;
  /** The start was made. */
  settleDueStart(key: string): Promise<void>;
}
