/** How a workflow ended, and when, in milliseconds since the epoch. `stopped` is everything but its own end: cancelled, terminated, timed out. */
export interface RunEnd {
  readonly how: 'completed' | 'failed' | 'stopped';
  readonly at: number;
}

/** Tells which runs are still open; asked before a job is ended that more than one run may follow. */
export interface RunDirectory {
  /** Whether the newest execution of this workflow id is open. A workflow that nobody knows is closed. */
  isOpen(workflowId: string): Promise<boolean>;
  /** How the newest execution of this workflow id ended; undefined while it is open, and for a workflow that nobody knows. */
  endOf(workflowId: string): Promise<RunEnd | undefined>;
}
