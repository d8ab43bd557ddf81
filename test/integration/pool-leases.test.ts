// Catches a pool that leaks a lease when a holder ends in any way but its own, gives out more units than it has while a job still runs, lets somebody
// wait for ever, loses a request when it continues as new, or lets a launch begin whose lease was taken back. Real server, real processes.
import { churn } from '../support/pools/churn';
import { PoolFleet } from '../support/pools/fleet';
import { quietTemporal } from '../support/temporal';

jest.setTimeout(600_000);
quietTemporal();

let fleet: PoolFleet;
beforeAll(async () => {
  fleet = await PoolFleet.start();
});
afterAll(() => fleet.stop());

test('200 holders ended in every way: no lease leaks, the limit holds by running processes, nobody starves', async () => {
  const result = await churn(fleet, { pool: 'churn', count: 200, limit: 32, seed: 4 }, (text) => {
    if (process.env.POOL_DEBUG) process.stderr.write(`${text}\n`);
  });
  expect(result.starved).toEqual([]);
  expect(result.mostUnits).toBeGreaterThan(0);
  expect(result.mostUnits).toBeLessThanOrEqual(32);
  for (const way of ['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT'])
    expect(result.ends[way]).toBeGreaterThan(0);
});
