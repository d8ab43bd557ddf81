// Catches a worker that is killed while it makes a Job, or between that and taking it down, and whose job is made again, or lost.
import { startTypeScript } from '../support/child-process';
import { kubernetesSupport } from '../support/kubernetes/build';
import { CLUSTER_START_MS, startCluster, type Cluster } from '../support/kubernetes/cluster';
import { seededRandom } from '../support/seeded-random';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { JobsFixture, requestFor } from '../integration/kubernetes/jobs-fixture';

const lacking = kubernetesSupport();
const WORKER = join(__dirname, '../support/kubernetes/launching-worker.ts');
const KILLS = 20;
/** Of which half fall into the first moments, in which the Job is made. */
const LATEST_MS = { early: 60, late: 1500 };

(lacking === undefined ? describe : describe.skip)(
  `workers on a cluster${lacking ? ` (not run: ${lacking})` : ''}`,
  () => {
    let cluster: Cluster;
    let fixture: JobsFixture;
    beforeAll(async () => {
      cluster = await startCluster({ gpuNodes: [{ name: 'gpu-0', gpus: 100 }] });
      fixture = await JobsFixture.open(cluster);
    }, CLUSTER_START_MS);
    afterAll(async () => {
      await fixture.close();
      await cluster.stop();
    }, CLUSTER_START_MS);

    test(`a worker killed at ${KILLS} random moments: one Job for each candidate and attempt, and the next worker follows it to its end`, async () => {
      const random = seededRandom(20);
      const names = Array.from({ length: KILLS }, (_, index) => `killed-${index}`);
      const request = (name: string) => requestFor(name, { runFor: '1h' });
      for (const [index, name] of names.entries()) {
        const child = startTypeScript(WORKER, [
          fixture.root,
          cluster.kubeconfig,
          JSON.stringify(request(name)),
        ]);
        for await (const line of child.lines) if (line === 'ready') break;
        child.process.stdin?.write('go\n');
        // The moment of the kill, which is what this test is about: no condition is waited for.
        await pause(random() * (index % 2 === 0 ? LATEST_MS.early : LATEST_MS.late));
        child.process.kill('SIGKILL');
        await child.ended;
      }
      for (const name of names) {
        expect(await fixture.backend.launchOrAdopt(request(name))).toMatchObject({
          phase: 'running',
          attempt: 1,
        });
        await fixture.writeResult(await fixture.onNode(name));
        await cluster.kubectl([
          ...['annotate', '--overwrite', 'pod', '-l', `batch.kubernetes.io/job-name=${name}-1`],
          'simulated.millrace.dev/run-for=0s',
        ]);
        expect(await fixture.over(name)).toMatchObject({ phase: 'succeeded', attempt: 1 });
      }
      // Nothing was deleted: what there is is all that was ever made.
      expect((await fixture.jobs()).map(({ name }) => name).sort()).toEqual(
        names.map((name) => `${name}-1`).sort(),
      );
      const { items } = await cluster.read<{ items: object[] }>('pods');
      expect(items).toHaveLength(KILLS);
    }, 600_000);
  },
);
