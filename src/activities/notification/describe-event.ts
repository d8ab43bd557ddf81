/** An event of a run in words. Pure. */
import type { AnnounceRunInput } from '../../contracts/steps';
import type { Notification } from '../../ports/notification-channel';

const TITLES: Readonly<Record<AnnounceRunInput['event'], string>> = {
  failed: 'failed',
  rejected: 'was rejected by the gate or a person',
  deployed: 'is deployed',
  registered: 'is registered',
  published: 'published its data set',
  unchanged: 'found the model that is champion already',
  stopped: 'stopped as asked',
  awaitingApproval: 'waits for approval',
  cancelled: 'was cancelled',
  sla: 'takes longer than its sla',
};

/** What people are told of the event. `workflowUrl` is the run's page in Temporal. */
export function describeEvent(
  { status, event, startedAt, endedAt }: AnnounceRunInput,
  workflowUrl: string,
): Notification {
  const { error, model } = status;
  const version = model?.version === undefined ? '' : `, ${model.name} version ${model.version}`;
  return {
    event,
    title: `${status.pipeline} ${TITLES[event]}${version} (${status.workflowId})`,
    reasons: error
      ? [`${error.code}: ${error.message}`, ...[error.where, error.mend].filter((line) => line !== undefined)]
      : status.reasons,
    links: {
      run: workflowUrl,
      ...(status.mlflow && { mlflow: status.mlflow.url }),
      ...(status.report !== undefined && { report: status.report }),
      ...(model?.endpoint !== undefined && { endpoint: model.endpoint }),
    },
    nextCommand: nextCommandFor(event, status.workflowId),
    pipeline: status.pipeline,
    workflowId: status.workflowId,
    at: endedAt ?? startedAt,
  };
}

function nextCommandFor(event: AnnounceRunInput['event'], workflowId: string): string {
  switch (event) {
    case 'failed':
      return `millrace retry ${workflowId}`;
    case 'awaitingApproval':
      return `millrace approve ${workflowId}`;
    default:
      return `millrace show ${workflowId}`;
  }
}
