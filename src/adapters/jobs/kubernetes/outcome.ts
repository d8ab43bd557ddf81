/** What a Job and its pods say about an attempt: pure. */
import { constants } from 'node:os';
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { TRAINER_CONTAINER } from '../../../contracts/pipeline-file';
import type { ExitRecord } from '../attempts/records';

/** Where an attempt stands in the cluster. */
export type ClusterState =
  | { readonly kind: 'waiting'; readonly words: string; readonly unschedulable: boolean }
  | {
      readonly kind: 'running';
      readonly startedAt: string;
      readonly pod: string;
      readonly node: string | undefined;
    }
  | { readonly kind: 'over'; readonly exit: ExitRecord; readonly pod: string | undefined };

/**
 * The state of a Job with its pods. A pod that has ended well decides before its Job says so, which takes the controller a second or two. One that has failed
 * decides when its Job has: until then the Job may still find that it was evicted, pre-empted or lost with its node, and make another one.
 */
export function stateOf(job: V1Job, pods: readonly V1Pod[], now: Date): ClusterState {
  const newest = pods.toSorted((one, other) => created(one) - created(other)).at(-1);
  const since = isoOf(job.metadata?.creationTimestamp) ?? now.toISOString();
  const pod = newest?.metadata?.name;
  const ended = newest && !isDisrupted(newest) ? endOf(newest, since, now) : undefined;
  const failed = condition(job, 'Failed') ?? condition(job, 'FailureTarget');
  if (ended !== undefined && (failed !== undefined || ended.exitCode === 0))
    return { kind: 'over', pod, exit: ended };
  if (failed !== undefined) {
    const at = isoOf(failed.lastTransitionTime) ?? now.toISOString();
    if (failed.reason === 'DeadlineExceeded')
      return { kind: 'over', pod, exit: exitOf(since, at, { reason: 'timeout' }) };
    const message = `The Job failed (${failed.reason ?? 'no reason'}): ${failed.message ?? 'no message'}`;
    return { kind: 'over', pod, exit: exitOf(since, at, { reason: 'lost', message }) };
  }
  if (condition(job, 'Complete') !== undefined)
    return {
      kind: 'over',
      pod,
      exit: exitOf(since, isoOf(job.status?.completionTime) ?? now.toISOString(), {
        reason: 'exited',
        exitCode: 0,
      }),
    };
  if (ended !== undefined)
    return { kind: 'waiting', words: 'Ended: its Job is about to say how', unschedulable: false };
  // A pod on a node that does not answer looks as it did when it was seen last.
  const started =
    newest && !isDisrupted(newest) ? isoOf(trainerStatus(newest)?.state?.running?.startedAt) : undefined;
  if (newest && started !== undefined)
    return { kind: 'running', startedAt: started, pod: pod ?? '', node: newest.spec?.nodeName };
  return waitingOf(job, newest);
}

/** How the last of these pods ended by itself, where one did: all that is left to ask when their Job is gone. */
export function endOfPods(
  pods: readonly V1Pod[],
  since: string,
  now: Date,
): { exit: ExitRecord; pod: string } | undefined {
  const newest = pods.toSorted((one, other) => created(one) - created(other)).at(-1);
  const exit = newest && !isDisrupted(newest) ? endOf(newest, since, now) : undefined;
  return exit && { exit, pod: newest?.metadata?.name ?? '' };
}

/** Whether the controller has said how the Job ended. */
export function isDecided(job: V1Job): boolean {
  return ['Complete', 'Failed', 'FailureTarget'].some((type) => condition(job, type) !== undefined);
}

