/** Ids are pure functions: a duplicate of anything finds the first one and adopts it. */
import { digestOf } from './digest';

/** Workflow id of a run started by hand; `NAME/manual/…`. */
export function manualRunIdFor(pipeline: string, token: string): string {
  return `${pipeline}/manual/${token}`;
}

/**
 * Workflow id of a candidate's child. `salt` comes from the workflow's seeded `uuid4()`: it replays the same, and is another
 * after a reset, when the child of the old execution may still be closing. The job below it is found by content, not by this id.
 */
export function candidateWorkflowIdFor(parentWorkflowId: string, candidate: string, salt: string): string {
  return `${parentWorkflowId}/${candidate}/${salt.slice(0, 8)}`;
}

/** Workflow id of the one owner of a registered model. */
export function modelReleaseIdFor(model: string): string {
  return `model/${model}`;
}

/** Name of a job: a hash of pipeline, candidate and step key, so that every run which needs this training finds the same job. */
export function jobNameFor(job: { pipeline: string; candidate: string; stepKey: string }): string {
  return (
    `${job.pipeline}-${job.candidate}`.slice(0, 40).replace(/-+$/, '') + `-${digestOf(job).slice(0, 16)}`
  );
}

/** Key that an MLflow run, logged model or model version is tagged with, so that a retry finds it. */
export function trackingKeyFor(
  subject: { runId: string; candidate?: string } | { model: string; stepKey: string },
): string {
  return digestOf(subject).slice(0, 32);
}

/** Name of one deployment of a version: a repeat of the same request or promotion (`token`) finds the server that the first one staged. */
export function deploymentIdFor(deployment: { model: string; version: string; token: string }): string {
  return `v${deployment.version}-${digestOf(deployment).slice(0, 12)}`;
}

/** Key of a notification: sent once, whatever is retried. */
export function notificationKeyFor(notification: {
  workflowId: string;
  runId: string;
  event: string;
  channel: string;
}): string {
  return digestOf(notification).slice(0, 32);
}

/** Task queue of a host-bound store. */
export function storeQueueFor(queue: string, storeId: string): string {
  return `${queue}@${storeId}`;
}

/** Workflow id of a run that an event started: `NAME/file/…`. The same event names the same run, for ever. */
export function eventRunIdFor(pipeline: string, kind: string, eventKey: string): string {
  return `${pipeline}/${kind}/${digestOf({ pipeline, kind, eventKey }).slice(0, 20)}`;
}

/** Workflow id of the one owner of a pool; the pool of a pipeline's `maxActiveRuns` is named `runs-of.PIPELINE`. */
export function poolIdFor(pool: string): string {
  return `pool/${pool}`;
}
