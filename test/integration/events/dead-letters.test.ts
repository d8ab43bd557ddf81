/** Catches a replay that starts two runs or none, a letter that is closed for a failure nobody has seen, and a failed run that nobody is told of. */
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createNotificationActivities } from '../../../src/activities/notification';
import { startForEvent } from '../../../src/activities/triggers/start-for-event';
import { createFileArtifactStore } from '../../../src/adapters/artifact-store/file';
import { replayDeadLetter } from '../../../src/client/dead-letters/replay';
import { takeIn } from '../../../src/client/serve/triggers/kafka/take-in';
import type { EventKind } from '../../../src/contracts/events';
import type { AnnounceRunInput } from '../../../src/contracts/steps';
import type { ArtifactStore } from '../../../src/ports/artifact-store';
import type { Ledger } from '../../../src/ports/ledger';
import {
  crash,
  inputOf,
  kafkaEvent,
  startStartingPlace,
  type StartingPlace,
} from '../../support/claimed-events';

jest.setTimeout(40_000);

let place: StartingPlace;
let ledger: Ledger;
let store: ArtifactStore;
let pipelines = 0;
let pipeline: string;

beforeAll(async () => {
  place = await startStartingPlace();
  store = await createFileArtifactStore({ root: join(place.folder, 'store') });
}, 90_000);
afterAll(() => place.stop());
beforeEach(async () => {
  pipeline = `pipeline-${String((pipelines += 1))}`;
  ledger = await place.ledger();
  place.taken.clear();
});

const replay = (id: string, changes: Partial<Ledger> = {}) =>
  replayDeadLetter(
    {
      ledger: { ...ledger, ...changes },
      starter: place.starter,
      client: place.client,
      takeFiles: (_, files) =>
        takeIn({ store, dataRoot: place.folder }, { pipeline, sources: ['rows'] }, files),
    },
    id,
    'ada',
  );

