/**
 * Catches an object that starts a run twice or not at all: rewritten, under two keys, after a restart of the
 * service, while Temporal or the S3 server is away; one that is fetched again though nothing changed; one bad object that holds up the next; one
 * that stays refused though its trigger, or what it may read, was mended.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import type { z } from 'zod';
import { startForEvent, type EventStart } from '../../../src/activities/triggers/start-for-event';
import { createFileArtifactStore, type FileArtifactStore } from '../../../src/adapters/artifact-store/file';
import { createSqliteLedger } from '../../../src/adapters/ledger/sqlite';
import { createObjectReader } from '../../../src/adapters/object-storage/object-reader';
import { createRunStarter } from '../../../src/adapters/temporal/run-starter';
import { createObjectLetters } from '../../../src/client/serve/triggers/object/letters';
import { takeSight } from '../../../src/client/serve/triggers/object/take';
import { ObjectWatch } from '../../../src/client/serve/triggers/object/watch';
import { sha256 } from '../../../src/contracts/digest';
import { MillraceError } from '../../../src/contracts/errors';
import { objectTriggerSchema } from '../../../src/contracts/pipeline-file';
import type { TrainingPipelineInput } from '../../../src/contracts/runs';
import type { DeadLetter } from '../../../src/ports/event-ledger';
import type { Ledger } from '../../../src/ports/ledger';
import type { ObjectReader } from '../../../src/ports/object-storage';
import { startS3Server, type S3Server } from '../../support/s3-server';
import { quietTemporal, startDevServer, type DevServer } from '../../support/temporal';

jest.setTimeout(60_000);

let s3: S3Server;
let temporal: DevServer;
let connection: Connection;
let folder: string;
let ledger: Ledger;
let store: FileArtifactStore;
let objects: ObjectReader;
let pipelines = 0;
let pipeline: string;
/** Inputs of runs that Temporal took as new. */
let started: TrainingPipelineInput[];
/** Keys whose bytes were fetched. */
let fetched: string[];
let beforeStart: (event: EventStart) => Promise<void>;

beforeAll(async () => {
  quietTemporal();
  folder = await mkdtemp(join(tmpdir(), 'millrace-objects-'));
  [s3, temporal] = await Promise.all([startS3Server(), startDevServer()]);
  connection = await Connection.connect({ address: temporal.address });
  ledger = await createSqliteLedger(join(folder, 'ledger.sqlite'));
  store = await createFileArtifactStore({ root: join(folder, 'store') });
}, 150_000);
afterAll(async () => {
  await ledger.close();
  await connection.close();
  await Promise.all([s3.stop(), temporal.stop()]);
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  pipeline = `objects-${String((pipelines += 1))}`;
  started = [];
  fetched = [];
  beforeStart = () => Promise.resolve();
  const real = createObjectReader({
    projectRoot: folder,
    environment: { store: { path: 'store' }, s3: s3.connection },
  });
  objects = {
    ...real,
    fetchToFile(address, file, signal) {
      fetched.push(address.key);
      return real.fetchToFile(address, file, signal);
    },
  };
});

function dependencies() {
  const starter = createRunStarter(new Client({ connection }));
  return {
    ledger,
    store,
    objects,
    logger: pino({ level: 'silent' }),
    start: async (event: EventStart) => {
      await beforeStart(event);
      const run = await startForEvent({ ledger, starter }, event);
      if (run.started) started.push(event.input);
      return run;
    },
  };
}

function settings(changes: Partial<z.input<typeof objectTriggerSchema>> = {}) {
  const trigger = objectTriggerSchema.parse({ uri: `s3://${s3.bucket}/${pipeline}/`, ...changes });
  return { pipeline, source: 'customers', trigger };
}

/** A watcher as a new process would have it: it remembers nothing. */
function watch(changes?: Partial<z.input<typeof objectTriggerSchema>>): ObjectWatch {
  return new ObjectWatch(dependencies(), settings(changes));
}

function put(name: string, body: string): Promise<void> {
  return s3.put(`${pipeline}/${name}`, body);
}

async function letters(state?: DeadLetter['state']): Promise<string[]> {
  const found = await ledger.listDeadLetters({ pipeline, limit: 100, ...(state && { state }) });
  return found.map(({ code, where }) => `${code} ${String(where)}`).sort();
}

const uriOf = (name: string): string => `s3://${s3.bucket}/${pipeline}/${name}`;

