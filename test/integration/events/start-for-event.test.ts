/** Catches an event that leads to two runs or to none: a crash at any step, a source that says it again, a history that is gone, a Temporal that is away. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import {
  startClaimed,
  startForEvent,
  type EventStart,
} from '../../../src/activities/triggers/start-for-event';
import { createSqliteLedger } from '../../../src/adapters/ledger/sqlite';
import { createRunStarter } from '../../../src/adapters/temporal/run-starter';
import type { Ledger } from '../../../src/ports/ledger';
import type { RunStarter } from '../../../src/ports/run-starter';
import { seededRandom } from '../../support/seeded-random';
import { startDevServer, type DevServer } from '../../support/temporal';

let server: DevServer;
let connection: Connection;
let client: Client;
let starter: RunStarter;
let folder: string;
let ledger: Ledger;
let pipelines = 0;
/** Another one for each test: one server serves them all. */
let pipeline: string;

jest.setTimeout(40_000);

beforeAll(async () => {
  server = await startDevServer();
  connection = await Connection.connect({ address: server.address });
  client = new Client({ connection, namespace: server.namespace });
  starter = createRunStarter(client);
  folder = await mkdtemp(join(tmpdir(), 'millrace-events-'));
}, 90_000);
afterAll(async () => {
  await connection.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  pipeline = `pipeline-${String((pipelines += 1))}`;
  ledger = await createSqliteLedger(join(folder, `${pipeline}.sqlite`));
});
afterEach(() => ledger.close());

const event = (eventKey: string, reason = 'first'): EventStart => ({
  pipeline,
  kind: 'kafka',
  eventKey,
  input: { pipeline, cause: { kind: 'kafka', event: eventKey, reason } },
});

/** A process that ends at a step: the work up to there is done, and nothing after it. */
const crash = (): Promise<never> => Promise.reject(new Error('the process ended'));

/** Starts that Temporal took, by workflow id: one each, whatever happens. */
const taken = new Map<string, number>();
const counting: RunStarter = {
  async startOnce(start) {
    const answer = await starter.startOnce(start);
    if (answer.started) taken.set(start.workflowId, (taken.get(start.workflowId) ?? 0) + 1);
    return answer;
  },
};
beforeEach(() => taken.clear());

/** The input of a run, from its history. */
async function inputOf(workflowId: string): Promise<unknown> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const data = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
  return JSON.parse(Buffer.from(data ?? []).toString('utf8'));
}

test('a process that ends between claim and start leaves a claim, and the next one starts the run that was claimed', async () => {
  const dying = { ledger, starter: { startOnce: crash } };
  await expect(startForEvent(dying, event('a'))).rejects.toThrow('the process ended');
  expect(await ledger.listUnconfirmed('9', 10)).toHaveLength(1);
  const run = await startForEvent({ ledger, starter: counting }, event('a', 'second'));
  expect(run.started).toBe(true);
  expect(await inputOf(run.workflowId)).toMatchObject({ cause: { reason: 'first' } });
  expect(await ledger.listUnconfirmed('9', 10)).toEqual([]);
});

test('a process that ends between start and confirmation leaves a run, and the next one finds it', async () => {
  const dying = { ledger: { ...ledger, confirmEvent: crash }, starter: counting };
  await expect(startForEvent(dying, event('a'))).rejects.toThrow('the process ended');
  const [claim] = await ledger.listUnconfirmed('9', 10);
  const { runId } = await client.workflow.getHandle(claim?.workflowId ?? '').describe();
  const run = await startForEvent({ ledger, starter: counting }, event('a'));
  expect(run).toEqual({ workflowId: claim?.workflowId, runId, started: false });
  expect(await ledger.listUnconfirmed('9', 10)).toEqual([]);
  expect([...taken.values()]).toEqual([1]);
});

test('what was left behind is started once, however many services find it at once', async () => {
  const dying = { ledger, starter: { startOnce: crash } };
  await expect(startForEvent(dying, event('a'))).rejects.toThrow('the process ended');
  const claims = await ledger.listUnconfirmed('9', 10);
  const found = await Promise.all(
    Array.from({ length: 6 }, () =>
      claims.map((claim) => startClaimed({ ledger, starter: counting }, claim)),
    ).flat(),
  );
  expect(found.filter(({ started }) => started)).toHaveLength(1);
  expect(new Set(found.map(({ runId }) => runId)).size).toBe(1);
});

