// Catches a job that starts although its lease was taken back, a lease that is given up while its job runs, a job that is killed though another open run
// holds a lease for it or somebody asked to keep it, two jobs under one lease, a mark to keep a job that gets lost, and a sweep that ends kept jobs or stops at
// the first that it cannot end.
import { pino } from 'pino';
import type { JobLease } from '../../../src/contracts/steps';
import { sweepJobs } from '../../../src/workers/sweep/jobs';
import { createFixture, processIdsOf, type Fixture } from './fixture';

jest.setTimeout(120_000);

let fixture: Fixture;
beforeEach(async () => {
  fixture = await createFixture();
});
afterEach(() => fixture.close());

const ENDLESS = 'while True:\n    time.sleep(0.05)\n';
const leaseOf = (workflowId: string, fence: number): JobLease => ({
  pool: 'gpu',
  workflowId,
  what: 'train/one',
  fence,
});
const nobody = () => Promise.resolve(false);
const only = (open: string) => (workflowId: string) => Promise.resolve(workflowId === open);

test('a launch under a lease that has ended, or under an older one, starts nothing', async () => {
  const { backend } = fixture;
  const request = await fixture.request('job', 'succeed()');
  expect(await backend.endLease(leaseOf('run', 7), nobody)).toBe(true);
  for (const fence of [6, 7])
    await expect(backend.launchOrAdopt({ ...request, lease: leaseOf('run', fence) })).rejects.toMatchObject({
      code: 'LEASE_LOST',
      retryable: false,
    });
  expect(await fixture.starts()).toEqual([]);
  await backend.launchOrAdopt({ ...request, lease: leaseOf('run', 8) });
  expect((await fixture.end('job')).phase).toBe('succeeded');
  await expect(backend.launchOrAdopt({ ...request, lease: leaseOf('run', 7) })).rejects.toMatchObject({
    code: 'LEASE_LOST',
  });
});

test('the end of a lease is the end of its job, and is told when its processes are gone', async () => {
  const { backend } = fixture;
  const request = await fixture.request('job', ENDLESS);
  const status = await backend.launchOrAdopt({ ...request, lease: leaseOf('run', 1) });
  expect(await backend.endLease(leaseOf('run', 1), nobody)).toBe(true);
  expect(await backend.describe('job')).toMatchObject({ phase: 'cancelled' });
  expect((await processIdsOf(status)).others).toEqual([]);
});

test('a job that another open run has a lease for goes on; one whose other runs are closed does not', async () => {
  const { backend } = fixture;
  const request = await fixture.request('job', ENDLESS);
  await backend.launchOrAdopt({ ...request, lease: leaseOf('a', 1) });
  await backend.launchOrAdopt({ ...request, lease: leaseOf('b', 2) });
  expect(await backend.endLease(leaseOf('a', 1), only('b'))).toBe(true);
  expect(await backend.describe('job')).toMatchObject({ phase: 'running' });
  expect(await backend.endLease(leaseOf('b', 2), only('a'))).toBe(true);
  expect(await backend.describe('job')).toMatchObject({ phase: 'cancelled' });
});

test('a kept job keeps its lease until it is over, whatever sweeps; asked for again it is kept no longer', async () => {
  const { backend } = fixture;
  const request = await fixture.request('job', 'wait_for_release()\nsucceed()\n');
  const held = { ...request, lease: leaseOf('run', 1) };
  await backend.launchOrAdopt(held);
  expect(await backend.keep('churn/manual/1')).toEqual(['job']);
  expect(await backend.endLease(leaseOf('run', 1), nobody)).toBe(false);
  const runs = { isOpen: nobody, endOf: () => Promise.resolve(undefined) };
  const sweep = { backend, runs, logger: pino({ level: 'silent' }) };
  expect(await sweepJobs(sweep, await sweepJobs(sweep, new Set(['job'])))).toEqual(new Set());
  expect(await backend.describe('job')).toMatchObject({ phase: 'running' });
  await fixture.release();
  expect((await fixture.end('job')).phase).toBe('succeeded');
  expect(await backend.endLease(leaseOf('run', 1), nobody)).toBe(true);
  await backend.launchOrAdopt({ ...request, lease: leaseOf('run', 2) });
  expect(await fixture.starts()).toHaveLength(1);
  expect(await backend.keep('churn/manual/1')).toEqual([]);
});

test('a run that comes back with another job takes its lease over: the job from before is gone first', async () => {
  const { backend } = fixture;
  const before = await backend.launchOrAdopt({
    ...(await fixture.request('before', ENDLESS)),
    lease: leaseOf('churn/manual/1', 1),
  });
  const now = await backend.launchOrAdopt({
    ...(await fixture.request('edited', ENDLESS)),
    lease: leaseOf('churn/manual/1', 2),
  });
  expect(await backend.describe('before')).toMatchObject({ phase: 'cancelled' });
  expect((await processIdsOf(before)).others).toEqual([]);
  expect(now.phase).toBe('running');
  await backend.cancel('edited', 'the test is over');
});

