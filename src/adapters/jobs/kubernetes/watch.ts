/** One watch of all our Jobs and one of their pods, for all attempts that a worker follows. */
import { setTimeout as pause } from 'node:timers/promises';
import {
  makeInformer,
  type Informer,
  type ObjectCache,
  type V1Job,
  type V1Pod,
} from '@kubernetes/client-node';
import { calling, isNotFound } from './calls';
import type { Cluster } from './connection';
/** Set by the Job controller on the pods of a Job. */
const JOB_NAME_LABEL = 'batch.kubernetes.io/job-name';

const RESTART_MS = 500;

type Cache<T extends V1Job | V1Pod> = Informer<T> & ObjectCache<T>;

/** What is known of the cluster, as fresh as its watches. */
export class ClusterWatch {
  private readonly jobs: Cache<V1Job>;
  private readonly pods: Cache<V1Pod>;
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
    this.jobs = makeInformer<V1Job>(
      config,
      `/apis/batch/v1/${base}/jobs`,
      () => batch.listNamespacedJob({ namespace, labelSelector: selector }),
      selector,
    );
    this.pods = makeInformer<V1Pod>(
      config,
      `/api/v1/${base}/pods`,
      () => core.listNamespacedPod({ namespace, labelSelector: selector }),
      selector,
    );
    this.ready = Promise.all([
      this.keep(this.jobs, (job) => job.metadata?.name),
      this.keep(this.pods, jobOf),
    ]);
  }

  /** The Job of that name, asked for where the watch does not know it (yet). @throws KUBERNETES_UNAVAILABLE. */
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
      throw error;
    }
  }

  /** Pods of the Job of that name, as the watch knows them. */
  async podsOf(name: string): Promise<readonly V1Pod[]> {
    await this.ready;
    return this.pods.list(this.cluster.namespace).filter((pod) => jobOf(pod) === name);
  }

  /** The same, asked of the server. @throws KUBERNETES_UNAVAILABLE. */
  async askPodsOf(name: string): Promise<readonly V1Pod[]> {
    const { core, namespace } = this.cluster;
    const labelSelector = `${JOB_NAME_LABEL}=${name}`;
    return (
      await calling(`list the pods of ${name}`, () => core.listNamespacedPod({ namespace, labelSelector }))
    ).items;
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
    cache: Cache<T>,
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