test('a source that is rewound starts nothing, also when Temporal has no memory of the runs any more', async () => {
  const deliver = () =>
    Promise.all(
      Array.from({ length: 30 }, (_, offset) =>
        startForEvent({ ledger, starter: counting }, event(`topic[0]@${String(offset)}`)),
      ),
    );
  const first = await deliver();
  expect(first.every(({ started }) => started)).toBe(true);
  expect((await deliver()).map(({ runId }) => runId)).toEqual(first.map(({ runId }) => runId));
  for (const { workflowId, runId } of first)
    await client.workflowService.deleteWorkflowExecution({
      namespace: server.namespace,
      workflowExecution: { workflowId, runId },
    });
  for (const { workflowId } of first) while (await isKnown(workflowId));
  expect(await deliver()).toEqual(first.map((run) => ({ ...run, started: false })));
  expect(taken.size).toBe(30);
  expect([...taken.values()].every((times) => times === 1)).toBe(true);
});

test('events that differ in the least have a run each', async () => {
  const events: EventStart[] = [
    event('a'),
    event('a '),
    { ...event('a'), kind: 'file' },
    { ...event('a'), pipeline: `${pipeline}b` },
  ];
  const runs = await Promise.all(events.map((one) => startForEvent({ ledger, starter: counting }, one)));
  expect(new Set(runs.map(({ workflowId }) => workflowId)).size).toBe(4);
  expect(runs.every(({ started }) => started)).toBe(true);
});

test('a Temporal that is away is an error to repeat, and the claim stands', async () => {
  await server.kill();
  try {
    await expect(startForEvent({ ledger, starter: counting }, event('a'))).rejects.toMatchObject({
      code: 'TEMPORAL_UNAVAILABLE',
      retryable: true,
    });
    expect(await ledger.listUnconfirmed('9', 10)).toMatchObject([{ input: { cause: { reason: 'first' } } }]);
  } finally {
    await server.restart();
  }
  const run = await startForEvent({ ledger, starter: counting }, event('a', 'second'));
  expect(run.started).toBe(true);
  expect(await inputOf(run.workflowId)).toMatchObject({ cause: { reason: 'first' } });
});

test('whatever crashes and is said again in whatever order, each event has one run (seed 11)', async () => {
  const EVENTS = 100;
  const random = seededRandom(11);
  const keys = Array.from({ length: EVENTS }, (_, number) => `topic[0]@${String(number)}`);
  /** A process that ends before or after one of the three steps, or at none. */
  const process = () => {
    const end = Math.floor(random() * 8);
    return {
      ledger: {
        ...ledger,
        claimEvent: end === 0 ? crash : ledger.claimEvent,
        confirmEvent:
          end === 3
            ? crash
            : end === 4
              ? (key: string, runId: string) => ledger.confirmEvent(key, runId).then(crash)
              : ledger.confirmEvent,
      },
      starter: {
        startOnce:
          end === 1
            ? crash
            : end === 2
              ? (start: Parameters<RunStarter['startOnce']>[0]) => counting.startOnce(start).then(crash)
              : counting.startOnce,
      },
    };
  };
  // The source's offset, from which it is said again; it moves forward only over what was acknowledged.
  for (let offset = 0; offset < EVENTS;) {
    const width = 1 + Math.floor(random() * 8);
    const answers = await Promise.allSettled(
      keys
        .slice(offset, offset + width)
        .flatMap((key) =>
          [
            startForEvent(process(), event(key, String(random()))),
            ...(random() < 0.3 ? [startForEvent(process(), event(key, String(random())))] : []),
          ].map((answer) => answer.then(() => key)),
        ),
    );
    const done = new Set(answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : [])));
    while (offset < EVENTS && done.has(keys[offset] ?? '')) offset += 1;
    if (random() < 0.15) offset = Math.max(0, offset - 10);
  }
  expect(await ledger.listUnconfirmed('9', 1000)).toEqual([]);
  expect(taken.size).toBe(EVENTS);
  expect(Math.max(...taken.values())).toBe(1);
  for (const key of keys) {
    const run = await startForEvent({ ledger, starter: counting }, event(key));
    const described = await client.workflow.getHandle(run.workflowId).describe();
    expect(run).toEqual({ workflowId: described.workflowId, runId: described.runId, started: false });
  }
});

async function isKnown(workflowId: string): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId).describe();
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return false;
    throw error;
  }
}
