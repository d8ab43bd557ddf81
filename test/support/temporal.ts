/** Temporal servers for tests: one that skips time, and the real development server, which can be killed and started again. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { logWritesAhead } from '../../src/client/stack/write-ahead';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/task-queues';
export { bundleWorkflows } from '../../src/workers/workflow-bundle';
import { freePort } from './free-port';
import { pythonFolder } from './python';
import { ServerProcess } from './server-process';

const run = promisify(execFile);
const startLimitMs = 60_000;
/** Days that closed runs are kept, as the embedded server does; the dev server's own default is one. */
const RETENTION_DAYS = 30;

/** Keeps the SDK's log to errors: a suite that makes activities fail would warn of each. Call once, before anything else of Temporal. */
export function quietTemporal(): void {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
}

/** Starts the time-skipping server. End it with `teardown()`. */
export function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  return TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: join(pythonFolder(), 'temporal-test-server') } },
  });
}

/** A real development server with its data on disk. */
export interface DevServer {
  /** `127.0.0.1:<port>`, the same after a restart. */
  readonly address: string;
  readonly namespace: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL; its data and port stay. */
  kill(): Promise<void>;
  /** Starts it again on its data and port, after `kill`. */
  restart(): Promise<void>;
}

/**
 * Starts a development server on a free port, with the settings of the embedded one: fast queues, search attributes, long retention.
 * @throws Error with the server's log when it does not answer in time.
 */
export async function startDevServer(): Promise<DevServer> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-temporal-'));
  const port = await freePort();
  const address = `127.0.0.1:${String(port)}`;
  const namespace = 'default';
  const log = join(folder, 'server.log');
  const database = join(folder, 'temporal.db');
  const server = new ServerProcess({
    name: 'the Temporal server',
    command: join(pythonFolder(), 'temporal'),
    args: serverArguments(port, database),
    log,
    untilServing: (hasEnded) => answering(address, namespace, hasEnded),
  });
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });

  try {
    await server.start();
    await logWritesAhead(database);
    await keepFor(address, namespace, RETENTION_DAYS);
  } catch (error) {
    await server.kill();
    await remove();
    throw error;
  }
  return {
    address,
    namespace,
    async stop() {
      await server.end('SIGTERM');
      await remove();
    },
    kill: () => server.kill(),
    restart: () => server.start(),
  };
}

function serverArguments(port: number, database: string): string[] {
  const settings = ['transfer', 'timer', 'visibility'].map(
    (queue) => `history.${queue}ProcessorMaxPollRPS=2000`,
  );
  return [
    ...['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port)],
    ...['--db-filename', database, '--log-level', 'warn'],
    ...settings.flatMap((setting) => ['--dynamic-config-value', setting]),
    ...Object.values(SEARCH_ATTRIBUTES).flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ];
}

async function answering(address: string, namespace: string, hasEnded: () => boolean): Promise<void> {
  const deadline = Date.now() + startLimitMs;
  let last: unknown;
  while (Date.now() < deadline) {
    if (hasEnded()) throw new Error('the process ended');
    try {
      const connection = await Connection.connect({ address, connectTimeout: 2000 });
      try {
        await connection.workflowService.describeNamespace({ namespace });
        return;
      } finally {
        await connection.close();
      }
    } catch (error) {
      last = error;
    }
    await pause(50);
  }
  throw new Error(`no answer within ${String(startLimitMs)} ms`, { cause: last });
}

async function keepFor(address: string, namespace: string, days: number): Promise<void> {
  const command = ['operator', 'namespace', 'update', '--namespace', namespace, '--address', address];
  await run(join(pythonFolder(), 'temporal'), [...command, '--retention', `${String(days * 24)}h`]);
}
