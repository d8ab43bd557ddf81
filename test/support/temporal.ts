/** Temporal servers for tests: one that skips time, and the real development server, which can be killed and started again. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { openSync, closeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/task-queues';
import { freePort } from './free-port';
import { pythonFolder } from './python';

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

/** Bundles workflows once, for all workers of a suite: all of Millrace's, unless the absolute path of another file is given. */
export function bundleWorkflows(
  workflowsPath = join(__dirname, '..', '..', 'src', 'workflows', 'index.ts'),
): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath,
    logger: new DefaultLogger('ERROR'),
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
  let child: ChildProcess | undefined;
  const killNow = (): void => void child?.kill('SIGKILL');

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child;
    if (ending === undefined) return;
    child = undefined;
    process.removeListener('exit', killNow);
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    if (ending.exitCode === null && ending.signalCode === null) await ended;
  };
  const start = async (): Promise<void> => {
    const output = openSync(log, 'a');
    child = spawn(join(pythonFolder(), 'temporal'), serverArguments(port, join(folder, 'temporal.db')), {
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    process.on('exit', killNow);
    try {
      await answering(address, namespace, child);
    } catch (error) {
      await end('SIGKILL');
      const text = await readFile(log, 'utf8').catch(() => '');
      throw new Error(`the Temporal server did not start: ${text.slice(-2000)}`, { cause: error });
    }
  };
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });

  try {
    await start();
    await keepFor(address, namespace, RETENTION_DAYS);
  } catch (error) {
    await end('SIGKILL');
    await remove();
    throw error;
  }
  return {
    address,
    namespace,
    async stop() {
      await end('SIGTERM');
      await remove();
    },
    kill: () => end('SIGKILL'),
    restart: start,
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

async function answering(address: string, namespace: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + startLimitMs;
  let last: unknown;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the process ended');
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
