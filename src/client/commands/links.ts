/** Where to go on from a run. */
import { workflowUrlFor, type TemporalTarget } from '../../adapters/temporal/connection';
import type { RunStatus } from '../../contracts/runs';

/** Lines with the pages of a run, its report, and the command that is worth typing next. */
export function runLinks(status: RunStatus, target: TemporalTarget): string[] {
  const { workflowId, runId } = status;
  return [
    `  Temporal  ${workflowUrlFor(target)(workflowId, runId)}`,
    ...(status.mlflow === undefined ? [] : [`  MLflow    ${status.mlflow.url}`]),
    ...(status.report === undefined ? [] : [`  Report    ${status.report}`]),
    ...(status.model?.endpoint === undefined ? [] : [`  Endpoint  ${status.model.endpoint}`]),
    `  Next      ${nextCommand(status)}`,
  ];
}

/** What a person would do now. */
function nextCommand(status: RunStatus): string {
  const { workflowId, outcome } = status;
  if (status.state === 'awaiting-approval') return `millrace approve ${workflowId} --why "…"`;
  if (outcome === undefined)
    return `millrace ${status.held === undefined ? 'follow' : 'resume'} ${workflowId}`;
  if (outcome === 'failed') {
    const failed = status.candidates.find(({ state }) => state === 'failed');
    return failed === undefined
      ? `mend the cause, then: millrace retry ${workflowId}`
      : `millrace logs ${workflowId} ${failed.name}, mend it, then: millrace retry ${workflowId}`;
  }
  // Goes on with what is finished, and adopts jobs that were kept.
  if (outcome === 'cancelled') return `millrace retry ${workflowId}`;
  if (outcome === 'deployed' && status.model !== undefined)
    return `millrace models show ${status.model.name}`;
  return `millrace report ${workflowId}`;
}
