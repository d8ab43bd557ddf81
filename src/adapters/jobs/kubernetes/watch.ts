/** One watch of all our Jobs and one of their pods, for all attempts that a worker follows. */
import { setTimeout as pause } from 'node:timers/promises';
import { ListWatch, Watch, type V1Job, type V1Pod } from '@kubernetes/client-node';
import { calling, isNotFound } from './calls';
import type { Cluster } from './connection';
import { refusalOf } from './ownership';

/** Set by the Job controller on the pods of a Job. */
const JOB_NAME_LABEL = 'batch.kubernetes.io/job-name';
/** The same with the UID of the Job: a Job of that name which somebody else made later has other pods. */
const JOB_UID_LABEL = 'batch.kubernetes.io/controller-uid';

const RESTART_MS = 1000;

/** A watch whose failures all reach the one who keeps it: those before the request would otherwise be nobody's. */
class HeardWatch extends Watch {
  override async watch(...given: Parameters<Watch['watch']>): Promise<AbortController> {
    try {
      return await super.watch(...given);
    } catch (error) {
      given[3](error);
      return new AbortController();
    }
  }
}

/** What is known of the cluster, as fresh as its watches. */
export class ClusterWatch {
  private readonly jobs: ListWatch<V1Job>;
  private readonly pods: ListWatch<V1Pod>;
  private readonly sleepers = new Map<string, Set<() => void>>();
  private stopped = false;
  private readonly ready: Promise<unknown>;

  /** @param selector labels of our own Jobs and pods */
  constructor(
    private readonly cluster: Cluster,
    selector: string,
  ) {
    const { config, batch, core, namespace } = cluster;
    const base = `namespaces/${namespace}`;
    this.jobs = new ListWatch<V1Job>(
      `/apis/batch/v1/${base}/jobs`,
      new HeardWatch(config),
      () => batch.listNamespacedJob({ namespace, labelSelector: selector }),
      false,
      selector,
    );
    this.pods = new ListWatch<V1Pod>(
      `/api/v1/${base}/pods`,
      new HeardWatch(config),
      () => core.listNamespacedPod({ namespace, labelSelector: selector }),
      false,
      selector,
    );
    this.ready = Promise.all([
      this.keep(this.jobs, (job) => job.metadata?.name),
      this.keep(this.pods, jobOf),
    ]);
  }

  /** The Job of that name, asked for where the watch does not know it (yet). @throws KUBERNETES_UNAVAILABLE, KUBERNETES_REFUSED. */
  async job(name: string): Promise<V1Job | undefined> {
    await this.ready;
    const known = this.jobs.get(name, this.cluster.namespace);
    if (known !== undefined) return known;
    try {
      return await calling(`read the Job ${name}`, () =>
        this.cluster.batch.readNamespacedJob({ name, namespace: this.cluster.namespace }),
      );
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw refusalOf(error, name);
    }
  }

  /** Pods of the Job with that UID, as the watch knows them. */
  async podsOf(jobUid: string): Promise<readonly V1Pod[]> {
    await this.ready;
    return this.pods
      .list(this.cluster.namespace)
      .filter(({ metadata }) => metadata?.labels?.[JOB_UID_LABEL] === jobUid);
  }

  /** The same, asked of the server. @throws KUBERNETES_UNAVAILABLE, KUBERNETES_REFUSED. */
  async askPodsOf(jobUid: string): Promise<readonly V1Pod[]> {
    const { core, namespace } = this.cluster;
    const labelSelector = `${JOB_UID_LABEL}=${jobUid}`;
    const answer = await calling('list the pods of a Job', () =>
      core.listNamespacedPod({ namespace, labelSelector }),
    ).catch((error: unknown) => {
      throw refusalOf(error, jobUid);
    });
    return answer.items;
  }

  /** Resolves at the next change of the Job or its pods, at the latest after `waitMs`. @throws the reason of `signal`. */
  async changed(name: string, waitMs: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    const sleepers = this.sleepers.get(name) ?? new Set();
    this.sleepers.set(name, sleepers.add(wake));
    try {
      await pause(waitMs, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() =>
        signal.throwIfAborted(),
      );
    } finally {
      sleepers.delete(wake);
      if (sleepers.size === 0) this.sleepers.delete(name);
    }
  }

  async close(): Promise<void> {
    this.stopped = true;
    await Promise.all([this.jobs.stop(), this.pods.stop()]);
  }

  /** Starts the watch and starts it again after every error: it lists anew where the server has forgotten where it was. */
  private async keep<T extends V1Job | V1Pod>(
    cache: ListWatch<T>,
    nameOf: (one: T) => string | undefined,
  ): Promise<void> {
    cache.on('change', (one) => this.wake(nameOf(one)));
    cache.on('error', () => {
      if (!this.stopped) setTimeout(() => void (this.stopped || cache.start()), RESTART_MS).unref();
    });
    await cache.start();
  }

  private wake(name: string | undefined): void {
    for (const wake of this.sleepers.get(name ?? '') ?? []) wake();
  }
}

/** The name of a pod's Job. */
function jobOf(pod: V1Pod): string | undefined {
  return pod.metadata?.labels?.[JOB_NAME_LABEL];
}
