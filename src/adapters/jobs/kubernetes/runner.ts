/** Attempts as Kubernetes Jobs: one Job for each attempt, of a name that is a pure function of it. */
import { join } from 'node:path';
import type { V1Job } from '@kubernetes/client-node';
import { isMillraceError, MillraceError } from '../../../contracts/errors';
import type { JobRequest, JobStatus } from '../../../ports/job-backend';
import { createFileOnce, readIfPresent } from '../../local-disk/durable-files';
import { endedStatus } from '../attempts/ended';
import { readRecord, type ExitRecord, type LaunchRecord, type SubmissionRecord } from '../attempts/records';
import { MANIFEST_FILE } from '../attempts/routed-runner';
import type { AttemptPlace, AttemptRunner } from '../attempts/runner';
import { lastProgress } from '../attempts/tails';
import { calling, isConflict, isNotFound } from './calls';
import type { Cluster } from './connection';
import { savePodLog } from './logs';
import { kubernetesJobNameFor } from './labels';
import { endOfPods, isDecided, stateOf } from './outcome';
import { assertOurs, isOurs, refusalOf } from './ownership';
import type { ClusterWatch } from './watch';

/** What a cluster needs to run attempts. */
export interface KubernetesRunnerOptions {
  readonly cluster: Cluster;
  readonly watch: ClusterWatch;
  /** The Job of an attempt; pure, complete but for what the server fills in, and with nothing secret in it. */
  readonly manifestFor: (request: JobRequest, place: AttemptPlace) => V1Job;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly graceSeconds: number;
}

/** Beside the grace: time for kubelet and controllers to take a Job down. */
const TAKE_DOWN_MS = 60_000;
const LOOK_MS = 1000;

/** See the file's head. */
export class KubernetesRunner implements AttemptRunner {
  constructor(private readonly options: KubernetesRunnerOptions) {}

  /** Ends the watches. */
  close(): Promise<void> {
    return this.options.watch.close();
  }

  async read(place: AttemptPlace): Promise<JobStatus> {
    const { directory } = place;
    const base = { jobName: place.jobName, attempt: place.attempt, directory };
    const exit = await readRecord(directory, 'exit.json');
    if (exit !== undefined) return endedStatus(place, exit);
    const submission = await this.submissionOf(place);
    if (submission === undefined) {
      const cancel = await readRecord(directory, 'cancel.json');
      return cancel === undefined
        ? { ...base, phase: 'pending' }
        : { ...base, phase: 'cancelled', endedAt: cancel.at };
    }
    const job = await this.options.watch.job(submission.name);
    if (job?.metadata?.uid !== submission.uid) return this.closeIfGone(place, submission);
    const { watch } = this.options;
    // The end of an attempt must not be told by a watch of pods that is behind the one of Jobs.
    const pods = isDecided(job) ? await watch.askPodsOf(submission.uid) : await watch.podsOf(submission.uid);
    const state = stateOf(job, pods, new Date());
    if (state.kind === 'over') return this.conclude(place, submission, state);
    const progress = await lastProgress(directory);
    const seen = { ...base, phase: 'running' as const, ...(progress && { progress }) };
    if (state.kind === 'waiting') return { ...seen, startedAt: submission.at, place: { words: state.words } };
    const node = state.node === undefined ? {} : { node: state.node };
    return { ...seen, startedAt: state.startedAt, place: { words: 'Running', ...node } };
  }

