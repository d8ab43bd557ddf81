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

/** Id of a pipeline's Temporal Schedule. */
export function scheduleIdFor(pipeline: string): string {
  return `schedule/${pipeline}`;
}

/**
 * Workflow id of a scheduled run: `NAME/schedule/2026-11-20T02:00Z--2026-11-21T02:00Z`, its interval in UTC. So no interval is run twice; and when a daily
 * schedule is made a weekly one, its first week is not taken for the day with which it began.
 */
export function scheduledRunIdFor(
  pipeline: string,
  { start, end }: { readonly start: Date; readonly end: Date },
): string {
  const minute = (moment: Date): string => `${moment.toISOString().slice(0, 16)}Z`;
  return `${pipeline}/schedule/${minute(start)}--${minute(end)}`;
}

/** Workflow id of a backfill; `NAME/backfill/…`. */
export function backfillIdFor(pipeline: string, token: string): string {
  return `${pipeline}/backfill/${token}`;
}

/**
 * Workflow id of a partition's run in a backfill: `NAME/backfill/2026-01-31`, with the time in UTC behind it unless that is midnight. Equal instants have
 * equal ids, so that two backfills never run a partition at the same time. `again` names one more run of what is done already: the
 * token of a backfill that runs everything once more, or the failure that it is run for.
 */
export function backfillRunIdFor(pipeline: string, nominalDate: string, again?: string): string {
  const partition = new Date(nominalDate)
    .toISOString()
    .replace(/:00\.000Z$/, 'Z')
    .replace(/T00:00Z$/, '');
  return `${pipeline}/backfill/${partition}${again === undefined ? '' : `/${again}`}`;
}

/** Workflow id of the one owner of a pool; the pool of a pipeline's `maxActiveRuns` is named `runs-of.PIPELINE`. */
export function poolIdFor(pool: string): string {
  return `pool/${pool}`;
}