test('an object below the prefix starts one run with its bytes, whatever becomes of it; looking again starts and fetches nothing', async () => {
  await put('day-1.csv', 'id\n1\n');
  await put('folder/', '');
  const watcher = watch({ data: 'append' });
  await watcher.look();
  await put('day-2.csv', 'id\n2\n');
  await watcher.look();
  await watcher.look();
  expect(started).toMatchObject(
    [1, 2].map((day) => ({
      cause: { kind: 'object', event: uriOf(`day-${String(day)}.csv`) },
      arrivals: [
        {
          source: 'customers',
          mode: 'append',
          name: uriOf(`day-${String(day)}.csv`),
          sha256: sha256(`id\n${String(day)}\n`),
          bytes: 5,
        },
      ],
    })),
  );
  expect(fetched).toEqual([`${pipeline}/day-1.csv`, `${pipeline}/day-2.csv`]);
  expect(await readFile(await store.blobPath(sha256('id\n1\n')), 'utf8')).toBe('id\n1\n');
  expect([watcher.taken, watcher.away, await letters()]).toEqual([2, undefined, []]);
});

test('a restart of the service, and a second one beside it, start and fetch nothing again', async () => {
  await put('day-1.csv', 'id\n1\n');
  await Promise.all([watch().look(), watch().look(), watch().look()]);
  fetched = [];
  await watch().look();
  expect(started).toHaveLength(1);
  expect(fetched).toEqual([]);
});

test('an object that is written again is another event only with other bytes', async () => {
  const watcher = watch();
  await put('day.csv', 'id\n1\n');
  await watcher.look();
  await put('day.csv', 'id\n1\n');
  await watcher.look();
  expect(started).toHaveLength(1);
  await put('day.csv', 'id\n2\n');
  await watcher.look();
  expect(started).toHaveLength(2);
});

test.each([
  ['content', 1],
  ['name+content', 2],
] as const)('the same bytes under two keys, dedupe by %s: %d runs', async (dedupe, runs) => {
  await put('a.csv', 'id\n1\n');
  await put('b.csv', 'id\n1\n');
  await watch({ dedupe }).look();
  expect(started).toHaveLength(runs);
});

test('an address that is a key names that object only; a pattern what it matches', async () => {
  for (const name of ['rows.csv', 'rows.csv.old', 'other.csv', 'notes.txt']) await put(name, `of ${name}`);
  await watch({ uri: uriOf('rows.csv') }).look();
  expect(started.map(({ cause }) => cause?.event)).toEqual([uriOf('rows.csv')]);
  await watch({ uri: uriOf('*.csv') }).look();
  expect(started.map(({ cause }) => cause?.event)).toEqual([uriOf('rows.csv'), uriOf('other.csv')]);
});

test('small and old objects are passed over, and taken when the trigger is told to', async () => {
  await put('small.csv', 'id');
  await put('large.csv', 'id\n1\n2\n');
  await watch({ minSize: '5' }).look();
  expect(started.map(({ cause }) => cause?.event)).toEqual([uriOf('large.csv')]);
  await watch({ maxAge: '0s', dedupe: 'content' }).look();
  expect(started).toHaveLength(1);
  await watch({ maxAge: '1h' }).look();
  expect(started).toHaveLength(2);
});

test('an empty object, one that vanishes and one that nothing can be started for become letters; the next is served', async () => {
  await put('a-empty.csv', '');
  await put('b-vanishes.csv', 'id\n1\n');
  await put('c-refused.csv', 'id\n2\n');
  await put('d-good.csv', 'id\n3\n');
  const real = objects;
  objects = {
    ...real,
    async fetchToFile(address, file, signal) {
      // Between the listing and the reading.
      if (address.key.endsWith('b-vanishes.csv'))
        return real.fetchToFile({ ...address, key: `${address.key}.gone` }, file, signal);
      return real.fetchToFile(address, file, signal);
    },
  };
  const given = dependencies();
  const refusing = {
    ...given,
    start: (event: EventStart) =>
      event.input.cause?.event.endsWith('c-refused.csv')
        ? Promise.reject(new MillraceError('EVENT_REFUSED', 'No pipeline file has that name.'))
        : given.start(event),
  };
  const watcher = new ObjectWatch(refusing, settings({ minSize: '0' }));
  await watcher.look();
  expect(started.map(({ cause }) => cause?.event)).toEqual([uriOf('d-good.csv')]);
  const expected = [
    `EVENT_INVALID ${uriOf('a-empty.csv')}`,
    `EVENT_REFUSED ${uriOf('c-refused.csv')}`,
    `FILE_INCOMPLETE ${uriOf('b-vanishes.csv')}`,
  ];
  expect(await letters()).toEqual(expected);
  const [refused] = await ledger.listDeadLetters({ pipeline, code: 'EVENT_REFUSED', limit: 1 });
  // Its bytes are safe: a replay needs the object no more.
  expect(refused?.replay?.input.arrivals?.[0]?.sha256).toBe(sha256('id\n2\n'));
  // Neither this process nor the next one, nor one after a person has closed a letter, writes them again.
  await ledger.settleDeadLetter(refused?.id ?? '', { state: 'discarded', by: 'a test', why: 'it is known' });
  await new ObjectWatch(refusing, settings({ minSize: '0' })).look();
  expect(await letters()).toEqual(expected);
  expect((await ledger.findDeadLetter(refused?.id ?? ''))?.state).toBe('discarded');
});