  /**
   * The manifest is written down before it is sent, so that whoever finds a Job of this name can tell whether it is this one, also when the template has been
   * edited in the meantime.
   * @throws KUBERNETES_JOB_FOREIGN when somebody else's Job has the name; it is not touched. KUBERNETES_REFUSED when the server does not take the Job.
   */
  async start(request: JobRequest, place: AttemptPlace): Promise<void> {
    const { cluster } = this.options;
    const { namespace } = cluster;
    if ((await readRecord(place.directory, 'cancel.json')) !== undefined) return;
    await this.writeLaunch(request, place);
    const file = join(place.directory, MANIFEST_FILE);
    await createFileOnce(file, `${JSON.stringify(this.options.manifestFor(request, place), null, 2)}\n`);
    const body = JSON.parse((await readIfPresent(file)) ?? '{}') as V1Job;
    const name = kubernetesJobNameFor(place.jobName, place.attempt);
    const job = await calling(`create the Job ${name}`, () =>
      cluster.batch.createNamespacedJob({ namespace, body }).catch((error: unknown) => {
        if (!isConflict(error)) throw error;
        return cluster.batch.readNamespacedJob({ namespace, name });
      }),
    ).catch((error: unknown) => this.refused(place, error, name));
    assertOurs(job, body);
    const uid = job.metadata?.uid ?? '';
    if (!(await this.takeDown(place, { name, uid }))) return;
    // Somebody cancelled it before there was anything to end.
    if ((await readRecord(place.directory, 'cancel.json')) !== undefined) await this.end(place, false);
  }

  async end(place: AttemptPlace, over: boolean): Promise<void> {
    if (over) return;
    const { watch } = this.options;
    const submission = await this.submissionOf(place);
    if (submission === undefined) return;
    await this.deleteJob(submission);
    const giveUp = Date.now() + this.options.graceSeconds * 1000 + TAKE_DOWN_MS;
    const isThere = async (): Promise<boolean> =>
      (await watch.job(submission.name))?.metadata?.uid === submission.uid;
    while ((await this.read(place)).phase === 'running' || (await isThere())) {
      if (Date.now() > giveUp)
        throw new MillraceError(
          'KUBERNETES_UNAVAILABLE',
          `The pods of the Job ${submission.name} do not end.`,
          {
            where: submission.name,
            mend: 'look at the node that they run on: kubectl describe pod',
          },
        );
      await watch.changed(submission.name, LOOK_MS, new AbortController().signal);
    }
  }

  async pause(place: AttemptPlace, waitMs: number, signal: AbortSignal): Promise<void> {
    await this.options.watch.changed(kubernetesJobNameFor(place.jobName, place.attempt), waitMs, signal);
  }

