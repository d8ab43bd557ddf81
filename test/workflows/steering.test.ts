// Catches a run that trains without the units it needs or keeps them after, that holds a slot while it waits for a person or is paused, that a person
// cannot pause, resume, hurry or cancel with its jobs kept, and that does not say what it waits for.
import type { Client } from '@temporalio/client';
import {
  createLeaseActivities,
  createPoolActivities,
  createPoolWordActivities,
} from '../../src/activities/pools';
import { createPoolMessenger } from '../../src/adapters/temporal/pool-messenger';
import { createRunDirectory } from '../../src/adapters/temporal/run-directory';
import { poolIdFor } from '../../src/contracts/ids';
import { POOL_MESSAGES, runsPoolFor, type PoolStatus } from '../../src/contracts/pools';
import type { JobLease, RunTrainingJobInput } from '../../src/contracts/steps';
import { quietTemporal } from '../support/temporal';
import { cancelled, PipelineSuite, statusOf, type Run } from './pipeline-suite';
import { final } from './scripted-activities';

jest.setTimeout(60_000);
quietTemporal();

const suite = new PipelineSuite();
const ended: JobLease[] = [];
const kept: string[] = [];
suite.more = (client: Client) => ({
  ...createPoolWordActivities({ pools: createPoolMessenger(client) }),
  ...createPoolActivities({ pools: createPoolMessenger(client) }),
  ...createLeaseActivities({
    runs: createRunDirectory(client),
    backend: {
      endLease: (lease) => Promise.resolve(ended.push(lease) > 0),
      keep: (follower) => Promise.resolve([`job ${String(kept.push(follower))}`]),
    },
  }),
});
beforeAll(() => suite.start());
afterAll(() => suite.stop());
beforeEach(async () => {
  ended.length = 0;
  kept.length = 0;
  await suite.next();
});

const poolStatus = (pool: string): Promise<PoolStatus> =>
  suite.client.workflow.getHandle(poolIdFor(pool)).query<PoolStatus>(POOL_MESSAGES.status);
const isEmpty = async (pool: string): Promise<boolean> => {
  const { holders, waiting } = await poolStatus(pool);
  return holders.length === 0 && waiting === 0;
};
const trainingOf = (candidates: readonly string[]) =>
  candidates.map((candidate) => `runTrainingJob ${candidate}`);

function inPool(limit: number, units = 1): void {
  const { resolved } = suite.pipeline;
  resolved.pool = {
    name: 'gpu',
    units: Object.fromEntries(resolved.candidates.map(({ name }) => [name, units])),
    limit: { units: limit, asOf: '2026-11-21T12:00:00.000Z' },
  };
  resolved.parallel = 3;
}

test('each training job has a lease of its own, never more at once than there are units, and gives it back', async () => {
  inPool(2, 2);
  const run = await suite.run();
  expect(await run.result()).toMatchObject({ outcome: 'deployed' });
  expect(suite.pipeline.peak('runTrainingJob')).toBe(1);
  const inputs = suite.pipeline.inputs<RunTrainingJobInput>('runTrainingJob');
  expect(inputs.map(({ lease }) => lease?.what).sort()).toEqual([
    'train/boosted',
    'train/forest',
    'train/logistic',
  ]);
  const fences = inputs.map(({ lease }) => lease?.fence ?? 0);
  expect(fences).toEqual([...fences].sort((a, b) => a - b));
  expect(await poolStatus('gpu')).toMatchObject({ used: 0, waiting: 0, granted: 3 });
});

