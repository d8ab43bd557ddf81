/**
 * Catches a job on a cluster that is made twice or never found again, whose end is taken for another one, that holds nobody back where GPUs are short, that
 * leaves pods behind when it is cancelled, or that touches what is somebody else's. Real API server, scheduler and controllers; simulated nodes.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kubernetesSupport } from '../../support/kubernetes/build';
import { CLUSTER_START_MS, startCluster, type Cluster } from '../../support/kubernetes/cluster';
import { until } from '../../support/faults/until';
import { createKubernetesRunner } from '../../../src/adapters/jobs/kubernetes';
import { JobsFixture, openWorker, requestFor, settingsOf } from './jobs-fixture';
import { simulatedJob } from './objects';

const lacking = kubernetesSupport();
jest.setTimeout(120_000);

(lacking === undefined ? describe : describe.skip)(
  `jobs on a cluster${lacking ? ` (not run: ${lacking})` : ''}`,
  () => {
    let cluster: Cluster;
    let fixture: JobsFixture;
    beforeAll(async () => {
      cluster = await startCluster({ gpuNodes: [{ name: 'gpu-0', gpus: 4 }] });
    }, CLUSTER_START_MS);
    afterAll(() => cluster.stop());
    beforeEach(async () => {
      fixture = await JobsFixture.open(cluster);
    });
    afterEach(() => fixture.close());

    test('a job runs on a node, its result counts, its log is kept, and what is over stays over when the Job is gone', async () => {
      cluster.setSimulatedLog(['epoch 1', 'epoch 2']);
      const request = requestFor('fine-0123', { runFor: '3s' });
      const first = await fixture.backend.launchOrAdopt(request);
      expect(first).toMatchObject({ phase: 'running', attempt: 1 });
      expect(await fixture.onNode('fine-0123')).toMatchObject({ place: { node: 'gpu-0' } });
      expect(await fixture.backend.listRunning()).toMatchObject([{ jobName: 'fine-0123' }]);
      await fixture.writeResult(first);
      const end = await fixture.over('fine-0123');
      expect(end).toMatchObject({ phase: 'succeeded', attempt: 1 });
      expect(await fixture.jobs()).toMatchObject([{ name: 'fine-0123-1' }]);
      await cluster.kubectl(['delete', 'job', 'fine-0123-1', '--cascade=foreground']);
      expect(await fixture.backend.launchOrAdopt(request)).toEqual(end);
      expect(await fixture.jobs()).toEqual([]);
      expect(await fixture.backend.logPath('fine-0123')).toBe(join(end.directory, 'log.txt'));
      expect(end.failure).toBeUndefined();
    });

    test('six candidates of one GPU on four: four run, two wait and say for what, all finish', async () => {
      const names = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `candidate-${name}`);
      for (const name of names) await fixture.backend.launchOrAdopt(requestFor(name, { runFor: '1h' }));
      const waiting = await until('two wait for a GPU', async () => {
        const all = await Promise.all(names.map((name) => fixture.backend.describe(name)));
        const words = all.flatMap((status) =>
          status?.place?.words.startsWith('Unschedulable') === true ? [status.place.words] : [],
        );
        return (
          words.length === 2 && all.filter((status) => status?.place?.node === 'gpu-0').length === 4 && words
        );
      });
      expect(waiting[0]).toContain('Insufficient nvidia.com/gpu');
      for (const name of names) {
        await fixture.writeResult(await fixture.onNode(name));
        await cluster.kubectl([
          ...['annotate', '--overwrite', 'pod', '-l', `batch.kubernetes.io/job-name=${name}-1`],
          'simulated.millrace.dev/run-for=0s',
        ]);
        expect(await fixture.over(name)).toMatchObject({ phase: 'succeeded', attempt: 1 });
      }
    });

    test('another worker finds the job that runs, also where the first died between making it and taking that down', async () => {
      const request = requestFor('adopted-0123', { runFor: '1h' });
      const first = await fixture.backend.launchOrAdopt(request);
      const before = await fixture.jobs();
      await rm(join(first.directory, 'submission.json'));
      const other = await openWorker(fixture.root, cluster.kubeconfig);
      try {
        expect(await other.backend.launchOrAdopt(request)).toMatchObject({ phase: 'running', attempt: 1 });
        expect(await fixture.jobs()).toEqual(before);
      } finally {
        await other.close();
      }
    });

    test('an edited template changes nothing of an attempt that was begun', async () => {
      const first = await fixture.backend.launchOrAdopt(requestFor('edited-0123', { runFor: '1h' }));
      await rm(join(first.directory, 'submission.json'));
      const edited = requestFor('edited-0123', { runFor: '2h' });
      expect(await fixture.backend.launchOrAdopt(edited)).toMatchObject({ phase: 'running', attempt: 1 });
      expect(await fixture.jobs()).toHaveLength(1);
    });

    test("somebody else's Job of the same name is refused and left alone", async () => {
      await cluster.apply(simulatedJob('taken-0123-1', 1, { runFor: '1h' }));
      const before = await cluster.read<object>('job', 'taken-0123-1', '-o', 'jsonpath={.spec}');
      await expect(fixture.backend.launchOrAdopt(requestFor('taken-0123', {}))).rejects.toMatchObject({
        code: 'KUBERNETES_JOB_FOREIGN',
        retryable: false,
      });
      await fixture.backend.cancel('taken-0123', 'a test');
      expect(await cluster.read<object>('job', 'taken-0123-1', '-o', 'jsonpath={.spec}')).toEqual(before);
    });

    test.each([
      ['out of memory', { exitCode: 137, reason: 'OOMKilled' }, 'TRAINER_OUT_OF_MEMORY'],
      ['killed from outside', { exitCode: 137 }, 'TRAINER_LOST'],
      ['a crash', { exitCode: 1 }, 'TRAINER_CRASHED'],
      ['refused input', { exitCode: 64 }, 'TRAINER_BAD_INPUT'],
      ['no result', { exitCode: 0 }, 'TRAINER_NO_RESULT'],
    ])('%s is a failure of its class', async (name, end, code) => {
      const jobName = name.replaceAll(' ', '-');
      await fixture.backend.launchOrAdopt(requestFor(jobName, end));
      expect(await fixture.over(jobName)).toMatchObject({ phase: 'failed', failure: { code } });
    });

    test('a failed attempt is never adopted: the next one is another Job', async () => {
      const request = requestFor('again-0123', { exitCode: 1 });
      await fixture.backend.launchOrAdopt(request);
      await fixture.over('again-0123');
      const second = await fixture.backend.launchOrAdopt(requestFor('again-0123', { runFor: '1h' }));
      expect(second).toMatchObject({ phase: 'running', attempt: 2 });
      expect((await fixture.jobs()).map(({ name }) => name).sort()).toEqual(['again-0123-1', 'again-0123-2']);
    });

    test('an evicted pod is no failed attempt: its Job makes another one', async () => {
      await fixture.backend.launchOrAdopt(requestFor('moved-0123', { runFor: '1h' }));
      await fixture.onNode('moved-0123');
      const pods = async (): Promise<string[]> =>
        (
          await cluster.read<{ items: { metadata: { name: string } }[] }>(
            'pods',
            '-l',
            'millrace.dev/job=moved-0123',
          )
        ).items.map(({ metadata }) => metadata.name);
      const [first = ''] = await pods();
      await cluster.evict(first);
      await until('another pod is there', async () => (await pods()).some((name) => name !== first));
      await fixture.onNode('moved-0123');
      expect(await fixture.backend.describe('moved-0123')).toMatchObject({ phase: 'running', attempt: 1 });
    });

    test('a Job that is deleted by hand while it runs is a lost attempt, once its pod is gone', async () => {
      await fixture.backend.launchOrAdopt(requestFor('deleted-0123', { runFor: '1h' }));
      await fixture.onNode('deleted-0123');
      await cluster.kubectl(['delete', 'job', 'deleted-0123-1', '--cascade=orphan']);
      expect(await fixture.over('deleted-0123')).toMatchObject({
        phase: 'failed',
        failure: { code: 'TRAINER_LOST' },
      });
      const { items } = await cluster.read<{ items: object[] }>(
        'pods',
        '-l',
        'millrace.dev/job=deleted-0123',
      );
      expect(items).toEqual([]);
    });

    test('what had ended when its Job was cleared away is not lost with it', async () => {
      const first = await fixture.backend.launchOrAdopt(requestFor('cleared-0123', { runFor: '1h' }));
      await fixture.onNode('cleared-0123');
      await fixture.writeResult(first);
      await fixture.worker.close();
      await cluster.kubectl(['delete', 'job', 'cleared-0123-1', '--cascade=foreground']);
      const later = await openWorker(fixture.root, cluster.kubeconfig);
      try {
        expect(await later.backend.describe('cleared-0123')).toMatchObject({
          phase: 'succeeded',
          attempt: 1,
        });
      } finally {
        await later.close();
      }
    });

    test('cancelled before it was known that it had been made: Job and pod are ended all the same', async () => {
      const first = await fixture.backend.launchOrAdopt(requestFor('unknown-0123', { runFor: '1h' }));
      await fixture.onNode('unknown-0123');
      await rm(join(first.directory, 'submission.json'));
      await writeFile(
        join(first.directory, 'cancel.json'),
        JSON.stringify({ reason: 'a test', at: new Date().toISOString() }),
      );
      expect(await fixture.backend.describe('unknown-0123')).toMatchObject({ phase: 'running' });
      await fixture.backend.cancel('unknown-0123', 'a test');
      expect(await fixture.backend.describe('unknown-0123')).toMatchObject({ phase: 'cancelled' });
      expect(await fixture.jobs()).toEqual([]);
    });

    test("a Job that was made too late, when the attempt had another one, is deleted; pods of somebody else's stay", async () => {
      const request = requestFor('late-0123', { runFor: '1h' });
      const first = await fixture.backend.launchOrAdopt(request);
      await fixture.onNode('late-0123');
      // As if a worker's call had been answered when the attempt was over: the name is free again, the record stands.
      await cluster.kubectl(['delete', 'job', 'late-0123-1', '--cascade=foreground']);
      expect(await fixture.over('late-0123')).toMatchObject({ failure: { code: 'TRAINER_LOST' } });
      await rm(join(first.directory, 'exit.json'));
      const runner = createKubernetesRunner({
        settings: settingsOf(fixture.root),
        kubeconfig: cluster.kubeconfig,
      });
      try {
        await runner.start(request, { jobName: 'late-0123', attempt: 1, directory: first.directory });
        await until('it is deleted', async () => (await fixture.jobs()).length === 0);
      } finally {
        await runner.close();
      }
    });

    test('a cancelled job leaves neither Job nor pod', async () => {
      await fixture.backend.launchOrAdopt(requestFor('ended-0123', { runFor: '1h' }));
      await fixture.onNode('ended-0123');
      await fixture.backend.cancel('ended-0123', 'a test');
      expect(await fixture.backend.describe('ended-0123')).toMatchObject({ phase: 'cancelled' });
      expect(await fixture.jobs()).toEqual([]);
      expect(
        (await cluster.read<{ items: object[] }>('pods', '-l', 'millrace.dev/job=ended-0123')).items,
      ).toEqual([]);
    });

    test('an API server that is away and comes back: the job is followed on to its end', async () => {
      const first = await fixture.backend.launchOrAdopt(requestFor('outage-0123', { runFor: '1h' }));
      await fixture.onNode('outage-0123');
      await fixture.writeResult(first);
      await cluster.killApiServer();
      await cluster.startApiServer();
      await cluster.kubectl([
        ...['annotate', '--overwrite', 'pod', '-l', 'batch.kubernetes.io/job-name=outage-0123-1'],
        'simulated.millrace.dev/run-for=0s',
      ]);
      expect(await fixture.over('outage-0123')).toMatchObject({ phase: 'succeeded', attempt: 1 });
    });

    test('a template that the server does not take is refused in its words', async () => {
      const request = requestFor('refused-0123', {});
      const { pod } = request;
      const template = { ...pod!.template, limits: { 'example.com/fpga': '1.5' } };
      await expect(
        fixture.backend.launchOrAdopt({ ...request, pod: { ...pod!, template } }),
      ).rejects.toMatchObject({
        code: 'KUBERNETES_REFUSED',
        message: expect.stringContaining('must be an integer') as string,
      });
      // The mended one is another attempt, whose manifest is written anew.
      const again = { ...request, since: new Date().toISOString() };
      expect(await fixture.backend.launchOrAdopt(again)).toMatchObject({ phase: 'running', attempt: 2 });
    });
  },
);
