// Catches a run that waits for ever because the announcement came at the wrong moment, one that is started twice or never after a crash, and waiting that
// costs a slot.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { announceOutcome } from '../../../src/activities/upstream/announce-outcome';
import type { ResolvedWait } from '../../../src/contracts/announcements';
import type { Trigger } from '../../../src/contracts/pipeline-file';
import type { AnnounceOutcomeInput } from '../../../src/contracts/steps';
import { TASK_QUEUES } from '../../../src/contracts/task-queues';
import { seededRandom } from '../../support/seeded-random';
import { until } from '../../support/faults/until';
import { quietTemporal, startDevServer, type DevServer } from '../../support/temporal';
import { startUpstreamFleet, type UpstreamFleet } from '../../support/upstream/fleet';
import type { announcingRun, waitingRun } from '../../support/upstream/workflows';

jest.setTimeout(240_000);
quietTemporal();

const WAITERS = 200;
const AT_ONCE = 20;
let server: DevServer;
let fleet: UpstreamFleet;
let folder: string;
/** Steps at which the process ends once, each. */
type Step = 'before start' | 'after start' | 'after settling' | 'after half of the signals';
const crashes = new Set<Step>();
let signals = 0;
let starts = 0;

function crashAt(step: Step): void {
  if (crashes.delete(step)) throw new Error(`the process ended ${step}`);
}

beforeAll(async () => {
  server = await startDevServer();
  folder = await mkdtemp(join(tmpdir(), 'millrace-upstream-'));
  fleet = await startUpstreamFleet(server, join(folder, 'ledger.sqlite'), ({ ledger, starter, waiters }) => ({
    ledger: {
      ...ledger,
      settleDueStart: async (key) => {
        await ledger.settleDueStart(key);
        crashAt('after settling');
      },
    },
    starter: {
      startOnce: async (start) => {
        crashAt('before start');
        const answer = await starter.startOnce(start);
        if (answer.started) starts += 1;
        crashAt('after start');
        return answer;
      },
    },
    waiters: {
      tell: async (workflowId, announcement) => {
        signals += 1;
        if (signals > WAITERS / 2) crashAt('after half of the signals');
        return waiters.tell(workflowId, announcement);
      },
    },
  }));
}, 120_000);
afterAll(async () => {
  await fleet.stop();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  signals = 0;
  starts = 0;
});
afterEach(() => expect([...crashes]).toEqual([]));

let names = 0;
const fresh = (what: string): string => `${what}-${String((names += 1))}`;
const forDataset = (dataset: string, change: Partial<ResolvedWait> = {}): ResolvedWait => ({
  dataset,
  within: 3600,
  failed: ['failed'],
  timeout: 3600,
  ...change,
});

const wait = (workflowId: string, what: ResolvedWait) =>
  fleet.client.workflow.start<typeof waitingRun>('waitingRun', {
    workflowId,
    taskQueue: TASK_QUEUES.pipelines,
    args: [what],
  });
const announce = (
  said: Pick<AnnounceOutcomeInput, 'pipeline' | 'outcome' | 'dataset'>,
  workflowId = fresh('run'),
) =>
  fleet.client.workflow.start<typeof announcingRun>('announcingRun', {
    workflowId,
    taskQueue: TASK_QUEUES.pipelines,
    args: [said],
  });
const published = (dataset: string) =>
  ({ pipeline: `${dataset}-pipeline`, outcome: 'published', dataset: { name: dataset } }) as const;
const subscribe = (pipeline: string, upstream: Extract<Trigger, { upstream: unknown }>['upstream']) =>
  fleet.ledger.putRegistration({
    pipeline,
    file: `${pipeline}.yaml`,
    triggers: [{ upstream }],
    sources: [],
    appliedAt: new Date().toISOString(),
  });
const inTheLedger = (dataset: string) =>
  fleet.ledger.listWaiters({ kind: 'dataset', name: dataset, outcome: 'published' }, { limit: 1000 });
const startedFor = (pipeline: string) =>
  [...fleet.stages].filter(([workflowId]) => workflowId.startsWith(`${pipeline}/upstream/`));

test('hundreds wait, hold nothing, and all are woken once, though the announcer ends in the middle', async () => {
  const dataset = fresh('features');
  const handles: Awaited<ReturnType<typeof wait>>[] = [];
  while (handles.length < WAITERS) {
    const some = Array.from({ length: AT_ONCE }, () => wait(fresh('waiter'), forDataset(dataset)));
    handles.push(...(await Promise.all(some)));
    // No faster than a busy machine takes them: tasks that wait for ten seconds are given to somebody else.
    await until('they are registered', async () => (await inTheLedger(dataset)).length === handles.length);
  }
  await until('no worker has anything to do', () =>
    Promise.resolve(
      fleet.workers.every((worker) => {
        const { numInFlightActivities, numInFlightWorkflowActivations } = worker.getStatus();
        return numInFlightActivities === 0 && numInFlightWorkflowActivations === 0;
      }),
    ),
  );
  const [some] = handles;
  expect((await some?.describe())?.raw.pendingActivities ?? []).toEqual([]);
  crashes.add('after half of the signals');
  const upstream = await announce(published(dataset));
  expect(await upstream.result()).toMatchObject({ started: [] });
  const causes = await Promise.all(handles.map((handle) => handle.result()));
  expect(new Set(causes)).toEqual(new Set([upstream.workflowId]));
  expect(handles.map(({ workflowId }) => fleet.stages.get(workflowId)?.times)).toEqual(handles.map(() => 1));
  expect(await inTheLedger(dataset)).toEqual([]);
});