test('a job that another run has a lease for goes on when the first run comes back with another one', async () => {
  const { backend } = fixture;
  const shared = await fixture.request('shared', ENDLESS);
  await backend.launchOrAdopt({ ...shared, lease: leaseOf('a', 1) });
  await backend.launchOrAdopt({ ...shared, lease: leaseOf('b', 5) });
  // Late: `b` has a newer lease already, which this one must not hide.
  await expect(backend.launchOrAdopt({ ...shared, lease: leaseOf('b', 4) })).rejects.toMatchObject({
    code: 'LEASE_LOST',
  });
  await backend.endLease(leaseOf('b', 4), nobody);
  await backend.launchOrAdopt({ ...(await fixture.request('edited', ENDLESS)), lease: leaseOf('a', 2) });
  expect(await backend.describe('shared')).toMatchObject({ phase: 'running' });
  await backend.endLease(leaseOf('b', 5), nobody);
  await backend.endLease(leaseOf('a', 2), nobody);
});

test('the mark to keep a job outlives a launch from before it, and not one that comes after', async () => {
  const { backend } = fixture;
  const request = await fixture.request('job', ENDLESS);
  await backend.launchOrAdopt(request);
  expect(await backend.keep('churn/manual/1')).toEqual(['job']);
  // The worker died, and its activity is tried again, before the cancellation that the mark was made for.
  await backend.launchOrAdopt(request);
  expect(await backend.listRunning()).toMatchObject([{ jobName: 'job', kept: true }]);
  const since = new Date(Date.now() + 1000).toISOString();
  await backend.launchOrAdopt({ ...request, since, follower: { workflowId: 'another' } });
  expect(await backend.listRunning()).toMatchObject([{ jobName: 'job', kept: true }]);
  await backend.launchOrAdopt({ ...request, since });
  expect(await backend.listRunning()).toMatchObject([{ jobName: 'job', kept: false }]);
  await backend.cancel('job', 'the test is over');
});

test('a job that cannot be ended hides no other orphan from the sweep', async () => {
  const { backend } = fixture;
  for (const name of ['one', 'two']) await backend.launchOrAdopt(await fixture.request(name, ENDLESS));
  const [first] = await backend.listRunning();
  const stuck: typeof backend = Object.assign(Object.create(backend) as typeof backend, {
    cancel: (jobName: string, reason: string) =>
      jobName === first?.jobName
        ? Promise.reject(new Error('the disk is away'))
        : backend.cancel(jobName, reason),
  });
  const runs = { isOpen: nobody, endOf: () => Promise.resolve(undefined) };
  const orphans = await sweepJobs(
    { backend: stuck, runs, logger: pino({ level: 'silent' }) },
    new Set(['one', 'two']),
  );
  expect([...orphans]).toEqual([first?.jobName]);
  expect((await backend.listRunning()).map(({ jobName }) => jobName)).toEqual([first?.jobName]);
  await backend.cancel(first?.jobName ?? '', 'the test is over');
});

test('a kept attempt is all that is kept: the next one, of another run, ends with its lease', async () => {
  const { backend } = fixture;
  const request = await fixture.request('job', ENDLESS);
  await backend.launchOrAdopt(request);
  expect(await backend.keep('churn/manual/1')).toEqual(['job']);
  await backend.cancel('job', 'a person ended it');
  const another = { ...request, follower: { workflowId: 'another' }, lease: leaseOf('another', 1) };
  await backend.launchOrAdopt(another);
  expect(await backend.listRunning()).toMatchObject([{ jobName: 'job', kept: false }]);
  expect(await backend.endLease(leaseOf('another', 1), nobody)).toBe(true);
  expect(await backend.describe('job')).toMatchObject({ phase: 'cancelled' });
});

test('a job that another open run follows, or asked to keep, outlives the lease of the run that has come back', async () => {
  const { backend } = fixture;
  const run = 'churn/manual/1';
  const shared = await fixture.request('shared', ENDLESS);
  await backend.launchOrAdopt({ ...shared, lease: leaseOf(run, 1) });
  await backend.launchOrAdopt({ ...shared, follower: { workflowId: 'another' } });
  const edited = await fixture.request('edited', ENDLESS);
  await backend.launchOrAdopt({ ...edited, lease: leaseOf(run, 2) }, only('another'));
  expect(await backend.describe('shared')).toMatchObject({ phase: 'running' });
  await backend.keep('another');
  const again = await fixture.request('edited-again', ENDLESS);
  await backend.launchOrAdopt({ ...again, lease: leaseOf(run, 3) }, nobody);
  expect(await backend.describe('edited')).toMatchObject({ phase: 'cancelled' });
  expect(await backend.describe('shared')).toMatchObject({ phase: 'running' });
});
