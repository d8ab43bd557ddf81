/**
 * Catches: a message that starts nothing or twice, a bad message that stops those behind it or leaves no trace, a request that reads a file that is gone by
 * then, one that is refused because its pipeline was applied a moment before, a broker or Temporal that is away and takes messages with it.
 */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { EventStart } from '../../../src/activities/triggers/start-for-event';
import { createFileArtifactStore } from '../../../src/adapters/artifact-store/file';
import { createSqliteLedger } from '../../../src/adapters/ledger/sqlite';
import { REQUESTS_TOPIC, type KafkaTrigger } from '../../../src/contracts/pipeline-file';
import type { Ledger } from '../../../src/ports/ledger';
import type { Registration } from '../../../src/ports/registration-ledger';
import { until } from '../../support/faults/until';
import { KAFKA_USER, startKafka, type KafkaBroker } from '../../support/kafka';
import {
  startKafkaService,
  type KafkaService,
  type KafkaServicePlace,
} from '../../support/kafka-events/service';
import { startedRuns, type StartedRuns } from '../../support/kafka-events/started-runs';
import { Topics, type Sent } from '../../support/kafka-events/topics';
import { startDevServer, type DevServer } from '../../support/temporal';

let folder: string;
let broker: KafkaBroker;
let temporal: DevServer;
let connection: Connection;
let runs: StartedRuns['runs'];
let runOf: StartedRuns['runOf'];
let topics: Topics;
let ledger: Ledger;
let service: KafkaService;
let beforeStart: (event: EventStart) => void = () => undefined;
/** Ends what has been started, also when something else could not be. */
const undo: (() => Promise<unknown>)[] = [];

const DEAD = 'ml.training.requests.dead';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-on-kafka-'));
  await mkdir(join(folder, 'data'));
  broker = await startKafka();
  undo.push(() => broker.stop());
  temporal = await startDevServer();
  undo.push(() => temporal.stop());
  connection = await Connection.connect({ address: temporal.address });
  undo.push(() => connection.close());
  ({ runs, runOf } = startedRuns(new Client({ connection })));
  topics = new Topics(broker.address);
  undo.push(() => topics.close());
  await topics.create(REQUESTS_TOPIC, 3);
  ledger = await createSqliteLedger(join(folder, 'ledger.sqlite'));
  undo.push(() => ledger.close());
  await topics.create(DEAD, 1, { 'max.message.bytes': '1000000' });
  await ledger.putRegistration(register('churn', { model: 'telco-churn', value: { below: 0.8 } }));
  await ledger.putRegistration(register('tweets', { model: 'tweets' }));
  await ledger.putRegistration(register('paused', {}));
  await ledger.pauseRegistration('paused', { by: 'ada', note: 'holidays' });
  service = await startKafkaService(place(), (event) => beforeStart(event));
  undo.push(() => service.stop());
}, 240_000);

