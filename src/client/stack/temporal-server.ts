/** The embedded Temporal server: Temporal's own CLI in development mode, with its data on disk. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { STATE_FOLDER } from '../../adapters/project/stack-record';
import type { Installation } from '../../adapters/project/installation';
import { MillraceError } from '../../contracts/errors';
import { SEARCH_ATTRIBUTES } from '../../contracts/task-queues';
import type { PartPlan } from './part';

const run = promisify(execFile);

/** Days that closed runs are kept; the development server's own default is one. */
const RETENTION_DAYS = 30;

/** Standard values of the dev server poll its queues 20 times a second: 50 ms a step. */
const QUICK_QUEUES = ['transfer', 'timer', 'visibility'].map(
  (queue) => `history.${queue}ProcessorMaxPollRPS=2000`,
);

/** The Temporal CLI: the one on the PATH, else the one of the installation's Python environment. @throws SETUP_FAILED when there is none. */
export async function findTemporalCli(installation: Installation): Promise<string> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), installation.pythonPrograms];
  for (const folder of folders) {
    const file = join(folder, 'temporal');
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder !== '' && found) return file;
  }
  throw new MillraceError('SETUP_FAILED', 'There is no Temporal CLI, which carries the embedded server.', {
    where: installation.pythonPrograms,
    mend: `run \`npm run demo\` once in ${installation.root}, or install the Temporal CLI`,
  });
}

/** File of the server's data. */
export function temporalDatabase(projectRoot: string): string {
  return join(projectRoot, STATE_FOLDER, 'temporal.sqlite');
}

/** How the server is started on these ports. */
export function temporalPlan(options: {
  readonly cli: string;
  readonly projectRoot: string;
  readonly port: number;
  readonly uiPort: number;
  readonly log: string;
  readonly environment: Readonly<Record<string, string>>;
}): PartPlan {
  const address = `127.0.0.1:${options.port}`;
  return {
    title: 'Temporal server',
    command: [
      options.cli,
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(options.port)],
      ...['--ui-ip', '127.0.0.1', '--ui-port', String(options.uiPort)],
      ...['--db-filename', temporalDatabase(options.projectRoot), '--log-level', 'warn'],
      ...QUICK_QUEUES.flatMap((setting) => ['--dynamic-config-value', setting]),
      ...Object.values(SEARCH_ATTRIBUTES).flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ],
    directory: options.projectRoot,
    environment: options.environment,
    log: options.log,
    isHealthy: () => temporalAnswers(address),
  };
}

/** Whether the server answers and its namespace is there. */
export async function temporalAnswers(address: string, namespace = 'default'): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: '2s' });
    try {
      await connection.workflowService.describeNamespace({ namespace });
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}

/** Has the server keep closed runs for a month. */
export async function keepRunsForAMonth(cli: string, address: string): Promise<void> {
  await run(cli, [
    ...['operator', 'namespace', 'update', '--disable-config-env', '--disable-config-file'],
    ...['--address', address, '--namespace', 'default', '--retention', `${RETENTION_DAYS * 24}h`],
  ]);
}