function endOf(pod: V1Pod, since: string, now: Date): ExitRecord | undefined {
  // The kubelet ends a pod that is over its time, and its containers then look as if somebody had killed them.
  if (pod.status?.phase === 'Failed' && pod.status.reason === 'DeadlineExceeded')
    return exitOf(isoOf(pod.status.startTime) ?? since, now.toISOString(), { reason: 'timeout' });
  const terminated = trainerStatus(pod)?.state?.terminated;
  if (terminated !== undefined) {
    const [from, to] = [
      isoOf(terminated.startedAt) ?? since,
      isoOf(terminated.finishedAt) ?? now.toISOString(),
    ];
    if (terminated.reason === 'OOMKilled' && terminated.exitCode !== 0)
      return exitOf(from, to, { reason: 'out-of-memory', exitCode: terminated.exitCode });
    if (terminated.reason === 'StartError' || terminated.reason === 'ContainerCannotRun')
      return exitOf(from, to, { reason: 'not-started', message: terminated.message ?? terminated.reason });
    if (terminated.reason === 'ContainerStatusUnknown')
      return exitOf(from, to, { reason: 'lost', message: 'The kubelet lost sight of the container.' });
    // A process in a container that a signal has killed ends with 128 and the number of the signal.
    const signal = signalOf(terminated.exitCode);
    if (signal !== undefined) return exitOf(from, to, { reason: 'signalled', signal });
    return exitOf(from, to, { reason: 'exited', exitCode: terminated.exitCode });
  }
  if (pod.status?.phase === 'Failed') {
    const message = `The pod failed (${pod.status.reason ?? 'no reason'}): ${pod.status.message ?? 'no message'}`;
    return exitOf(isoOf(pod.status.startTime) ?? since, now.toISOString(), { reason: 'lost', message });
  }
  return undefined;
}

function waitingOf(job: V1Job, pod: V1Pod | undefined): ClusterState {
  const waits = (words: string, unschedulable = false): ClusterState => ({
    kind: 'waiting',
    words,
    unschedulable,
  });
  if (job.spec?.suspend === true) return waits('Suspended: the queue has not admitted it yet');
  if (pod === undefined) return waits('Queued: the Job has no pod yet');
  if (isDisrupted(pod)) return waits(`${disruption(pod) ?? 'Disrupted'}: the Job makes another pod`);
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False')
    return waits(
      `${scheduled.reason ?? 'Unscheduled'}: ${scheduled.message ?? 'no node yet'}`,
      scheduled.reason === 'Unschedulable',
    );
  const waiting = trainerStatus(pod)?.state?.waiting;
  if (waiting?.reason !== undefined)
    return waits(waiting.message === undefined ? waiting.reason : `${waiting.reason}: ${waiting.message}`);
  return waits(
    pod.spec?.nodeName === undefined ? 'Pending: waits for a node' : `Starting on ${pod.spec.nodeName}`,
  );
}

/** Evicted, pre-empted, or deleted with its node: `podFailurePolicy` does not count it, and the Job makes another pod. */
export function isDisrupted(pod: V1Pod): boolean {
  return disruption(pod) !== undefined && pod.status?.phase !== 'Succeeded';
}

function disruption(pod: V1Pod): string | undefined {
  return pod.status?.conditions?.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True')
    ?.reason;
}

function trainerStatus(pod: V1Pod) {
  return pod.status?.containerStatuses?.find(({ name }) => name === TRAINER_CONTAINER);
}

function signalOf(exitCode: number): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0];
}

function condition(job: V1Job, wanted: string) {
  return job.status?.conditions?.find(({ type, status }) => type === wanted && status === 'True');
}

function exitOf(
  startedAt: string,
  endedAt: string,
  end: Pick<ExitRecord, 'reason'> & Partial<Pick<ExitRecord, 'exitCode' | 'signal' | 'message'>>,
): ExitRecord {
  return { exitCode: null, signal: null, maxRssBytes: 0, startedAt, endedAt, ...end };
}

function created(pod: V1Pod): number {
  return Date.parse(isoOf(pod.metadata?.creationTimestamp) ?? '') || 0;
}

function isoOf(time: Date | string | undefined): string | undefined {
  if (time === undefined) return undefined;
  return time instanceof Date ? time.toISOString() : new Date(time).toISOString();
}
