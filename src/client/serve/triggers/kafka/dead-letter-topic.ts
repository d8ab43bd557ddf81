/** Writes to the dead-letter topic, and makes it when it is not there. */
import type * as Kafka from '@platformatic/kafka';
import { MillraceError } from '../../../../contracts/errors';
import { kafkaUnavailable, type KafkaConnection } from './connection';
import { deadRecordOf } from './dead-letters';
import type { KafkaMessage, Refusal } from './serve-message';

/** The topic, for as long as the part runs. */
export interface DeadLetterTopic {
  /** Resolves once all in-sync brokers have it. @throws KAFKA_UNAVAILABLE: say it again. */
  write(message: KafkaMessage, refusal: Refusal): Promise<void>;
  close(): Promise<void>;
}

interface Opened {
  /** Loaded once there is something to write. */
  readonly kafka: typeof Kafka;
  readonly producer: Kafka.Producer;
}

/** Connects when there is something to write. `connect` is asked once, and again after a failure. */
export function createDeadLetterTopic(
  topic: string,
  connect: () => Promise<KafkaConnection>,
): DeadLetterTopic {
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
    async write(message, refusal) {
      try {
        await send(await (opening ??= open()), topic, message, refusal);
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
  message: KafkaMessage,
  refusal: Refusal,
): Promise<void> {
  const write = (whole: boolean): Promise<unknown> =>
    producer.send({ messages: [deadRecordOf(topic, message, refusal, whole)], acks: kafka.ProduceAcks.ALL });
  try {
    await write(true);
  } catch (error) {
    if (!isTooLarge(kafka, error)) throw error;
    await write(false);
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
    `The dead-letter topic ${topic} cannot be written: ${kafkaUnavailable(cause).message}`,
    { where: topic, mend: 'create the topic, or permit this service to; messages wait until then', cause },
  );
}
