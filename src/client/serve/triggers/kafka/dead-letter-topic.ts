/** Writes to the dead-letter topic, and makes it when it is not there. */
import { Admin, findErrorBy, ProduceAcks, Producer } from '@platformatic/kafka';
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

/** Connects when there is something to write. `connect` is asked once, and again after a failure. */
export function createDeadLetterTopic(
  topic: string,
  connect: () => Promise<KafkaConnection>,
): DeadLetterTopic {
  let opening: Promise<Producer> | undefined;
  const close = async (): Promise<void> => {
    const producer = await opening?.catch(() => undefined);
    opening = undefined;
    await producer?.close().catch(() => undefined);
  };
  const open = async (): Promise<Producer> => {
    const connection = await connect();
    await ensureTopic(connection, topic);
    return new Producer({ ...connection, retries: 2, retryDelay: 200 });
  };
  return {
    async write(message, refusal) {
      try {
        const producer = await (opening ??= open());
        await send(producer, topic, message, refusal);
      } catch (error) {
        await close();
        throw unavailable(topic, error);
      }
    },
    close,
  };
}

async function send(
  producer: Producer,
  topic: string,
  message: KafkaMessage,
  refusal: Refusal,
): Promise<void> {
  const write = (whole: boolean): Promise<unknown> =>
    producer.send({ messages: [deadRecordOf(topic, message, refusal, whole)], acks: ProduceAcks.ALL });
  try {
    await write(true);
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    await write(false);
  }
}

function isTooLarge(error: unknown): boolean {
  return (
    error instanceof Error &&
    ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'].some((id) => findErrorBy(error, 'apiId', id) !== null)
  );
}

async function ensureTopic(connection: KafkaConnection, topic: string): Promise<void> {
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
