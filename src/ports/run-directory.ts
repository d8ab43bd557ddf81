/** Tells which runs are still open; asked before a job is ended that more than one run may follow. */
export interface RunDirectory {
  /** Whether the newest execution of this workflow id is open. A workflow that nobody knows is closed. */
  isOpen(workflowId: string): Promise<boolean>;
}