test('what is trained already needs no lease', async () => {
  inPool(2);
  suite.pipeline.trained.push('logistic', 'forest', 'boosted');
  await suite.finished();
  expect(suite.pipeline.inputs<RunTrainingJobInput>('runTrainingJob').map(({ lease }) => lease)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('a lease that is lost before its job begins is asked for again', async () => {
  inPool(1);
  suite.pipeline.fail('runTrainingJob forest', final('LEASE_LOST'));
  expect(await suite.finished()).toMatchObject({ outcome: 'deployed' });
  expect(suite.pipeline.count('runTrainingJob forest')).toBe(2);
  expect(ended).toMatchObject([{ what: 'train/forest' }]);
});

test('a candidate that waits says for what; cancelling takes its request back', async () => {
  inPool(1);
  const [first] = trainingOf(['logistic']);
  suite.pipeline.hold(first ?? '');
  suite.pipeline.hold('runTrainingJob');
  const run = await suite.run();
  await suite.until('two candidates wait', async () => {
    const { candidates } = await statusOf(run);
    return candidates.filter(({ waiting }) => waiting?.pool === 'gpu').length === 2;
  });
  expect((await poolStatus('gpu')).waiters.map(({ place }) => place)).toEqual([1, 2]);
  await run.cancel();
  await cancelled(run);
  await suite.until('the pool is empty', () => isEmpty('gpu'));
  // The job of the one that held units is known to be gone before they are given out again.
  expect(ended).toHaveLength(1);
});

test('only so many runs are active; one that waits for a person is not', async () => {
  suite.pipeline.resolved.maxActiveRuns = 1;
  suite.pipeline.resolved.approval = { required: true, timeoutSeconds: 3600 };
  const pool = runsPoolFor('telco-churn');
  const held = suite.pipeline.hold('acquireData');
  const first = await suite.run();
  await held.reached;
  const second = await suite.run();
  await suite.until('the second waits', async () => (await statusOf(second)).waiting?.pool === pool);
  expect(suite.pipeline.count('acquireData')).toBe(1);
  held.release();
  const awaits = (run: Run) => async () => (await statusOf(run)).state === 'awaiting-approval';
  await suite.until('the first awaits approval', awaits(first));
  await suite.until('the second has got on', async () => (await statusOf(second)).waiting === undefined);
  await first.executeUpdate('approve', { args: [{ by: 'ada' }] });
  await first.result();
  await second.terminate();
  await suite.until('the slot of a terminated run is free', () => isEmpty(pool));
});

test('a run pauses at the end of its stage, holds no slot meanwhile, and goes on', async () => {
  suite.pipeline.resolved.maxActiveRuns = 1;
  const held = suite.pipeline.hold('acquireData');
  const run = await suite.run();
  await held.reached;
  await run.signal('hold', { by: 'ada', why: 'the source is being mended' });
  held.release();
  await suite.until(
    'it is paused',
    async () => (await statusOf(run)).waiting?.for.includes('held by ada') ?? false,
  );
  const status = await statusOf(run);
  expect(status.stages.filter(({ state }) => state === 'done').map(({ stage }) => stage)).toEqual([
    'resolve',
    'acquire',
  ]);
  await suite.until('it holds no slot', () => isEmpty(runsPoolFor('telco-churn')));
  expect(suite.pipeline.count('buildDataset')).toBe(0);
  await run.signal('resume');
  expect(await run.result()).toMatchObject({ outcome: 'deployed' });
});

test('a run that is held again while it waits for its slot does not go on when it gets it', async () => {
  suite.pipeline.resolved.maxActiveRuns = 1;
  const pool = runsPoolFor('telco-churn');
  const held = suite.pipeline.hold('acquireData');
  const first = await suite.run();
  await held.reached;
  await first.signal('hold', { by: 'ada' });
  held.release();
  const isPaused = (by: string) => async () =>
    (await statusOf(first)).waiting?.for.includes(`held by ${by}`) ?? false;
  await suite.until('it is paused', isPaused('ada'));
  const inTheWay = suite.pipeline.hold('acquireData');
  const second = await suite.run();
  await inTheWay.reached;
  await first.signal('resume');
  await suite.until('it waits for a slot', async () => (await statusOf(first)).waiting?.pool === pool);
  await first.signal('hold', { by: 'grace' });
  await second.terminate();
  inTheWay.release();
  await suite.until('it is paused once more', isPaused('grace'));
  await suite.until('and holds no slot', () => isEmpty(pool));
  expect(suite.pipeline.count('buildDataset')).toBe(0);
  await first.signal('resume');
  expect(await first.result()).toMatchObject({ outcome: 'deployed' });
});

test('a paused run can be cancelled', async () => {
  const held = suite.pipeline.hold('acquireData');
  const run = await suite.run();
  await held.reached;
  await run.signal('hold', { by: 'ada' });
  held.release();
  await suite.until('it is paused', async () => (await statusOf(run)).waiting !== undefined);
  await run.cancel();
  expect((await cancelled(run)).waiting).toBeUndefined();
});

test('a run that is hurried moves up in the line, and what it does later goes by the new priority', async () => {
  inPool(1);
  suite.pipeline.resolved.priority = 4;
  suite.pipeline.hold('runTrainingJob');
  const first = await suite.run();
  const second = await suite.run();
  await suite.until('five candidates wait', async () => {
    const status = await poolStatus('gpu').catch(() => undefined);
    return status?.waiting === 5;
  });
  await second.signal('setPriority', { priority: 1, by: 'ada' });
  await suite.until('they are the first in line', async () => {
    const { waiters } = await poolStatus('gpu');
    return waiters[0]?.workflowId === second.workflowId && waiters[0].priority === 1;
  });
  expect((await statusOf(second)).priority).toBe(1);
  expect((await statusOf(first)).priority).toBe(4);
});

test('jobs are kept by an update, also by the plain command of Temporal', async () => {
  suite.pipeline.hold('runTrainingJob');
  const run = await suite.run();
  await suite.until('two jobs run', () => suite.pipeline.count('runTrainingJob') === 2);
  expect(await run.executeUpdate('keepJobs')).toEqual({ jobs: ['job 1'] });
  expect(kept).toEqual([run.workflowId]);
});

test('malformed words change nothing', async () => {
  const held = suite.pipeline.hold('acquireData');
  const run = await suite.run();
  await held.reached;
  await run.signal('hold', { why: 'nobody says so' });
  await run.signal('setPriority', { priority: 9 });
  await run.signal('candidateWaits', 'x');
  await run.signal('leaseGranted', { pool: 'gpu' });
  held.release();
  expect(await run.result()).toMatchObject({ outcome: 'deployed' });
});
