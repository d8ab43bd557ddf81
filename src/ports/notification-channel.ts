/** What people are told. */
export interface Notification {
  readonly event: string;
  /** One line: pipeline and what happened. */
  readonly title: string;
  /** The reasons, one each. */
  readonly reasons: readonly string[];
  /** Title → address. */
  readonly links: Readonly<Record<string, string>>;
  /** What to type next. */
  readonly nextCommand: string;
  readonly pipeline: string;
  readonly workflowId: string;
  /** ISO 8601. */
  readonly at: string;
}

/** A way to reach people. May deliver twice after a crash between sending and noting it; never loses one silently. */
export interface NotificationChannel {
  send(notification: Notification): Promise<void>;
}
