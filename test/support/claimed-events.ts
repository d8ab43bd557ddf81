/** A ledger of its own, a real Temporal without workers, and events: runs are started there and wait, which is all that tests of starts need. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { EventStart } from '../../src/activities/triggers/start-for-event';
import { createSqliteLedger } from '../../src/adapters/ledger/sqlite';
import { createRunStarter } from '../../src/adapters/temporal/run-starter';
import type { Ledger } from '../../src/ports/ledger';
import type { RunStarter } from '../../src/ports/run-starter';
import { startDevServer, type DevServer } from './temporal';

/** What the tests of one file share. */
export interface StartingPlace {
  readonly server: DevServer;
  readonly client: Client;
  /** For files; removed at the end. */
  readonly folder: string;
  /** Starts runs, and counts those that Temporal took as new. */
  readonly starter: RunStarter;
  /** Workflow id → starts that Temporal took: one each, whatever happens. */
  readonly taken: Map<string, number>;
  /** A new ledger; closed at the end. */
  ledger(): Promise<Ledger>;
  /** Deletes a run, so that Temporal has no memory of it. */
  forget(workflowId: string, runId?: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the server. */
export async function startStartingPlace(): Promise<StartingPlace> {
  const server = await startDevServer();
  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection, namespace: server.namespace });
  const folder = await mkdtemp(join(tmpdir(), 'millrace-events-'));
  const ledgers: Ledger[] = [];
  const starter = createRunStarter(client);
  const taken = new Map<string, number>();
  return {
    server,
    client,
    folder,
    taken,
    starter: {
      async startOnce(start) {
        const answer = await starter.startOnce(start);
        if (answer.started) taken.set(start.workflowId, (taken.get(start.workflowId) ?? 0) + 1);
        return answer;
      },
    },
    async ledger() {
      const ledger = await createSqliteLedger(join(folder, `${String(ledgers.length)}.sqlite`));
      ledgers.push(ledger);
      return ledger;
    },
    async forget(workflowId, runId = '') {
      await client.workflowService.deleteWorkflowExecution({
        namespace: server.namespace,
        workflowExecution: { workflowId, runId },
      });
      while (await isKnown(client, workflowId));
    },
    async stop() {
      await Promise.all(ledgers.map((ledger) => ledger.close()));
      await connection.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An event as a Kafka trigger would hand it over; `reason` tells one telling of it from another. */
export function kafkaEvent(pipeline: string, eventKey: string, reason = 'first'): EventStart {
  return {
    pipeline,
    kind: 'kafka',
    eventKey,
    input: { pipeline, cause: { kind: 'kafka', event: eventKey, reason } },
  };
}

/** A process that ends at a step: the work up to there is done, and nothing after it. */
export function crash(): Promise<never> {
  return Promise.reject(new Error('the process ended'));
}

/** The input of a run, from its history. */
export async function inputOf(client: Client, workflowId: string): Promise<unknown> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const data = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
  return JSON.parse(Buffer.from(data ?? []).toString('utf8'));
}

async function isKnown(client: Client, workflowId: string): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId).describe();
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return false;
    throw error;
  }
}
