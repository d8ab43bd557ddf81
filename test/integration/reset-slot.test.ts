// Catches a run that goes on beside the one that has its slot, because it was reset to a point at which its former self held the slot.
import { poolIdFor } from '../../src/contracts/ids';
import { POOL_MESSAGES, runsPoolFor, type PoolStatus } from '../../src/contracts/pools';
import {
  createLeaseActivities,
  createPoolActivities,
  createPoolWordActivities,
} from '../../src/activities/pools';
import { createPoolMessenger } from '../../src/adapters/temporal/pool-messenger';
import { createRunDirectory } from '../../src/adapters/temporal/run-directory';
import type { trainingPipeline } from '../../src/workflows';
import { quietTemporal, startDevServer, type DevServer } from '../support/temporal';
import { PipelineSuite, statusOf, type Run } from '../workflows/pipeline-suite';

jest.setTimeout(120_000);
quietTemporal();

const suite = new PipelineSuite();
let server: DevServer;
beforeAll(async () => {
  server = await startDevServer();
  suite.more = (client) => ({
    ...createPoolWordActivities({ pools: createPoolMessenger(client) }),
    ...createPoolActivities({ pools: createPoolMessenger(client) }),
    ...createLeaseActivities({
      runs: createRunDirectory(client),
      backend: { endLease: () => Promise.resolve(true), keep: () => Promise.resolve([]) },
    }),
  });
  await suite.start({ server });
  await suite.next();
});
afterAll(async () => {
  await suite.stop();
  await server.stop();
});

const pool = runsPoolFor('telco-churn');
const holdersOf = async (): Promise<string[]> => {
  const { holders } = await suite.client.workflow
    .getHandle(poolIdFor(pool))
    .query<PoolStatus>(POOL_MESSAGES.status);
  return holders.map(({ workflowId }) => workflowId);
};

test('a run that is reset behind the grant of its slot waits for one, and goes on when it has it; so does one that is reset once more', async () => {
  suite.pipeline.resolved.maxActiveRuns = 1;
  const first = await suite.run();
  expect(await first.result()).toMatchObject({ outcome: 'deployed' });
  const now = (): Run => suite.client.workflow.getHandle<typeof trainingPipeline>(first.workflowId);

  for (const step of ['acquireData', 'buildDataset']) {
    await suite.until('the slot is free', async () => (await holdersOf()).length === 0);
    const held = suite.pipeline.hold('acquireData');
    const other = await suite.run();
    await held.reached;
    expect(await holdersOf()).toEqual([other.workflowId]);

    await resetBehind(step, now());
    await suite.until('it waits for a slot', async () => (await statusOf(now())).waiting?.pool === pool);
    expect(await holdersOf()).toEqual([other.workflowId]);

    await other.terminate();
    held.release();
    await suite.until('it has the slot', async () => (await holdersOf()).includes(first.workflowId));
    expect(await now().result()).toMatchObject({ outcome: 'deployed' });
  }

  // Workers that know nothing of it replay all of it.
  await suite.next();
  expect(await statusOf(now())).toMatchObject({ outcome: 'deployed' });
});

/** To the task that heard of the end of an activity. */
async function resetBehind(activity: string, run: Run): Promise<void> {
  const { events = [] } = await run.fetchHistory();
  const scheduled = events?.find(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === activity,
  );
  const ended = events?.findIndex(({ activityTaskCompletedEventAttributes: completed }) =>
    completed?.scheduledEventId?.eq(scheduled?.eventId ?? 0),
  );
  const task = events?.slice(ended).find(({ workflowTaskCompletedEventAttributes: completed }) => completed);
  const { runId } = await run.describe();
  await suite.client.workflowService.resetWorkflowExecution({
    namespace: server.namespace,
    workflowExecution: { workflowId: run.workflowId, runId },
    workflowTaskFinishEventId: task?.eventId ?? null,
    requestId: `${runId}-reset`,
    reason: 'a test',
  });
}