afterAll(async () => {
  for (const step of undo.reverse()) await step();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

function place(kafka: Partial<KafkaServicePlace['kafka']> = {}): KafkaServicePlace {
  const brokers = [broker.address];
  return { folder, temporal: temporal.address, kafka: { brokers, deadLetterTopic: DEAD, ...kafka } };
}

function register(pipeline: string, where: KafkaTrigger['where'], topic = REQUESTS_TOPIC): Registration {
  return {
    pipeline,
    file: `pipelines/${pipeline}.yaml`,
    triggers: [{ kafka: { topic, where } }],
    sources: ['rows'],
    appliedAt: new Date().toISOString(),
  };
}

function send(message: unknown, more: Partial<Sent> = {}): Promise<void> {
  const value = typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message);
  return topics.send([{ topic: REQUESTS_TOPIC, value, ...more }]);
}

const served = (): Promise<void> => topics.caughtUp('millrace', REQUESTS_TOPIC);

test('an alert below its threshold starts the pipeline that asks for it, one above starts none', async () => {
  const alert = { model: 'telco-churn', metric: 'roc_auc', params: { depth: 3 } };
  await send({ ...alert, value: 0.86, reason: 'all is well' });
  await send({ ...alert, value: 0.71, reason: 'it has drifted' });
  await served();
  const { workflowId, input } = await runOf('it has drifted');
  expect(workflowId).toMatch(/^churn\/kafka\//);
  expect(input).toMatchObject({
    pipeline: 'churn',
    startedBy: 'kafka',
    params: { depth: 3 },
    cause: { kind: 'kafka' },
  });
  expect(input.cause?.event).toMatch(/^ml\.training\.requests\[\d\]@\d+$/);
  expect((await runs()).filter(({ input }) => input.cause?.reason === 'all is well')).toEqual([]);
  expect((await runs()).filter(({ input }) => input.pipeline === 'tweets')).toEqual([]);
}, 120_000);

test('every bad message ends in a named error, in the ledger and in the dead-letter topic, and the next one is served', async () => {
  await writeFile(join(folder, 'secret.csv'), 'x');
  await writeFile(join(folder, 'data', 'empty.csv'), '');
  await mkdir(join(folder, 'data', 'folder'));
  await symlink(join(folder, 'secret.csv'), join(folder, 'data', 'link.csv'));
  const tweets = (more: object): string => JSON.stringify({ model: 'tweets', ...more });
  const bad: readonly (readonly [string, string | Buffer, Record<string, string>?])[] = [
    ['EVENT_INVALID', 'not JSON'],
    ['EVENT_INVALID', Buffer.from([0x22, 0xff, 0x22])],
    ['EVENT_INVALID', ''],
    ['EVENT_INVALID', '["an", "array"]'],
    ['EVENT_INVALID', tweets({ params: { depth: [1] } })],
    ['EVENT_INVALID', tweets({ data: 'rows.csv' })],
    ['EVENT_INVALID', Buffer.alloc(10_000_000, 0x20)],
    ['EVENT_INVALID', tweets({}), { 'idempotency-key': '' }],
    ['EVENT_INVALID', tweets({ data: ['empty.csv'] })],
    ['EVENT_REFUSED', '{"pipeline":"nobody"}'],
    ['EVENT_REFUSED', '{"pipeline":"paused"}'],
    ['EVENT_REFUSED', tweets({ data: [{ path: 'rows.csv', source: 'others' }] })],
    ['PATH_OUTSIDE_ROOT', tweets({ data: ['../secret.csv'] })],
    ['PATH_OUTSIDE_ROOT', tweets({ data: ['/etc/hostname'] })],
    ['PATH_OUTSIDE_ROOT', tweets({ data: ['link.csv'] })],
    ['SOURCE_NOT_FOUND', tweets({ data: ['vanished.csv'] })],
    ['SOURCE_NOT_FOUND', tweets({ data: ['folder'] })],
  ];
  const first = (await topics.ends(REQUESTS_TOPIC))[0] ?? 0n;
  // One partition: each stands before the next.
  for (const [, value, headers] of bad) await send(value, { partition: 0, ...(headers && { headers }) });
  await send({ model: 'tweets', reason: 'behind all the bad ones' }, { partition: 0 });
  await runOf('behind all the bad ones');
  await served();

  const places = bad.map(([code], index) => [`ml.training.requests[0]@${first + BigInt(index)}`, code]);
  const letters = await ledger.listDeadLetters({ limit: 100 });
  const at = ({ where = '' }: { where?: string }): string => where.split(':')[0] ?? '';
  expect(Object.fromEntries(letters.map((letter) => [at(letter), letter.code]))).toEqual(
    Object.fromEntries(places),
  );
  expect(letters.every(({ mend, input }) => mend !== undefined && input.length <= 65_536)).toBe(true);

  const dead = await topics.read(DEAD);
  const header = ({ headers }: (typeof dead)[number], name: string): string =>
    [...headers].find(([key]) => key.toString() === name)?.[1].toString() ?? '';
  const byOffset = new Map(dead.map((record) => [BigInt(header(record, 'millrace-offset')), record]));
  expect(dead).toHaveLength(bad.length);
  bad.forEach(([code, value], index) => {
    const record = byOffset.get(first + BigInt(index));
    expect(record && header(record, 'millrace-error')).toBe(code);
    // This topic takes a megabyte; of what is larger it has the place.
    if (value.length > 1_000_000) expect(record && header(record, 'millrace-value')).toMatch(/^left out/);
    else expect(record?.value.toString('hex')).toBe(Buffer.from(value).toString('hex'));
  });
  const replayable = letters.flatMap(({ pipeline, replay }) =>
    replay ? [`${pipeline ?? ''}${replay.files ? ' with files' : ''}`] : [],
  );
  expect([...new Set(replayable)].sort()).toEqual(['nobody', 'paused', 'tweets with files']);
}, 120_000);

test('the run gets the bytes that the file had when its message came', async () => {
  const file = join(folder, 'data', 'day-3.csv');
  await writeFile(file, 'id,text\n1,good\n');
  await send({ model: 'tweets', reason: 'day 3', data: [{ path: 'day-3.csv', mode: 'append' }] });
  const { input } = await runOf('day 3');
  await unlink(file);
  const sha256 = createHash('sha256').update('id,text\n1,good\n').digest('hex');
  expect(input.arrivals).toEqual([{ source: 'rows', mode: 'append', name: 'day-3.csv', sha256, bytes: 15 }]);
  const store = await createFileArtifactStore({ root: join(folder, 'store') });
  expect(await readFile(await store.blobPath(sha256), 'utf8')).toBe('id,text\n1,good\n');
}, 120_000);

test('an idempotency key is one run wherever its message stands, and without one equal messages are two', async () => {
  const before = (await runs()).length;
  const headers = { 'idempotency-key': 'drift-2026-11-21' };
  await send({ model: 'tweets', reason: 'said twice' }, { partition: 1, headers });
  await send({ model: 'tweets', reason: 'said twice' }, { partition: 2, headers });
  await send({ model: 'tweets', reason: 'two events' }, { partition: 1 });
  await send({ model: 'tweets', reason: 'two events' }, { partition: 1 });
  await served();
  const reasons = await until('three more runs', async () => {
    const all = await runs();
    return all.length === before + 3 && all.map(({ input }) => input.cause?.reason);
  });
  expect(reasons.filter((reason) => reason === 'said twice')).toHaveLength(1);
  expect(reasons.filter((reason) => reason === 'two events')).toHaveLength(2);
}, 120_000);

test('what was applied just before the message was sent counts', async () => {
  // The service has not been told of it: that comes up to a second later.
  await ledger.putRegistration(register('new-by-name', { model: 'nobody sends this' }));
  await ledger.putRegistration(register('new-by-field', { model: 'telco-churn', value: { below: 0.1 } }));
  const letters = (await ledger.listDeadLetters({ limit: 100 })).length;
  // One that it knows wants the message, too.
  await send({ model: 'telco-churn', value: 0.05, reason: 'for both' });
  await Promise.all([runOf('for both', 'churn'), runOf('for both', 'new-by-field')]);
  await send({ pipeline: 'new-by-name', model: 'nobody sends this', reason: 'for the new one' });
  expect((await runOf('for the new one')).input.pipeline).toBe('new-by-name');
  await served();
  expect((await ledger.listDeadLetters({ limit: 100 })).length).toBe(letters);
}, 120_000);

test('a message that a defect fails for ever becomes a letter, one that a full disk fails waits; the next one is served', async () => {
  const letters = (await ledger.listDeadLetters({ limit: 100 })).length;
  let full = true;
  beforeStart = ({ input }) => {
    if (input.cause?.reason === 'a defect') throw new TypeError('nobody thought of this');
    if (input.cause?.reason === 'a full disk' && full)
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  await send({ model: 'tweets', reason: 'a full disk' }, { partition: 2 });
  await send({ model: 'tweets', reason: 'a defect' }, { partition: 1 });
  await send({ model: 'tweets', reason: 'behind the defect' }, { partition: 1 });
  await runOf('behind the defect');
  const [letter] = await ledger.listDeadLetters({ limit: 1, code: 'INTERNAL' });
  expect(letter).toMatchObject({
    pipeline: 'tweets',
    message: 'The message could not be served: nobody thought of this',
    replay: { pipeline: 'tweets' },
  });
  expect((await ledger.listDeadLetters({ limit: 100 })).length).toBe(letters + 1);
  full = false;
  await runOf('a full disk');
  await served();
  expect((await ledger.listDeadLetters({ limit: 100 })).length).toBe(letters + 1);
}, 120_000);

test('while Temporal is away messages wait, and none of them is poison', async () => {
  const letters = (await ledger.listDeadLetters({ limit: 100 })).length;
  await temporal.kill();
  await send({ model: 'tweets', reason: 'sent into the dark' });
  await until('the part says what is away', () =>
    Promise.resolve(String(service.part.health().away).includes('TEMPORAL_UNAVAILABLE')),
  );
  expect(service.part.health().healthy).toBe(true);
  await temporal.restart();
  await runOf('sent into the dark');
  await served();
  expect((await ledger.listDeadLetters({ limit: 100 })).length).toBe(letters);
  expect(service.part.health()).not.toHaveProperty('away');
}, 120_000);

test('a broker that dies and comes back finds its messages served', async () => {
  await broker.kill();
  await broker.restart();
  await send({ model: 'tweets', reason: 'after the broker' });
  await runOf('after the broker');
  await served();
}, 120_000);

test('a second service takes a share, leaves again, and every message has one run', async () => {
  const before = (await runs()).length;
  const some = (from: number): Promise<void> =>
    topics.send(
      Array.from({ length: 50 }, (_, index) => ({
        topic: REQUESTS_TOPIC,
        value: JSON.stringify({ model: 'tweets', reason: `shared ${from + index}` }),
      })),
    );
  await some(0);
  const second = await startKafkaService(place());
  await some(50);
  const assigned = (one: KafkaService): number => (one.part.health().partitions as string[]).length;
  await until('both have partitions', () => Promise.resolve(assigned(service) > 0 && assigned(second) > 0));
  await some(100);
  await second.stop();
  await some(150);
  await served();
  const found = await until('200 more runs', async () => {
    const all = await runs();
    return all.length >= before + 200 && all;
  });
  expect(found).toHaveLength(before + 200);
}, 120_000);

test('TLS and a login open the broker, and whoever reads everything again starts nothing anew', async () => {
  process.env.KAFKA_TEST_USER = KAFKA_USER.username;
  process.env.KAFKA_TEST_PASSWORD = 'wrong';
  const before = (await runs()).length;
  const letters = (await ledger.listDeadLetters({ limit: 100 })).length;
  const sasl = {
    mechanism: 'PLAIN' as const,
    username: 'env:KAFKA_TEST_USER',
    password: 'env:KAFKA_TEST_PASSWORD',
  };
  const other = await startKafkaService(
    place({
      brokers: [broker.securedAddress],
      tls: { ca: broker.certificate },
      group: 'other',
      sasl,
      deadLetterTopic: 'other.dead',
    }),
    (event) => beforeStart(event),
  );
  try {
    await until('the login is refused', () =>
      Promise.resolve(/authentication|SASL/i.test(String(other.part.health().away))),
    );
    expect(JSON.stringify(other.part.health())).not.toContain('wrong');
    process.env.KAFKA_TEST_PASSWORD = KAFKA_USER.password;
    await topics.caughtUp('other', REQUESTS_TOPIC);
    expect(other.part.health()).toMatchObject({ started: 0 });
    // One letter each, also of what named a file that is gone: it had its run.
    expect(await ledger.listDeadLetters({ limit: 100 })).toHaveLength(letters);
    // Made by the service, since it was not there.
    expect(await topics.read('other.dead')).toHaveLength(other.part.health().refused as number);
    expect(await runs()).toHaveLength(before);
  } finally {
    await other.stop();
  }
}, 120_000);

test('a topic that is not there yet is taken up once it is', async () => {
  await ledger.putRegistration(register('late', {}, 'late.requests'));
  await service.part.update(await ledger.listRegistrations());
  await until('it is missed', () =>
    Promise.resolve((service.part.health().missing as string[]).length === 1),
  );
  await topics.create('late.requests', 1);
  await topics.send([{ topic: 'late.requests', value: '{"reason":"at last"}' }]);
  expect((await runOf('at last')).input.pipeline).toBe('late');
}, 120_000);
