/** Writes records to a topic, and makes it when it is not there. */
import type * as Kafka from '@platformatic/kafka';
import { MillraceError } from '../../contracts/errors';
import { kafkaUnavailable, type KafkaConnection } from './connection';

/** A record to write. */
export interface TopicRecord {
  readonly key?: Buffer;
  readonly value?: Buffer;
  readonly headers: Map<Buffer, Buffer>;
}

/** The topic, for as long as somebody writes to it. */
export interface TopicWriter {
  /** Resolves once all in-sync brokers have the record, or the smaller one where the topic takes none of that size. @throws KAFKA_UNAVAILABLE: say it again. */
  write(record: TopicRecord, smaller: TopicRecord): Promise<void>;
  close(): Promise<void>;
}

interface Opened {
  /** Loaded once there is something to write. */
  readonly kafka: typeof Kafka;
  readonly producer: Kafka.Producer;
}

/** Connects when there is something to write. `connect` is asked once, and again after a failure. */
export function createTopicWriter(topic: string, connect: () => Promise<KafkaConnection>): TopicWriter {
  let opening: Promise<Opened> | undefined;
  const close = async (): Promise<void> => {
    const opened = await opening?.catch(() => undefined);
    opening = undefined;
    await opened?.producer.close().catch(() => undefined);
  };
  const open = async (): Promise<Opened> => {
    const kafka = await import('@platformatic/kafka');
    const connection = await connect();
    await ensureTopic(kafka, connection, topic);
    return { kafka, producer: new kafka.Producer({ ...connection, retries: 2, retryDelay: 200 }) };
  };
  return {
    async write(record, smaller) {
      try {
        await send(await (opening ??= open()), topic, record, smaller);
      } catch (error) {
        await close();
        throw unavailable(topic, error);
      }
    },
    close,
  };
}

async function send(
  { kafka, producer }: Opened,
  topic: string,
  record: TopicRecord,
  smaller: TopicRecord,
): Promise<void> {
  const write = (one: TopicRecord): Promise<unknown> =>
    producer.send({ messages: [{ ...one, topic }], acks: kafka.ProduceAcks.ALL });
  try {
    await write(record);
  } catch (error) {
    if (!isTooLarge(kafka, error)) throw error;
    await write(smaller);
  }
}

function isTooLarge({ findErrorBy }: typeof Kafka, error: unknown): boolean {
  return (
    error instanceof Error &&
    ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'].some((id) => findErrorBy(error, 'apiId', id) !== null)
  );
}

async function ensureTopic(
  { Admin, findErrorBy }: typeof Kafka,
  connection: KafkaConnection,
  topic: string,
): Promise<void> {
  const admin = new Admin({ ...connection, retries: 2, retryDelay: 200 });
  try {
    if ((await admin.listTopics()).includes(topic)) return;
    // -1: as many as the brokers' own settings say.
    await admin.createTopics({ topics: [topic], partitions: -1, replicas: -1 });
  } catch (error) {
    if (!(error instanceof Error && findErrorBy(error, 'apiId', 'TOPIC_ALREADY_EXISTS'))) throw error;
  } finally {
    await admin.close().catch(() => undefined);
  }
}

function unavailable(topic: string, cause: unknown): MillraceError {
  return new MillraceError(
    'KAFKA_UNAVAILABLE',
    `The topic ${topic} cannot be written: ${kafkaUnavailable(cause).message}`,
    { where: topic, mend: 'create the topic, or permit this service to; messages wait until then', cause },
  );
}
