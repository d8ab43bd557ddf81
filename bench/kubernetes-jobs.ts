/** Jobs on a cluster: what it costs to follow many, and how soon an end is known. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { JobsFixture, requestFor } from '../test/integration/kubernetes/jobs-fixture';
import { startCluster } from '../test/support/kubernetes/cluster';
import { mapConcurrently } from '../src/contracts/concurrency';
import type { Figure, Scenario } from './scenario';
import { percentile, timed } from './support/statistics';

const JOBS = 200;
const AT_ONCE = 20;
/** Jobs that run on while their requests are counted. */
const QUIET_MS = 30_000;
/** Every HTTP request of the client of Kubernetes. */
const REQUESTS = 'undici:request:create';

/** See the file's head. Real API server, scheduler and controllers; simulated pods. */
export const kubernetesJobs: Scenario = {
  name: 'kubernetes-jobs',
  question: `what does it cost to follow ${JOBS} jobs on a cluster, and how soon is an end known?`,
  async run({ say }) {
    const nodes = [0, 1].map((index) => ({ name: `gpu-${index}`, gpus: JOBS, cpus: 2 * JOBS }));
    const cluster = await startCluster({ gpuNodes: nodes });
    let requests = 0;
    const count = (): void => void (requests += 1);
    subscribe(REQUESTS, count);
    try {
      const fixture = await JobsFixture.open(cluster);
      try {
        return await follow(fixture, () => requests, say);
      } finally {
        await fixture.close();
      }
    } finally {
      unsubscribe(REQUESTS, count);
      await cluster.stop();
    }
  },
};

async function follow(
  fixture: JobsFixture,
  requests: () => number,
  say: (text: string) => void,
): Promise<Figure[]> {
  const { backend, cluster } = fixture;
  const names = Array.from({ length: JOBS }, (_, index) => `followed-${index}`);
  const before = process.memoryUsage().rss;
  const launching = await timed(() =>
    mapConcurrently(names, AT_ONCE, (name) => backend.launchOrAdopt(requestFor(name, { runFor: '1h' }))),
  );
  const launched = requests();
  say(`${JOBS} jobs are launched`);
  for (const name of names) await fixture.onNode(name);
  const ends = new Map<string, number>();
  const following = new Map(names.map((name) => [name, untilOver(fixture, name, ends)]));
  const quietFrom = requests();
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  const quiet = requests() - quietFrom;
  const memory = process.memoryUsage().rss - before;
  say('they are ended, one after the other');
  const late: number[] = [];
  for (const name of names) {
    await fixture.writeResult((await backend.describe(name))!);
    const ordered = performance.now();
    const pod = `batch.kubernetes.io/job-name=${name}-1`;
    await cluster.kubectl([
      ...['annotate', '--overwrite', 'pod', '-l', pod],
      'simulated.millrace.dev/run-for=0s',
    ]);
    await following.get(name);
    late.push((ends.get(name) ?? Infinity) - ordered);
  }
  return [
    {
      name: 'jobs launched',
      value: JOBS,
      unit: 'jobs',
      note: `in ${(launching.milliseconds / 1000).toFixed(1)} s, ${launched} requests`,
    },
    {
      name: `requests while ${JOBS} are followed`,
      value: quiet / (QUIET_MS / 1000),
      unit: '1/s',
      limit: { atMost: 1 },
    },
    { name: 'memory more than before', value: memory / 1e6, unit: 'MB' },
    {
      name: 'a pod is told to end until its attempt has ended, p50',
      value: percentile(late, 50),
      unit: 'ms',
    },
    {
      name: '… p95',
      value: percentile(late, 95),
      unit: 'ms',
      limit: { atMost: 1000 },
      note: 'kubectl and the simulated node included',
    },
  ];
}

async function untilOver({ backend }: JobsFixture, name: string, ends: Map<string, number>): Promise<void> {
  let status = (await backend.describe(name))!;
  while (status.phase === 'running')
    status = await backend.waitForChange(status, 1000, new AbortController().signal);
  ends.set(name, performance.now());
  if (status.phase !== 'succeeded')
    throw new Error(`${name} is ${status.phase}: ${status.failure?.message ?? ''}`);
}
