/** What tests do with a broker beside the part that they test: make topics, send, look at what is there, rewind a group. */
import { Admin, Consumer, ListOffsetTimestamps, Producer, type Message } from '@platformatic/kafka';
import { until } from '../faults/until';

/** One message to send. */
export interface Sent {
  readonly topic: string;
  readonly value: string | Buffer;
  readonly partition?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Clients of one broker. Close them when done. */
export class Topics {
  private readonly admin: Admin;
  private readonly producer: Producer;
  private readonly options: {
    clientId: string;
    bootstrapBrokers: string[];
    retries: number;
    retryDelay: number;
  };

  constructor(private readonly address: string) {
    this.options = { clientId: 'test', bootstrapBrokers: [address], retries: 100, retryDelay: 200 };
    this.admin = new Admin(this.options);
    this.producer = new Producer(this.options);
  }

  async create(
    topic: string,
    partitions: number,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const configs = Object.entries(settings).map(([name, value]) => ({ name, value }));
    await this.admin.createTopics({ topics: [topic], partitions, replicas: 1, configs });
  }

  /** Sends all of them and returns their offsets; a batch that was cut off by a dead broker may be there twice. */
  async send(messages: readonly Sent[]): Promise<void> {
    await this.producer.send({
      acks: -1,
      messages: messages.map(({ topic, value, partition, headers = {} }) => ({
        topic,
        value: Buffer.from(value),
        ...(partition !== undefined && { partition }),
        headers: new Map(
          Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)]),
        ),
      })),
    });
  }

  /** Id of the cluster. */
  async cluster(): Promise<string> {
    return (await this.admin.metadata({ topics: [] })).id;
  }

  /** Offset after the last message of each partition. */
  async ends(topic: string): Promise<bigint[]> {
    const { topics } = await this.admin.metadata({ topics: [topic], forceUpdate: true });
    const partitions = Array.from({ length: topics.get(topic)?.partitionsCount ?? 0 }, (_, index) => ({
      partitionIndex: index,
      timestamp: ListOffsetTimestamps.LATEST,
    }));
    const [found] = await this.admin.listOffsets({ topics: [{ name: topic, partitions }] });
    const byPartition = new Map(
      found?.partitions.map(({ partitionIndex, offset }) => [partitionIndex, offset]),
    );
    return partitions.map(({ partitionIndex }) => byPartition.get(partitionIndex) ?? 0n);
  }

  /** What the group has committed of each partition; -1 where nothing is. */
  async committed(group: string, topic: string): Promise<bigint[]> {
    const count = (await this.ends(topic)).length;
    const [found] = await this.admin.listConsumerGroupOffsets({ groups: [group] });
    const partitions = found?.topics.find(({ name }) => name === topic)?.partitions ?? [];
    return Array.from(
      { length: count },
      (_, index) => partitions.find(({ partitionIndex }) => partitionIndex === index)?.committedOffset ?? -1n,
    );
  }

  /** Whether the group has committed everything that is there. */
  async isCaughtUp(group: string, topic: string): Promise<boolean> {
    const ends = await this.ends(topic);
    const committed = await this.committed(group, topic);
    return ends.every((end, index) => end === 0n || committed[index] === end);
  }

  /** Waits until it has. */
  async caughtUp(group: string, topic: string): Promise<void> {
    await until(`${group} has committed all of ${topic}`, () => this.isCaughtUp(group, topic));
  }

  /** Puts a group without members back to the start. */
  async rewind(group: string, topic: string): Promise<void> {
    const partitionOffsets = (await this.ends(topic)).map((_, partition) => ({ partition, offset: 0n }));
    await until('the group has no members', () =>
      this.admin
        .alterConsumerGroupOffsets({ groupId: group, topics: [{ name: topic, partitionOffsets }] })
        .then(() => true)
        .catch(() => false),
    );
  }

  /** Everything that is in a topic now. */
  async read(topic: string): Promise<Message[]> {
    const wanted = (await this.ends(topic)).reduce((sum, end) => sum + end, 0n);
    const consumer = new Consumer({ ...this.options, groupId: `reader-${Date.now()}` });
    try {
      const messages: Message[] = [];
      if (wanted === 0n) return messages;
      const stream = await consumer.consume({
        topics: [topic],
        mode: 'earliest',
        autocommit: false,
        maxWaitTime: 500,
      });
      for await (const message of stream) {
        messages.push(message);
        if (BigInt(messages.length) >= wanted) break;
      }
      return messages;
    } finally {
      await consumer.close(true);
    }
  }

  async close(): Promise<void> {
    await this.producer.close();
    await this.admin.close();
  }
}
