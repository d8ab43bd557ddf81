// Catches a word to what is no run: a backfill that is "held" goes on, since Temporal takes every signal, and the owner of a pool is never to be ended.
import { Client, Connection } from '@temporalio/client';
import { cancelRun, steerRun } from '../../src/client/runs/steer-run';
import { RUN_MESSAGES } from '../../src/contracts/runs';
import { WORKFLOW_TYPES } from '../../src/contracts/workflow-types';
import { startDevServer, type DevServer } from '../support/temporal';

jest.setTimeout(120_000);

let server: DevServer;
let connection: Connection;
let client: Client;
beforeAll(async () => {
  server = await startDevServer();
  connection = await Connection.connect({ address: server.address });
  client = new Client({ connection, namespace: server.namespace });
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});

/** Nobody works on it: it is open, and keeps what it is told. */
const open = (type: string, workflowId: string) =>
  client.workflow.start(type, { workflowId, taskQueue: 'nobody', args: [] });
const hold = (workflowId: string): Promise<void> =>
  steerRun(client, workflowId, (run) => run.signal(RUN_MESSAGES.hold, { by: 'ada' }));
const heard = async (workflowId: string): Promise<{ signals: number; cancels: number }> => {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const all = events ?? [];
  return {
    signals: all.filter((event) => event.workflowExecutionSignaledEventAttributes).length,
    cancels: all.filter((event) => event.workflowExecutionCancelRequestedEventAttributes).length,
  };
};
const NOTHING = { signals: 0, cancels: 0 };

describe.each([
  {
    type: WORKFLOW_TYPES.backfill,
    id: 'churn/backfill/1',
    is: 'a backfill',
    mend: 'millrace backfill cancel churn/backfill/1',
  },
  {
    type: WORKFLOW_TYPES.scheduledRun,
    id: 'churn/scheduled-1',
    is: 'what a schedule has started',
    mend: 'millrace pause',
  },
  {
    type: WORKFLOW_TYPES.trainCandidate,
    id: 'churn/manual/1/forest/0a1b2c3d',
    is: 'a candidate of a run',
    mend: 'name the run: churn/manual/1',
  },
])('$is', ({ type, id, is, mend }) => {
  test('is not held, nor cancelled with its jobs kept, and hears nothing', async () => {
    await open(type, id);
    const refusal = {
      code: 'RUN_CONFLICT',
      message: `${id} is ${is}, not a run.`,
      where: id,
      mend: expect.stringContaining(mend) as string,
    };
    await expect(hold(id)).rejects.toMatchObject(refusal);
    await expect(cancelRun(client, id, { keep: true })).rejects.toMatchObject(refusal);
    expect(await heard(id)).toEqual(NOTHING);
  });

  test('can be cancelled', async () => {
    expect(await cancelRun(client, id)).toEqual([]);
    expect(await heard(id)).toEqual({ signals: 0, cancels: 1 });
  });
});

test('a run, and a workflow of a user’s own, hears it', async () => {
  for (const type of [WORKFLOW_TYPES.trainingPipeline, 'screenThenTrain']) {
    await open(type, `${type}/1`);
    await hold(`${type}/1`);
    expect(await heard(`${type}/1`)).toEqual({ signals: 1, cancels: 0 });
  }
});

test('what is over hears nothing', async () => {
  await (await open(WORKFLOW_TYPES.trainingPipeline, 'churn/manual/over')).terminate();
  await expect(hold('churn/manual/over')).rejects.toMatchObject({ code: 'RUN_CONFLICT' });
  expect(await heard('churn/manual/over')).toEqual(NOTHING);
});

test.each([WORKFLOW_TYPES.modelRelease, WORKFLOW_TYPES.resourcePool])(
  'the owner %s is neither held nor cancelled',
  async (type) => {
    await open(type, `${type}/x`);
    await expect(hold(`${type}/x`)).rejects.toMatchObject({ code: 'RUN_CONFLICT' });
    await expect(cancelRun(client, `${type}/x`)).rejects.toMatchObject({ code: 'RUN_CONFLICT' });
    expect(await heard(`${type}/x`)).toEqual(NOTHING);
  },
);
