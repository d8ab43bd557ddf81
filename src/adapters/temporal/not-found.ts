/** Whether Temporal's client threw because there is no such workflow, or none that is open. Told by its name: `instanceof` fails across realms (Jest). */
export function isWorkflowNotFound(error: unknown): boolean {
  return error instanceof Error && error.name === 'WorkflowNotFoundError';
}
