/** A job backend on a cluster with simulated nodes: pods run nothing, so the test writes what a trainer would leave. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKubernetesRunner } from '../../../src/adapters/jobs/kubernetes';
import { createLocalJobBackend } from '../../../src/adapters/jobs/local';
import { kubernetesSettingsSchema } from '../../../src/contracts/kubernetes-settings';
import { jobTemplateSchema, mergeJobTemplates } from '../../../src/contracts/pipeline-file';
import type { JobBackend, JobRequest, JobStatus } from '../../../src/ports/job-backend';
import type { Cluster } from '../../support/kubernetes/cluster';
import { NODE_KIND, simulated, type SimulatedEnd } from '../../support/kubernetes/simulated';

/** How long a test waits for something of the cluster. */
const PATIENCE_MS = 60_000;

/** One worker's view of the jobs. */
export interface Worker {
  readonly backend: JobBackend;
  close(): Promise<void>;
}

/** Settings of the tests' environment. */
export function settingsOf(root: string) {
  const settings = kubernetesSettingsSchema.parse({
    namespace: 'default',
    image: 'localhost/none:1',
    jobs: { path: root, volume: { hostPath: root } },
  });
  return { ...settings, deployment: 'test' };
}

/** Opens the jobs as a worker does: any number may share a folder. */
export async function openWorker(root: string, kubeconfig: string): Promise<Worker> {
  const cluster = createKubernetesRunner({ settings: settingsOf(root), kubeconfig });
  const trainersPath = join(__dirname, '..', '..', '..', 'trainers');
  return {
    backend: await createLocalJobBackend({ root, trainersPath, cluster }),
    close: () => cluster.close(),
  };
}

/** A request for a job whose pod behaves as `end` says; `changes` replace parts of it. */
export function requestFor(
  jobName: string,
  end: SimulatedEnd,
  changes: Partial<JobRequest> = {},
): JobRequest {
  const template = jobTemplateSchema.parse({
    nodeSelector: { [NODE_KIND]: 'simulated' },
    patch: { spec: { template: { metadata: { annotations: simulated(end) } } } },
  });
  return {
    jobName,
    input: { contract: 1, action: 'score', task: 'binary', classes: ['no', 'yes'], threads: 1 },
    files: {},
    python: 'python',
    command: ['python', 'train.py'],
    environment: {},
    timeoutSeconds: 600,
    maxAttempts: 3,
    retryInitialSeconds: 0,
    retryMaxSeconds: 0,
    since: new Date(0).toISOString(),
    follower: { workflowId: 'churn/manual/1' },
    pod: { template: mergeJobTemplates([template]), resources: { gpu: 1 } },
    ...changes,
  };
}

/** A worker of its own in a folder of its own. */
export class JobsFixture {
  private constructor(
    readonly cluster: Cluster,
    readonly root: string,
    readonly worker: Worker,
  ) {}

  static async open(cluster: Cluster): Promise<JobsFixture> {
    const root = await mkdtemp(join(tmpdir(), 'millrace-pods-'));
    return new JobsFixture(cluster, root, await openWorker(root, cluster.kubeconfig));
  }

  get backend(): JobBackend {
    return this.worker.backend;
  }

  /** What a trainer leaves that has done its work. */
  async writeResult({ directory }: Pick<JobStatus, 'directory'>): Promise<void> {
    const result = { contract: 1, status: 'succeeded', rows: { predicted: 0 }, model: false };
    await writeFile(join(directory, 'out', 'result.json'), JSON.stringify(result));
  }

  /** Waits until the newest attempt is as told. */
  async until(jobName: string, what: string, reached: (status: JobStatus) => boolean): Promise<JobStatus> {
    const giveUp = Date.now() + PATIENCE_MS;
    for (let status = await this.backend.describe(jobName); status !== undefined;) {
      if (reached(status)) return status;
      if (Date.now() > giveUp) throw new Error(`${jobName} is never ${what}: ${JSON.stringify(status)}`);
      status = await this.backend.waitForChange(status, 1000, new AbortController().signal);
    }
    throw new Error(`${jobName} has no attempt`);
  }

  over(jobName: string): Promise<JobStatus> {
    return this.until(jobName, 'over', ({ phase }) => phase !== 'running' && phase !== 'pending');
  }

  /** Waits until the pod of the newest attempt runs on a node. */
  onNode(jobName: string): Promise<JobStatus> {
    return this.until(jobName, 'on a node', ({ place }) => place?.node !== undefined);
  }

  /** Names and UIDs of the Jobs that there are. */
  async jobs(): Promise<{ name: string; uid: string }[]> {
    const { items } = await this.cluster.read<{ items: { metadata: { name: string; uid: string } }[] }>(
      'jobs',
    );
    return items.map(({ metadata: { name, uid } }) => ({ name, uid }));
  }

  async close(): Promise<void> {
    await this.worker.close();
    await rm(this.root, { recursive: true, force: true });
    await this.cluster.kubectl(['delete', 'job', '--all', '--cascade=foreground', '--timeout=60s']);
  }
}
