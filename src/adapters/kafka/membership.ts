/** Keeps a session of the consumer group open for the topics that are wanted, whatever ends it: a broker, a change of topics, more partitions. */
import type { KafkaSettings } from '../../contracts/project-file';
import { kafkaConnection, kafkaUnavailable } from './connection';
import { describeTopics, openSession, type Session, type SessionOptions, type SessionTimes } from './session';

/** What a membership needs. */
export interface MembershipOptions {
  readonly settings: Pick<KafkaSettings, 'brokers' | 'group' | 'tls' | 'sasl'>;
  readonly projectRoot: string;
  readonly times: SessionTimes & { readonly lookEveryMs: number };
  /** Told when Kafka does not answer, or a topic is missing, and when all is well again. */
  readonly outage: { failed(error: unknown): void; ended(): void };
  /** How messages of this cluster are served. */
  generation(cluster: string): SessionOptions['generation'];
}

/** A membership that goes on by itself. */
export interface Membership {
  want(topics: readonly string[]): void;
  /** Wanted topics that are not there. */
  missing(): readonly string[];
  assigned(): readonly string[];
  stop(): Promise<void>;
}

/** Begins without topics. */
export function keepMembership(options: MembershipOptions): Membership {
  const { times, outage } = options;
  let topics: readonly string[] = [];
  let missing: readonly string[] = [];
  let session: Session | undefined;
  let change = Promise.withResolvers<undefined>();
  let failures = 0;
  const life = { stopped: false };

  const consume = async (wanted: readonly string[], changed: Promise<undefined>): Promise<void> => {
    const connection = await kafkaConnection(options.settings, options.projectRoot);
    const { cluster, partitions } = await describeTopics(connection, wanted);
    missing = wanted.filter((topic) => !partitions.has(topic));
    session = await openUnlessEmpty(options, connection, cluster, [...partitions.keys()]);
    failures = 0;
    if (missing.length === 0) outage.ended();
    else outage.failed(new Error(`no topic ${missing.join(', ')}: create it`));
    const over = new AbortController();
    try {
      await Promise.race([
        changed,
        session?.failed.then((reason) => Promise.reject(asError(reason))) ?? changed,
        untilOtherPartitions(
          () => describeTopics(connection, wanted),
          partitions,
          times.lookEveryMs,
          over.signal,
        ),
      ]);
    } finally {
      over.abort();
      const closing = session;
      session = undefined;
      await closing?.close();
    }
  };
  const supervise = async (): Promise<void> => {
    while (!life.stopped) {
      const { promise: changed } = change;
      try {
        await (topics.length === 0 ? changed : consume(topics, changed));
      } catch (error) {
        outage.failed(kafkaUnavailable(error));
        failures += 1;
        await Promise.race([changed, pause(Math.min(100 * 2 ** failures, times.lookEveryMs))]);
      }
    }
  };
  const running = supervise();
  const tell = (): void => {
    const told = change;
    change = Promise.withResolvers();
    told.resolve(undefined);
  };
  return {
    want(wanted) {
      if (wanted.join() === topics.join()) return;
      topics = wanted;
      tell();
    },
    missing: () => missing,
    assigned: () => session?.assigned() ?? [],
    async stop() {
      life.stopped = true;
      tell();
      await running;
    },
  };
}

async function openUnlessEmpty(
  options: MembershipOptions,
  connection: SessionOptions['connection'],
  cluster: string,
  topics: readonly string[],
): Promise<Session | undefined> {
  if (topics.length === 0) return undefined;
  const { settings, times } = options;
  return openSession({
    connection,
    group: settings.group,
    topics,
    times,
    generation: options.generation(cluster),
  });
}

/** Resolves when a missing topic is there, or one has more partitions: the group must be joined anew then. */
async function untilOtherPartitions(
  describe: () => ReturnType<typeof describeTopics>,
  known: ReadonlyMap<string, number>,
  everyMs: number,
  over: AbortSignal,
): Promise<void> {
  for (;;) {
    await pause(everyMs);
    if (over.aborted) return;
    // A broker that is away says nothing about its topics; the session says that it is away.
    const { partitions } = await describe().catch(() => ({ partitions: known }));
    if (
      partitions.size !== known.size ||
      [...partitions].some(([topic, count]) => known.get(topic) !== count)
    )
      return;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
