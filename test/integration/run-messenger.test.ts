// Catches a hand-over that starts a second owner of a model, loses a request while the server is down, or is taken for lost when it is not;
// and a development server for tests that forgets its data, its search attributes or how long it keeps closed runs.
import { Client, Connection } from '@temporalio/client';
import { createRunMessenger } from '../../src/adapters/temporal/run-messenger';
import { modelReleaseIdFor } from '../../src/contracts/ids';
import { SEARCH_ATTRIBUTES, TASK_QUEUES } from '../../src/contracts/task-queues';
import { requestOf } from '../support/release-requests';
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

/** The requests that the owner of a model was signalled with, in this execution of it. */
async function requestsOf(model: string): Promise<string[]> {
  const { events } = await client.workflow.getHandle(modelReleaseIdFor(model)).fetchHistory();
  return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => {
    const data = signal?.input?.payloads?.[0]?.data;
    return data ? [(JSON.parse(Buffer.from(data).toString()) as { requestId: string }).requestId] : [];
  });
}

test('the first request starts the owner, the next ones find it', async () => {
  const messenger = createRunMessenger(client);
  const [first, second] = [requestOf('a', { model: 'one' }), requestOf('b', { model: 'one' })];
  await messenger.submitRelease(first);
  const owner = client.workflow.getHandle(modelReleaseIdFor('one'));
  const { runId, type, taskQueue } = await owner.describe();
  expect({ type, taskQueue }).toEqual({ type: 'modelRelease', taskQueue: TASK_QUEUES.pipelines });
  await messenger.submitRelease(second);
  expect((await owner.describe()).runId).toBe(runId);
  expect(await requestsOf('one')).toEqual([first.requestId, second.requestId]);
});

test('an owner that was terminated is replaced', async () => {
  const messenger = createRunMessenger(client);
  await messenger.submitRelease(requestOf('a', { model: 'two' }));
  const before = await client.workflow.getHandle(modelReleaseIdFor('two')).describe();
  await client.workflow.getHandle(modelReleaseIdFor('two')).terminate('by mistake');
  await messenger.submitRelease(requestOf('b', { model: 'two' }));
  const after = await client.workflow.getHandle(modelReleaseIdFor('two')).describe();
  expect(after.runId).not.toBe(before.runId);
  expect(after.status.name).toBe('RUNNING');
});

test('a server that is away is a matter of trying again, and forgets nothing', async () => {
  const messenger = createRunMessenger(client);
  const request = requestOf('a', { model: 'three' });
  await messenger.submitRelease(request);
  await server.kill();
  await expect(
    connection.withDeadline(Date.now() + 2000, () => messenger.submitRelease(request)),
  ).rejects.toMatchObject({ code: 'TEMPORAL_UNAVAILABLE', retryable: true });
  await server.restart();
  expect(await requestsOf('three')).toEqual([request.requestId]);
});

test('the server has the search attributes, and keeps closed runs for a month', async () => {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({
    namespace: server.namespace,
  });
  expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(Object.values(SEARCH_ATTRIBUTES)));
  const { config } = await connection.workflowService.describeNamespace({ namespace: server.namespace });
  expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3600);
});