  /** The Job is gone, by us or by hand. It is over when its pods have ended, too. */
  private async closeIfGone(place: AttemptPlace, submission: SubmissionRecord): Promise<JobStatus> {
    const { watch, cluster } = this.options;
    // Asked of the server: a watch that has just begun anew knows of fewer pods than there are.
    const pods = await watch.askPodsOf(submission.uid);
    const left = pods.filter((pod) => pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed');
    for (const pod of left)
      if (pod.metadata?.name !== undefined && pod.metadata.deletionTimestamp === undefined)
        await ignoringNotFound(
          cluster.core.deleteNamespacedPod({ name: pod.metadata.name, namespace: cluster.namespace }),
        );
    if (left.length > 0)
      return {
        ...place,
        phase: 'running',
        startedAt: submission.at,
        place: { words: 'Ending: its Job is gone' },
      };
    // What had ended before the Job was cleared away has not been lost with it.
    const known = endOfPods(pods, submission.at, new Date());
    if (known) return this.conclude(place, submission, known);
    const isDone = await this.hasResult(place);
    const exit: ExitRecord = {
      ...{ reason: isDone ? 'exited' : 'lost', exitCode: isDone ? 0 : null, signal: null, maxRssBytes: 0 },
      ...{ startedAt: submission.at, endedAt: new Date().toISOString() },
      message: `The Job ${submission.name} was deleted while it ran.`,
    };
    return this.conclude(place, submission, { exit });
  }

  private async hasResult({ directory }: AttemptPlace): Promise<boolean> {
    return (await readIfPresent(join(directory, 'out', 'result.json'))) !== undefined;
  }

  /** The first record stands: whoever looks later, when the Job is cleared away, finds the same end. */
  private async conclude(
    place: AttemptPlace,
    submission: SubmissionRecord,
    { exit: seen, pod }: { readonly exit: ExitRecord; readonly pod?: string | undefined },
  ): Promise<JobStatus> {
    // A node's clock may be wrong, and whether an attempt counts is decided by its end.
    const endedAt = new Date(clamp(Date.parse(seen.endedAt), Date.parse(submission.at), Date.now()));
    const exit = { ...seen, endedAt: endedAt.toISOString() };
    if (pod !== undefined) await savePodLog(this.options.cluster, pod, join(place.directory, 'log.txt'));
    const cancelled = (await readRecord(place.directory, 'cancel.json')) !== undefined;
    // What was finished before the word came is finished.
    const isDone = exit.exitCode === 0 && (await this.hasResult(place));
    const record = cancelled && !isDone ? { ...exit, reason: 'cancelled' } : exit;
    await createFileOnce(join(place.directory, 'exit.json'), JSON.stringify(record));
    return endedStatus(place, (await readRecord(place.directory, 'exit.json')) ?? exit);
  }

  /** The Job of an attempt; also where its worker died before it took down that it had made one. */
  private async submissionOf(place: AttemptPlace): Promise<SubmissionRecord | undefined> {
    const recorded = await readRecord(place.directory, 'submission.json');
    if (recorded !== undefined) return recorded;
    const found = await this.findUnrecorded(place);
    if (found === undefined) return undefined;
    await this.takeDown(place, found);
    return readRecord(place.directory, 'submission.json');
  }

  /**
   * Writes down which Job is the attempt's: the first one stands. Another one, which came of a call that was answered late when the first was over and gone,
   * is deleted. @returns whether this is the one
   */
  private async takeDown({ directory }: AttemptPlace, job: { name: string; uid: string }): Promise<boolean> {
    const record = { ...job, at: new Date().toISOString() };
    await createFileOnce(join(directory, 'submission.json'), JSON.stringify(record));
    const standing = await readRecord(directory, 'submission.json');
    if (standing?.uid === job.uid) return true;
    await this.deleteJob(job);
    return false;
  }

  /** An attempt that the server did not take is over: a mended template needs another one, whose manifest is written anew. */
  private async refused({ directory }: AttemptPlace, error: unknown, name: string): Promise<never> {
    const refusal = refusalOf(error, name);
    if (isMillraceError(refusal) && refusal.code === 'KUBERNETES_REFUSED') {
      const at = new Date().toISOString();
      const exit: ExitRecord = {
        ...{ reason: 'not-started', exitCode: null, signal: null, maxRssBytes: 0 },
        ...{ startedAt: at, endedAt: at, message: refusal.message },
      };
      await createFileOnce(join(directory, 'exit.json'), JSON.stringify(exit));
    }
    throw refusal;
  }

  private async findUnrecorded(place: AttemptPlace): Promise<{ name: string; uid: string } | undefined> {
    const written = await readIfPresent(join(place.directory, MANIFEST_FILE));
    if (written === undefined) return undefined;
    const name = kubernetesJobNameFor(place.jobName, place.attempt);
    const job = await this.options.watch.job(name);
    const uid = job?.metadata?.uid;
    if (job === undefined || uid === undefined || !isOurs(job, JSON.parse(written) as V1Job))
      return undefined;
    return { name, uid };
  }

  private async deleteJob({ name, uid }: { name: string; uid: string }): Promise<void> {
    const { batch, namespace } = this.options.cluster;
    await ignoringNotFound(
      calling(`delete the Job ${name}`, () =>
        batch.deleteNamespacedJob({
          ...{ name, namespace, propagationPolicy: 'Foreground' },
          // Never another one that has taken the name in the meantime.
          body: { preconditions: { uid } },
        }),
      ),
    );
  }

  private async writeLaunch(request: JobRequest, { directory }: AttemptPlace): Promise<void> {
    const launch: LaunchRecord = {
      command: request.command ?? [],
      directory,
      python: request.python,
      timeoutSeconds: request.timeoutSeconds,
      memoryBytes: request.memoryBytes ?? null,
      graceSeconds: this.options.graceSeconds,
    };
    await createFileOnce(join(directory, 'launch.json'), `${JSON.stringify(launch)}\n`);
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}

async function ignoringNotFound(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    // A conflict is the precondition: what has the name now is not ours.
    if (!isNotFound(error) && !isConflict(error)) throw error;
  });
}
