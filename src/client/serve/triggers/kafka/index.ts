/** The Kafka trigger of `millrace serve`: messages of the topics that registrations name become runs, each message once. */
import {
  createTopicWriter,
  kafkaConnection,
  keepMembership,
  Slots,
  type SessionTimes,
} from '../../../../adapters/kafka';
import type { Project } from '../../../../adapters/project';
import type { Environment } from '../../../../contracts/project-file';
import type { Registration } from '../../../../ports/registration-ledger';
import { createFreshLook } from '../../fresh-look';
import { createOutage } from '../../outage';
import type { ServiceDependencies, ServicePart } from '../../part';
import { deadRecordOf, letterOf } from './dead-letters';
import { nameOf } from './event-key';
import { kafkaTriggersOf } from './match';
import { triesFor } from './passing';
import { serveMessage, type KafkaMessage } from './serve-message';

/** Times (in milliseconds) and bounds; tests take shorter ones. */
export interface KafkaTuning extends SessionTimes {
  /** Messages under way at once. */
  readonly inFlight: number;
  /** Topics and their partitions are looked at again so often. */
  readonly lookEveryMs: number;
  /** Longest pause before a message is tried again. */
  readonly longestPauseMs: number;
}

const TUNING: KafkaTuning = {
  inFlight: 64,
  sessionTimeout: 15_000,
  heartbeatInterval: 1000,
  finishLimit: 5000,
  lookEveryMs: 10_000,
  longestPauseMs: 5000,
};

/** What the part needs of the service. */
export type KafkaTriggerDependencies = Pick<
  ServiceDependencies,
  'ledger' | 'store' | 'dataRoot' | 'logger' | 'start'
> & {
  readonly environment: Pick<Environment, 'kafka'>;
  readonly project: Pick<Project, 'root'>;
};

/** The part `kafka`. It needs the section `kafka` of the environment as soon as a registration has a Kafka trigger. */
export function createKafkaTrigger(
  dependencies: KafkaTriggerDependencies,
  changes: Partial<KafkaTuning> = {},
): ServicePart {
  const { logger, ledger, environment, project } = dependencies;
  const settings = environment.kafka;
  if (!settings) return withoutBrokers();
  const tuning = { ...TUNING, ...changes };
  const outage = createOutage('what Kafka triggers need', logger);
  const slots = new Slots(tuning.inFlight);
  const counts = { started: 0, repeated: 0, passedOver: 0, refused: 0 };
  let registrations: readonly Registration[] = [];
  const deadLetterTopic = createTopicWriter(settings.deadLetterTopic, () =>
    kafkaConnection(settings, project.root),
  );
  const readRegistrations = createFreshLook(() => ledger.listRegistrations());
  const serve = async (message: KafkaMessage, isLast: boolean): Promise<void> => {
    const { runs, refusals } = await serveMessage(dependencies, readRegistrations, message, isLast);
    const event = nameOf(message.place);
    for (const refusal of refusals) {
      await ledger.addDeadLetter(letterOf(message, refusal, new Date()));
      await deadLetterTopic.write(deadRecordOf(message, refusal), deadRecordOf(message, refusal, false));
      const { code, cause, message: said } = refusal.error;
      // Of a defect the stack is told.
      if (code === 'INTERNAL') logger.error({ event, code, err: cause }, said);
      else logger.warn({ event, code }, said);
    }
    counts.refused += refusals.length;
    for (const { workflowId, started } of runs) {
      counts[started ? 'started' : 'repeated'] += 1;
      if (started) logger.info({ event, run: workflowId }, 'a message started a run');
    }
    if (runs.length + refusals.length === 0) counts.passedOver += 1;
  };
  const membership = keepMembership({
    settings,
    projectRoot: project.root,
    times: tuning,
    outage,
    generation: (cluster) => ({
      slots,
      triesFor,
      away: (error) => outage.failed(error),
      back: () => outage.ended(),
      pauseBefore: (attempt) => Math.min(100 * 2 ** Math.min(attempt, 20), tuning.longestPauseMs),
      serve: ({ topic, partition, offset, headerEntries, key, value }, isLast) =>
        serve(
          {
            place: { cluster: settings.cluster ?? cluster, topic, partition, offset },
            headers: headerEntries,
            key,
            value,
          },
          isLast,
        ),
    }),
  });
  return {
    name: 'kafka',
    update(inForce) {
      registrations = inForce;
      membership.want(topicsOf(inForce));
      return Promise.resolve();
    },
    async stop() {
      await membership.stop();
      // What an earlier generation had begun, too: nobody may close the ledger and Temporal's connection under it.
      await slots.idle(tuning.finishLimit);
      await deadLetterTopic.close();
    },
    health: () => ({
      healthy: true,
      topics: topicsOf(registrations),
      missing: membership.missing(),
      partitions: membership.assigned(),
      inFlight: slots.inUse,
      ...counts,
      ...(outage.reason !== undefined && { away: outage.reason }),
    }),
  };
}

/** Says what is missing as soon as a trigger needs it. */
function withoutBrokers(): ServicePart {
  let topics: readonly string[] = [];
  return {
    name: 'kafka',
    update(inForce) {
      topics = topicsOf(inForce);
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
    health: () =>
      topics.length === 0
        ? { healthy: true }
        : { healthy: false, topics, mend: 'name the brokers in the section kafka of millrace.yaml' },
  };
}

function topicsOf(registrations: readonly Registration[]): string[] {
  return [...new Set(registrations.flatMap((one) => kafkaTriggersOf(one).map(({ topic }) => topic)))].sort();
}