describe('of an event', () => {
  const refused = (id: string, occurredAt = '2026-11-21T10:00:00.000Z') => ({
    id,
    kind: 'kafka' as const,
    pipeline,
    code: 'EVENT_REFUSED',
    message: 'there is no such pipeline yet',
    input: '{}',
    replay: kafkaEvent(pipeline, `topic[0]@${id}`),
    occurredAt,
  });

  test('the run that a replay starts is the run of the event: a source that says it again finds it', async () => {
    await ledger.addDeadLetter(refused('1'));
    const run = await replay('1');
    expect(run.started).toBe(true);
    expect(await ledger.findDeadLetter('1')).toMatchObject({
      state: 'replayed',
      settledBy: 'ada',
      workflowId: run.workflowId,
    });
    expect(await inputOf(place.client, run.workflowId)).toMatchObject({ cause: { event: 'topic[0]@1' } });
    const again = await startForEvent({ ledger, starter: place.starter }, kafkaEvent(pipeline, 'topic[0]@1'));
    expect(again).toEqual({ workflowId: run.workflowId, runId: run.runId, started: false });
  });

  test('replays at the same time, and one that goes on after a crash, are one run', async () => {
    await ledger.addDeadLetter(refused('1'));
    await expect(replay('1', { settleDeadLetter: crash })).rejects.toThrow('the process ended');
    expect(await ledger.findDeadLetter('1')).toMatchObject({ state: 'open' });
    const runs = await Promise.allSettled(Array.from({ length: 5 }, () => replay('1')));
    for (const run of runs)
      if (run.status === 'rejected') expect(run.reason).toMatchObject({ code: 'RUN_CONFLICT' });
    expect(runs.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect([...place.taken.values()]).toEqual([1]);
    expect(await ledger.findDeadLetter('1')).toMatchObject({ state: 'replayed' });
    await expect(replay('1')).rejects.toMatchObject({
      code: 'RUN_CONFLICT',
      message: expect.stringContaining('replayed already') as string,
    });
  });

  test('one that is settled stays so when its source says the event again and it is refused again', async () => {
    await ledger.addDeadLetter(refused('1'));
    await ledger.addDeadLetter(refused('2'));
    await replay('1');
    await ledger.settleDeadLetter('2', { state: 'discarded', by: 'ada', why: 'a test' });
    for (const id of ['1', '2']) await ledger.addDeadLetter(refused(id, '2026-11-22T10:00:00.000Z'));
    expect(await ledger.listDeadLetters({ state: 'open', limit: 10 })).toEqual([]);
    for (const id of ['1', '2']) await expect(replay(id)).rejects.toMatchObject({ code: 'RUN_CONFLICT' });
    expect([...place.taken.values()]).toEqual([1]);
  });

  test('files that a message named are taken by the replay, as they are then, and once', async () => {
    const letter = refused('1');
    const files = [{ path: 'day-3.csv', mode: 'append' as const }];
    await ledger.addDeadLetter({ ...letter, replay: { ...letter.replay, files } });
    await expect(replay('1')).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
    expect(await ledger.findDeadLetter('1')).toMatchObject({ state: 'open' });
    const file = join(place.folder, 'day-3.csv');
    await writeFile(file, 'id\n1\n');
    await expect(replay('1', { settleDeadLetter: crash })).rejects.toThrow('the process ended');
    await rm(file);
    const run = await replay('1');
    expect(run.started).toBe(false);
    const sha256 = createHash('sha256').update('id\n1\n').digest('hex');
    expect(await inputOf(place.client, run.workflowId)).toMatchObject({
      arrivals: [{ source: 'rows', mode: 'append', name: 'day-3.csv', sha256, bytes: 5 }],
    });
    expect([...place.taken.values()]).toEqual([1]);
  });

  test('what only the sender can send again, and what is not there, start nothing', async () => {
    const { replay: _, ...unreadable } = refused('1');
    await ledger.addDeadLetter(unreadable);
    await expect(replay('1')).rejects.toMatchObject({ code: 'EVENT_REFUSED' });
    expect(await ledger.findDeadLetter('1')).toMatchObject({ state: 'open' });
    await expect(replay('2')).rejects.toMatchObject({ code: 'USAGE' });
    expect(place.taken.size).toBe(0);
  });
});

describe('of a run', () => {
  /** The activity at a run's end, as the workflow calls it. */
  const announce = (
    workflowId: string,
    event: AnnounceRunInput['event'],
    {
      message = 'no rows',
      cause = { kind: 'kafka' as EventKind, event: 'topic[0]@1', key: claimKey },
      endedAt = '2026-11-21T11:00:00.000Z',
    } = {},
  ) =>
    createNotificationActivities({
      store: {} as ArtifactStore,
      ledger,
      channels: { console: { send: () => Promise.resolve() } },
      workflowUrl: (id) => id,
    }).announceRun({
      status: {
        pipeline,
        workflowId,
        runId: 'r',
        cause,
        state: event === 'failed' ? 'failed' : 'done',
        outcome: event === 'failed' ? 'failed' : 'deployed',
        reasons: [],
        stages: [],
        candidates: [],
        ...(event === 'failed' && { error: { code: 'SOURCE_EMPTY', message, where: 'data/customers.csv' } }),
      },
      event,
      startedAt: '2026-11-21T10:00:00.000Z',
      endedAt,
    });
  let claimKey: string;
  let workflowId: string;
  let runId: string;
  const letters = () => ledger.listDeadLetters({ kind: 'run', limit: 10 });
  const fail = () => place.client.workflow.getHandle(workflowId).terminate('failed');

  beforeEach(async () => {
    const started = await startForEvent(
      { ledger, starter: place.starter },
      kafkaEvent(pipeline, 'topic[0]@1'),
    );
    ({ workflowId, runId } = started);
    const input = (await inputOf(place.client, workflowId)) as { cause: { key: string } };
    claimKey = input.cause.key;
  });

  test('that an event started and that failed is kept with cause and input, once', async () => {
    await announce(workflowId, 'failed');
    await announce(workflowId, 'failed');
    expect(await letters()).toMatchObject([
      {
        state: 'open',
        pipeline,
        code: 'SOURCE_EMPTY',
        message: 'no rows (at data/customers.csv)',
        where: workflowId,
        input: expect.stringContaining('topic[0]@1') as string,
      },
    ]);
    await announce('by-hand', 'failed', { cause: { kind: 'manual', event: 'ada', key: 'none' } });
    await announce('backfill', 'failed', { cause: { kind: 'backfill', event: '2026-11-01', key: 'none' } });
    await announce('ended well', 'deployed');
    expect(await letters()).toHaveLength(1);
  });

  test('is tried again under its id, once, however many replay it at once', async () => {
    await fail();
    await announce(workflowId, 'failed');
    const [letter] = await letters();
    const id = letter?.id ?? '';
    await expect(replay(id, { settleDeadLetter: crash })).rejects.toThrow('the process ended');
    const runs = await Promise.allSettled(Array.from({ length: 4 }, () => replay(id)));
    const replayed = runs.flatMap((run) => (run.status === 'fulfilled' ? [run.value] : []));
    const now = await place.client.workflow.getHandle(workflowId).describe();
    expect(now.runId).not.toBe(runId);
    expect(replayed.length).toBeGreaterThan(0);
    for (const run of replayed) expect(run).toEqual({ id, workflowId, runId: now.runId, started: false });
    expect(await ledger.findDeadLetter(id)).toMatchObject({
      state: 'replayed',
      settledBy: 'ada',
      workflowId,
    });
  });

  test('is closed when a try by hand succeeds, and open with the newer error when it fails anew', async () => {
    await announce(workflowId, 'failed');
    await announce(workflowId, 'deployed');
    expect(await letters()).toMatchObject([
      { state: 'replayed', workflowId, settledWhy: expect.stringContaining('deployed') as string },
    ]);
    // The activity that told of the first failure, tried again by Temporal: nothing has failed anew.
    await announce(workflowId, 'failed');
    expect(await letters()).toMatchObject([{ state: 'replayed' }]);
    const endedAt = '2026-11-21T12:00:00.000Z';
    await announce(workflowId, 'failed', { message: 'another column is missing', endedAt });
    expect(await letters()).toMatchObject([
      { state: 'open', message: expect.stringContaining('another column') as string, openings: 2 },
    ]);
    await announce(workflowId, 'failed', { message: 'a third thing', endedAt: '2026-11-21T13:00:00.000Z' });
    expect(await letters()).toMatchObject([
      { state: 'open', message: expect.stringContaining('a third thing') as string, openings: 3 },
    ]);
  });

  test('that fails anew before its replay has closed the letter stays in the list', async () => {
    await fail();
    await announce(workflowId, 'failed');
    const [letter] = await letters();
    const slow: Ledger['settleDeadLetter'] = async (...settlement) => {
      await announce(workflowId, 'failed', {
        message: 'still no rows',
        endedAt: '2026-11-21T12:00:00.000Z',
      });
      return ledger.settleDeadLetter(...settlement);
    };
    await replay(letter?.id ?? '', { settleDeadLetter: slow });
    expect(await letters()).toMatchObject([
      { state: 'open', message: expect.stringContaining('still no rows') as string },
    ]);
  });

  test('that Temporal has forgotten is started as a new one, with the input of the event', async () => {
    await announce(workflowId, 'failed');
    await place.forget(workflowId, runId);
    const [letter] = await letters();
    const run = await replay(letter?.id ?? '');
    expect(run.started).toBe(true);
    expect(run.workflowId).not.toBe(workflowId);
    expect(await inputOf(place.client, run.workflowId)).toMatchObject({ cause: { event: 'topic[0]@1' } });
  });

  test('that still runs is not tried again', async () => {
    await announce(workflowId, 'failed');
    const [letter] = await letters();
    await ledger.settleDeadLetter(letter?.id ?? '', { state: 'discarded', by: 'ada' });
    await ledger.addDeadLetter({ ...letter!, occurredAt: new Date(Date.now() + 60_000).toISOString() });
    await expect(replay(letter?.id ?? '')).rejects.toMatchObject({ code: 'RUN_CONFLICT' });
    expect(await ledger.findDeadLetter(letter?.id ?? '')).toMatchObject({ state: 'open' });
  });
});
