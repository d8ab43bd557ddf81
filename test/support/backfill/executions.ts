/** The executions of one workflow id that continued each other as new. */
import type { Client } from '@temporalio/client';

/** One of them. */
export interface Execution {
  readonly runId: string;
  readonly events: number;
}

/** From the first to the last, as their histories lead. */
export async function executionsOf(client: Client, workflowId: string): Promise<Execution[]> {
  const found: Execution[] = [];
  let { runId } = await client.workflow.getHandle(workflowId).describe();
  for (;;) {
    const events = (await client.workflow.getHandle(workflowId, runId).fetchHistory()).events ?? [];
    found.unshift({ runId, events: events.length });
    const before = events[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '';
    if (before === '') return found;
    runId = before;
  }
}
