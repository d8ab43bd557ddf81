/** The Kafka part of the trigger service with everything real around it: ledger, store, Temporal; as `millrace serve` puts it together. */
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import type { z } from 'zod';
import { startForEvent, type EventStart } from '../../../src/activities/triggers/start-for-event';
import { createFileArtifactStore } from '../../../src/adapters/artifact-store/file';
import { createSqliteLedger } from '../../../src/adapters/ledger/sqlite';
import { createRunStarter } from '../../../src/adapters/temporal/run-starter';
import { createKafkaTrigger, type KafkaTuning } from '../../../src/client/serve/triggers/kafka';
import type { ServicePart } from '../../../src/client/serve/part';
import { kafkaSchema } from '../../../src/contracts/project-file';
import type { Ledger } from '../../../src/ports/ledger';

/** Where everything is; plain JSON, so that a child process can be told. */
export interface KafkaServicePlace {
  /** Holds `ledger.sqlite`, `store` and `data`, the data root. */
  readonly folder: string;
  readonly temporal: string;
  readonly kafka: z.input<typeof kafkaSchema>;
  readonly tuning?: Partial<KafkaTuning>;
}

/** A part that runs. */
export interface KafkaService {
  readonly part: ServicePart;
  readonly ledger: Ledger;
  stop(): Promise<void>;
}

/** A service that was killed gives its partitions up soon, and nothing waits for long. */
export const QUICK: Partial<KafkaTuning> = {
  sessionTimeout: 3000,
  heartbeatInterval: 300,
  lookEveryMs: 1000,
  longestPauseMs: 500,
  // Many tests share one machine with their servers.
  inFlight: 16,
};

/** Opens the ledger and serves its registrations. `beforeStart` stands between a message and its claim, where a test puts something there. */
export async function startKafkaService(
  { folder, temporal, kafka, tuning = QUICK }: KafkaServicePlace,
  beforeStart: (event: EventStart) => void = () => undefined,
): Promise<KafkaService> {
  const logger = pino({ level: process.env.MILLRACE_TEST_LOG ?? 'silent' });
  const ledger = await createSqliteLedger(join(folder, 'ledger.sqlite'));
  const connection = Connection.lazy({ address: temporal });
  const starter = createRunStarter(new Client({ connection }));
  const part = createKafkaTrigger(
    {
      ledger,
      store: await createFileArtifactStore({ root: join(folder, 'store') }),
      dataRoot: join(folder, 'data'),
      project: { root: folder },
      environment: { kafka: kafkaSchema.parse(kafka) },
      logger,
      start: async (event) => {
        beforeStart(event);
        return startForEvent({ ledger, starter }, event);
      },
    },
    tuning,
  );
  await part.update((await ledger.listRegistrations()).filter(({ paused }) => !paused));
  return {
    part,
    ledger,
    async stop() {
      await part.stop();
      await connection.close();
      await ledger.close();
    },
  };
}
