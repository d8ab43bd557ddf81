/**
 * A membership in the consumer group. Each join of the group begins a generation with a stream of its own: a stream that outlived a join would go on
 * from where it had read to, past messages that were never committed. What fails here for good ends the session; the part opens another. The client's
 * code is loaded when a session is opened: a service without Kafka triggers has no memory to spare for it.
 */
import type { ConsumeOptions, MessagesStream } from '@platformatic/kafka';
import type { KafkaConnection } from './connection';
import { Generation, type GenerationDependencies } from './generation';

type Stream = MessagesStream<Buffer, Buffer, Buffer, Buffer>;

/** Times of a session, in milliseconds. */
export interface SessionTimes {
  /** A process that was killed holds its partitions for so long. */
  readonly sessionTimeout: number;
  readonly heartbeatInterval: number;
  /** How long work under way may take to end before the session closes. */
  readonly finishLimit: number;
}

/** What a session is opened with. */
export interface SessionOptions {
  readonly connection: KafkaConnection;
  readonly group: string;
  readonly topics: readonly string[];
  readonly times: SessionTimes;
  readonly generation: Omit<GenerationDependencies, 'commit'>;
}

/** An open session. */
export interface Session {
  /** Resolves with the reason when it cannot go on; never rejects. */
  readonly failed: Promise<unknown>;
  /** Partitions that are assigned: `TOPIC[N]`. */
  assigned(): string[];
  /** Finishes what is under way, commits it, and leaves the group. */
  close(): Promise<void>;
}

/** The client's own tries, half a second apart: a broker that is back within minutes finds its member where it was. */
const RETRIES = 600;
const RETRY_MS = 500;
const FETCH_BYTES = 4 * 1024 * 1024;
const CONSUME: Pick<
  ConsumeOptions<Buffer, Buffer, Buffer, Buffer>,
  'mode' | 'fallbackMode' | 'autocommit'
> = {
  mode: 'committed',
  // A message that came before the service ran for the first time is an event, too.
  fallbackMode: 'earliest',
  autocommit: false,
};

/** Joins the group. @throws whatever Kafka answers. */
export async function openSession({
  connection,
  group,
  topics,
  times,
  generation,
}: SessionOptions): Promise<Session> {
  const { Consumer } = await import('@platformatic/kafka');
  const consumer = new Consumer<Buffer, Buffer, Buffer, Buffer>({
    ...connection,
    groupId: group,
    autocommit: false,
    sessionTimeout: times.sessionTimeout,
    rebalanceTimeout: 2 * times.sessionTimeout,
    heartbeatInterval: times.heartbeatInterval,
    heartbeatStallTimeout: RETRIES * RETRY_MS,
    maxBytes: FETCH_BYTES,
    maxWaitTime: 1000,
    highWaterMark: 32,
    retries: RETRIES,
    retryDelay: RETRY_MS,
  });
  let fail: (reason: unknown) => void = () => undefined;
  const failed = new Promise<unknown>((resolve) => (fail = resolve));
  let current: { readonly generation: Generation; stream?: Stream } | undefined;
  const life = { closing: false };

  const leave = (): void => {
    current?.generation.end();
    // Not `close`: that waits for what the stream still has to give, and one that nobody reads from never closes.
    current?.stream?.destroy();
    current = undefined;
  };
  const begin = async (): Promise<void> => {
    leave();
    if (life.closing) return;
    const mine: { generation: Generation; stream?: Stream } = {
      generation: new Generation({ ...generation, commit: (offsets) => consumer.commit({ offsets }) }),
    };
    current = mine;
    // A generation that a rebalance has ended is followed by another.
    const goesOn = (): boolean => current === mine && !mine.generation.ended && !life.closing;
    try {
      const stream = await consumer.consume({ topics: [...topics], ...CONSUME });
      mine.stream = stream;
      // Before anything waits: an error without a listener would end the process.
      stream.on('error', () => undefined);
      if (goesOn()) await mine.generation.take(stream);
      else stream.destroy();
      if (goesOn()) fail(new Error('the stream of messages ended'));
    } catch (error) {
      if (goesOn()) fail(error);
    }
  };

  consumer.on('error', (error) => fail(error));
  consumer.on('consumer:heartbeat:stalled', () => fail(new Error('no heartbeat was answered for minutes')));
  // What is committed from now on might belong to another member.
  consumer.on('consumer:group:rebalance', () => current?.generation.end());
  consumer.on('consumer:group:join', () => void begin());
  // Tracked here, so that a stream that closes does not end the subscription, which would join the group again.
  for (const topic of topics) consumer.topics.track(topic);
  try {
    await consumer.joinGroup({});
  } catch (error) {
    await closeWithin(consumer, times.finishLimit);
    throw error;
  }
  return {
    failed,
    assigned: () =>
      (consumer.assignments ?? []).flatMap(({ topic, partitions }) =>
        partitions.map((one) => `${topic}[${one}]`),
      ),
    async close() {
      life.closing = true;
      await current?.generation.finish(times.finishLimit);
      current?.stream?.destroy();
      await closeWithin(consumer, times.finishLimit);
    },
  };
}

/** Leaves the group. A close that hangs must not leave a member behind that keeps its partitions by heartbeats: then the connections are cut. */
async function closeWithin(
  consumer: { close(force: boolean): Promise<void>; connections: { close(): Promise<void> } },
  limitMs: number,
): Promise<void> {
  const limit = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), limitMs).unref());
  const closed = consumer.close(true).catch(() => 'late' as const);
  if ((await Promise.race([closed, limit])) === 'late')
    void consumer.connections.close().catch(() => undefined);
}

/** The cluster's id, and of those topics the ones that are there, with their counts of partitions. @throws whatever Kafka answers. */
export async function describeTopics(
  connection: KafkaConnection,
  topics: readonly string[],
): Promise<{ cluster: string; partitions: ReadonlyMap<string, number> }> {
  const { Admin } = await import('@platformatic/kafka');
  const admin = new Admin({ ...connection, retries: 1, retryDelay: RETRY_MS });
  try {
    const there = new Set(await admin.listTopics());
    const known = topics.filter((topic) => there.has(topic));
    const { id, topics: described } = await admin.metadata({ topics: known, forceUpdate: true });
    return {
      cluster: id,
      partitions: new Map(known.map((topic) => [topic, described.get(topic)?.partitionsCount ?? 0])),
    };
  } finally {
    await admin.close().catch(() => undefined);
  }
}
