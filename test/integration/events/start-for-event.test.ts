/** Catches an event that leads to two runs or to none: a crash at any step, a source that says it again, a history that is gone, a Temporal that is away. */
import { pino } from 'pino';
import {
  startClaimed,
  startForEvent,
  type EventStart,
} from '../../../src/activities/triggers/start-for-event';
import type { Ledger } from '../../../src/ports/ledger';
import type { RunStarter } from '../../../src/ports/run-starter';
import {
  crash,
  inputOf,
  kafkaEvent,
  startStartingPlace,
  type StartingPlace,
} from '../../support/claimed-events';
import { createClaimKeeper } from '../../../src/client/serve/claims';
import { until } from '../../support/faults/until';
import { seededRandom } from '../../support/seeded-random';

jest.setTimeout(40_000);

let place: StartingPlace;
let starter: RunStarter;
let ledger: Ledger;
let pipelines = 0;
/** Another one for each test: one server serves them all. */
let pipeline: string;

beforeAll(async () => {
  place = await startStartingPlace();
  ({ starter } = place);
}, 90_000);
afterAll(() => place.stop());
beforeEach(async () => {
  pipeline = `pipeline-${String((pipelines += 1))}`;
  ledger = await place.ledger();
  place.taken.clear();
});

const event = (eventKey: string, reason?: string): EventStart => kafkaEvent(pipeline, eventKey, reason);

test('a process that ends between claim and start leaves a claim, and the next one starts the run that was claimed', async () => {
  const dying = { ledger, starter: { startOnce: crash } };
  await expect(startForEvent(dying, event('a'))).rejects.toThrow('the process ended');
  expect(await ledger.listUnconfirmed('9', 10)).toHaveLength(1);
  const run = await startForEvent({ ledger, starter }, event('a', 'second'));
  expect(run.started).toBe(true);
  expect(await inputOf(place.client, run.workflowId)).toMatchObject({ cause: { reason: 'first' } });
  expect(await ledger.listUnconfirmed('9', 10)).toEqual([]);
});

test('a process that ends between start and confirmation leaves a run, and the next one finds it', async () => {
  const dying = { ledger: { ...ledger, confirmEvent: crash }, starter };
  await expect(startForEvent(dying, event('a'))).rejects.toThrow('the process ended');
  const [claim] = await ledger.listUnconfirmed('9', 10);
  const { runId } = await place.client.workflow.getHandle(claim?.workflowId ?? '').describe();
  const run = await startForEvent({ ledger, starter }, event('a'));
  expect(run).toEqual({ workflowId: claim?.workflowId, runId, started: false });
  expect(await ledger.listUnconfirmed('9', 10)).toEqual([]);
  expect([...place.taken.values()]).toEqual([1]);
});

test('what was left behind is started once, however many services find it at once', async () => {
  const dying = { ledger, starter: { startOnce: crash } };
  await expect(startForEvent(dying, event('a'))).rejects.toThrow('the process ended');
  const claims = await ledger.listUnconfirmed('9', 10);
  const found = await Promise.all(
    Array.from({ length: 6 }, () => claims.map((claim) => startClaimed({ ledger, starter }, claim))).flat(),
  );
  expect(found.filter(({ started }) => started)).toHaveLength(1);
  expect(new Set(found.map(({ runId }) => runId)).size).toBe(1);
});

test('a source that is rewound starts nothing, also when Temporal has no memory of the runs any more', async () => {
  const deliver = () =>
    Promise.all(
      Array.from({ length: 30 }, (_, offset) =>
        startForEvent({ ledger, starter }, event(`topic[0]@${String(offset)}`)),
      ),
    );
  const first = await deliver();
  expect(first.every(({ started }) => started)).toBe(true);
  expect((await deliver()).map(({ runId }) => runId)).toEqual(first.map(({ runId }) => runId));
  for (const { workflowId, runId } of first) await place.forget(workflowId, runId);
  expect(await deliver()).toEqual(first.map((run) => ({ ...run, started: false })));
  expect(place.taken.size).toBe(30);
  expect([...place.taken.values()].every((times) => times === 1)).toBe(true);
});

test('events that differ in the least have a run each', async () => {
  const events: EventStart[] = [
    event('a'),
    event('a '),
    { ...event('a'), kind: 'file' },
    { ...event('a'), pipeline: `${pipeline}b` },
  ];
  const runs = await Promise.all(events.map((one) => startForEvent({ ledger, starter }, one)));
  expect(new Set(runs.map(({ workflowId }) => workflowId)).size).toBe(4);
  expect(runs.every(({ started }) => started)).toBe(true);
});

test('a Temporal that is away is an error to repeat, and the claim stands', async () => {
  await place.server.kill();
  try {
    await expect(startForEvent({ ledger, starter }, event('a'))).rejects.toMatchObject({
      code: 'TEMPORAL_UNAVAILABLE',
      retryable: true,
    });
    expect(await ledger.listUnconfirmed('9', 10)).toMatchObject([{ input: { cause: { reason: 'first' } } }]);
  } finally {
    await place.server.restart();
  }
  const run = await startForEvent({ ledger, starter }, event('a', 'second'));
  expect(run.started).toBe(true);
  expect(await inputOf(place.client, run.workflowId)).toMatchObject({ cause: { reason: 'first' } });
});

test('an event that Temporal will never take is refused for good, and not said to be an outage', async () => {
  const large = event('a');
  const params = { text: 'x'.repeat(3_000_000) };
  await expect(
    startForEvent({ ledger, starter }, { ...large, input: { ...large.input, params } }),
  ).rejects.toMatchObject({ code: 'EVENT_REFUSED', retryable: false });
  expect(await ledger.listUnconfirmed('9', 10)).toEqual([]);
});

test('among claims that were left behind, one that Temporal will never take holds up no other, and people are told', async () => {
  const dying = { ledger, starter: { startOnce: crash } };
  const large = event('a');
  const params = { text: 'x'.repeat(3_000_000) };
  await expect(startForEvent(dying, { ...large, input: { ...large.input, params } })).rejects.toThrow();
  await expect(startForEvent(dying, event('b'))).rejects.toThrow('the process ended');
  const logger = pino({ enabled: false });
  const keepers = [0, 1, 2].map(() =>
    createClaimKeeper(
      { ledger, starter, logger },
      {
        lookEveryMs: 20,
        leftBehindMs: -1000,
      },
    ),
  );
  await until('no claim is left', async () => (await ledger.listUnconfirmed('9', 10)).length === 0);
  await Promise.all(keepers.map((keeper) => keeper.stop()));
  expect([...place.taken.values()]).toEqual([1]);
  expect(await ledger.listDeadLetters({ limit: 10 })).toMatchObject([
    { kind: 'kafka', code: 'EVENT_REFUSED', state: 'open' },
  ]);
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
              ? (start: Parameters<RunStarter['startOnce']>[0]) => starter.startOnce(start).then(crash)
              : starter.startOnce,
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
  expect(place.taken.size).toBe(EVENTS);
  expect(Math.max(...place.taken.values())).toBe(1);
  for (const key of keys) {
    const run = await startForEvent({ ledger, starter }, event(key));
    const described = await place.client.workflow.getHandle(run.workflowId).describe();
    expect(run).toEqual({ workflowId: described.workflowId, runId: described.runId, started: false });
  }
});
