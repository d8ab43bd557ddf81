// Catches a job that starts although its lease was taken back, a lease that is given up while its job runs, a job that is killed though another open run
// holds a lease for it or somebody asked to keep it, and a sweep that ends kept jobs.
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