test('an object that was refused is looked at again by a changed trigger, and not when a person has discarded it', async () => {
  for (const name of ['a.csv', 'b.csv', 'c.csv']) await put(name, `id\n${name}\n`);
  beforeStart = () => Promise.reject(new MillraceError('EVENT_REFUSED', 'No pipeline file has that name.'));
  await watch().look();
  expect(await letters('open')).toEqual(
    ['a', 'b', 'c'].map((name) => `EVENT_REFUSED ${uriOf(`${name}.csv`)}`),
  );
  const all = await ledger.listDeadLetters({ pipeline, limit: 10 });
  const idOf = (name: string): string => all.find(({ where }) => where === uriOf(name))?.id ?? '';
  await ledger.settleDeadLetter(idOf('b.csv'), { state: 'discarded', by: 'a test', why: 'not that one' });
  beforeStart = ({ input }) =>
    input.cause?.event === uriOf('c.csv')
      ? Promise.reject(new MillraceError('EVENT_REFUSED', 'It is refused for another reason.'))
      : Promise.resolve();
  // As it is, it stays refused, in this process and the next one.
  await watch().look();
  expect(started).toEqual([]);
  await watch({ every: '20s' }).look();
  expect(started.map(({ cause }) => cause?.event)).toEqual([uriOf('a.csv')]);
  expect(await ledger.findDeadLetter(idOf('a.csv'))).toMatchObject({
    state: 'replayed',
    workflowId: expect.stringContaining(pipeline) as string,
  });
  expect((await ledger.findDeadLetter(idOf('b.csv')))?.state).toBe('discarded');
  // Its letter says the new reason, once.
  await watch({ every: '20s' }).look();
  expect(await ledger.listDeadLetters({ pipeline, state: 'open', limit: 10 })).toMatchObject([
    { where: uriOf('c.csv'), message: 'It is refused for another reason.' },
  ]);
  await watch({ every: '30s' }).look();
  expect(started).toHaveLength(1);
  expect((await ledger.findDeadLetter(idOf('b.csv')))?.state).toBe('discarded');
});

test('an object that the server did not let it read is asked for again later, untouched, and its letter is closed', async () => {
  await put('day.csv', 'id\n1\n');
  const real = objects;
  const refusal = new MillraceError('STORE_UNAVAILABLE', '403', {
    where: uriOf('day.csv'),
    retryable: false,
  });
  let isRefused = true;
  objects = {
    ...real,
    fetchToFile: (...asked) => (isRefused ? Promise.reject(refusal) : real.fetchToFile(...asked)),
  };
  let now = 0;
  const watcher = new ObjectWatch(dependencies(), settings(), () => now);
  await watcher.look();
  expect(await letters('open')).toEqual([`STORE_UNAVAILABLE ${uriOf('day.csv')}`]);
  isRefused = false;
  await watcher.look();
  expect(started).toEqual([]);
  now += 300_000;
  await watcher.look();
  expect([started.length, await letters('open')]).toEqual([1, []]);
  expect(await letters('replayed')).toHaveLength(1);
});

test('an object in another state than was listed is left for the next look', async () => {
  await put('day.csv', 'id\n1\n');
  const seen = await objects.head({ bucket: s3.bucket, key: `${pipeline}/day.csv` });
  if (!seen) throw new Error('it is not there');
  await put('day.csv', 'id\n2\n');
  const { signal } = new AbortController();
  const takers = dependencies();
  expect(await takeSight(takers, settings(), createObjectLetters(ledger, settings()), seen, signal)).toBe(
    'changed',
  );
  expect([started, await letters()]).toEqual([[], []]);
  await watch().look();
  expect(started[0]?.arrivals?.[0]?.sha256).toBe(sha256('id\n2\n'));
});

test('while Temporal is away nothing is lost and nothing becomes a letter', async () => {
  await put('day.csv', 'id\n1\n');
  beforeStart = () => Promise.reject(new MillraceError('TEMPORAL_UNAVAILABLE', 'Temporal did not answer.'));
  const watcher = watch();
  await watcher.look();
  expect([started, await letters()]).toEqual([[], []]);
  expect(watcher.away).toContain('TEMPORAL_UNAVAILABLE');
  beforeStart = () => Promise.resolve();
  await watcher.look();
  expect([started.length, watcher.away]).toEqual([1, undefined]);
});

test('while the S3 server is away the watcher says so, and goes on when it is back', async () => {
  await put('day-1.csv', 'id\n1\n');
  const watcher = watch();
  await watcher.look();
  await s3.kill();
  await watcher.look();
  expect(watcher.away).toContain('STORE_UNAVAILABLE');
  await s3.restart();
  await put('day-2.csv', 'id\n2\n');
  await watcher.look();
  expect([started.length, watcher.away, await letters()]).toEqual([2, undefined, []]);
});