test('whenever the announcement comes, before, while or after they register, each hears of it', async () => {
  const random = seededRandom(11);
  for (let round = 0; round < 4; round += 1) {
    const dataset = fresh('raced');
    const announceAt = Math.floor(random() * 20);
    const handles: Awaited<ReturnType<typeof wait>>[] = [];
    for (let index = 0; index < 20; index += 1) {
      if (index === announceAt) await announce(published(dataset));
      handles.push(await wait(`${dataset}/${String(index)}`, forDataset(dataset)));
    }
    const heard = await Promise.all(handles.map((handle) => handle.result()));
    expect(heard.every((upstream) => upstream !== undefined)).toBe(true);
  }
});

test('an announcement that is older than the run takes is none, and a failure fails those who wait', async () => {
  const dataset = fresh('old');
  await (await announce(published(dataset))).result();
  const run = await wait(fresh('waiter'), forDataset(dataset, { within: 0 }));
  await until('it is registered', async () => (await inTheLedger(dataset)).length === 1);
  const failed = await announce({ pipeline: 'p', outcome: 'failed', dataset: { name: dataset } });
  await failed.result();
  await expect(run.result()).rejects.toMatchObject({
    cause: { type: 'UPSTREAM_FAILED', message: expect.stringContaining(failed.workflowId) as string },
  });
  expect(await inTheLedger(dataset)).toEqual([]);
});

test('a run that waits and is terminated is struck off by the next announcement', async () => {
  const dataset = fresh('terminated');
  const run = await wait(fresh('waiter'), forDataset(dataset));
  await until('it is registered', async () => (await inTheLedger(dataset)).length === 1);
  await run.terminate();
  expect(await (await announce(published(dataset))).result()).toMatchObject({ woken: 0 });
  expect(await inTheLedger(dataset)).toEqual([]);
});

test.each(['before start', 'after start'] as const)(
  'a process that ends %s of the downstream run: it starts once, and says what caused it',
  async (step) => {
    const [dataset, downstream] = [fresh('features'), fresh('churn')];
    await subscribe(downstream, {
      any: [{ dataset }, { pipeline: `${dataset}-pipeline`, outcomes: ['published'] }],
    });
    crashes.add(step);
    const upstream = await announce(published(dataset));
    await upstream.result();
    expect(starts).toBe(1);
    await until('it has run', () => Promise.resolve(startedFor(downstream).length > 0));
    expect(startedFor(downstream)).toEqual([
      [
        expect.stringMatching(`^${downstream}/upstream/`),
        expect.objectContaining({
          times: 1,
          cause: expect.objectContaining({ kind: 'upstream', upstream: [upstream.workflowId] }) as unknown,
        }),
      ],
    ]);
  },
);

test.each(['before start', 'after start', 'after settling'] as const)(
  'all of two, and a process that ends %s: one start for each round in which both were announced',
  async (step) => {
    const [a, b, downstream] = [fresh('a'), fresh('b'), fresh('churn')];
    await subscribe(downstream, { all: [{ dataset: a }, { dataset: b }] });
    await (await announce(published(a))).result();
    expect(starts).toBe(0);
    crashes.add(step);
    const [second, third] = [await announce(published(b)), await announce(published(a))];
    await Promise.all([second.result(), third.result()]);
    await (await announce(published(b))).result();
    await until('they have run', () => Promise.resolve(startedFor(downstream).length >= starts));
    // a b a b, the two in the middle at once: one start with the first a or the second, and another only with what came later.
    expect(starts).toBeLessThanOrEqual(2);
    const used = startedFor(downstream).map(([, { cause }]) => (cause as { upstream: string[] }).upstream);
    expect(used.every((runs) => runs.length === 2)).toBe(true);
    expect(new Set(used.map((runs) => runs.join())).size).toBe(starts);
    expect(used.flat().length).toBe(new Set(used.flat()).size);
    expect(starts).toBeGreaterThan(0);
  },
);

test('paused registrations, other outcomes and repeats of an announcement start nothing', async () => {
  const [dataset, downstream, paused] = [fresh('features'), fresh('churn'), fresh('paused')];
  await subscribe(downstream, { dataset });
  await subscribe(paused, { dataset });
  await fleet.ledger.pauseRegistration(paused, { by: 'ada', note: 'holiday' });
  await (await announce({ pipeline: 'p', outcome: 'failed', dataset: { name: dataset } })).result();
  expect(starts).toBe(0);
  const run = await announce(published(dataset));
  const { at } = await run.result();
  expect(starts).toBe(1);
  const { runId } = await run.describe();
  const repeat = { ...published(dataset), workflowId: run.workflowId, runId, at };
  const dependencies = {
    ledger: fleet.ledger,
    starter: { startOnce: () => Promise.reject(new Error('started again')) },
    waiters: { tell: () => Promise.resolve(true) },
  };
  expect(await announceOutcome(dependencies, repeat)).toEqual({ woken: 0, started: [] });
});
