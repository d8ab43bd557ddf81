/** The server of one deployment: a detached Python process that speaks MLflow's scoring protocol. */
import { readFile, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { MillraceError } from '../../../contracts/errors';
import { PASSED_VARIABLES } from '../../jobs/local/trainer-environment-variables';
import { isAlive } from '../../local-host/process-identity';
import { ephemeralPort } from './ports';
import { processesWith, startDetached, stopProcess } from './processes';
import { readRecord, removeRecord, writeRecord, type EndpointRecord } from './records';
import { lookUntil } from './looks';

const POLL_MS = 50;
/** Importing Python's libraries takes 1 to 5 s, on a busy machine several times that. */
const START_MS = 120_000;
/** One look at `/ping`. */
const PING_MS = 5000;
const GRACE_MS = 10_000;
const LOG_TAIL_BYTES = 2000;
/** Entry in the environment by which a server is known even if its starter died before writing down that it was started. */
const MARKER = 'MILLRACE_DEPLOYMENT_DIR';

/** How model servers are started. */
export interface ServerSettings {
  /** Absolute folder that holds the Python package `millrace_trainer`. */
  readonly trainersPath: string;
  /** The worker's environment, of which an allowlist is passed on. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Makes sure that the server of the deployment in `folder` runs and is healthy. @returns its port. @throws DEPLOYMENT_FAILED. */
export async function ensureServer(
  settings: ServerSettings,
  folder: string,
  plan: EndpointRecord<'deployment.json'>,
  signal?: AbortSignal,
): Promise<number> {
  const known = await readRecord(folder, 'server.json');
  if (known && (await isAlive(known.process)) && (await isHealthy(known.port))) return known.port;
  await stopServer(folder);
  return start(settings, folder, plan, signal);
}

/** Whether the server runs; says nothing of its health. */
export async function isServerRunning(folder: string): Promise<boolean> {
  const known = await readRecord(folder, 'server.json');
  return known !== undefined && (await isAlive(known.process));
}

/** Ends the deployment's server, also one that nobody wrote down. */
export async function stopServer(folder: string): Promise<void> {
  const known = await readRecord(folder, 'server.json');
  if (known) await stopProcess(known.process, GRACE_MS);
  for (const orphan of await processesWith(MARKER, folder)) await stopProcess(orphan, GRACE_MS);
  await removeRecord(folder, 'server.json');
}

async function start(
  settings: ServerSettings,
  folder: string,
  plan: EndpointRecord<'deployment.json'>,
  signal?: AbortSignal,
): Promise<number> {
  const port = await ephemeralPort();
  const log = join(folder, 'server.log');
  const logStart = (await stat(log).catch(() => undefined))?.size ?? 0;
  const started = await startDetached({
    command: commandOf(plan, folder, port),
    directory: folder,
    environment: environmentOf(settings, plan.python, folder),
    log,
  }).catch((error: unknown) => {
    throw failed(plan, log, error instanceof Error ? error.message : String(error));
  });
  await writeRecord(folder, 'server.json', { port, process: started, startedAt: new Date().toISOString() });
  try {
    const end = await lookUntil(START_MS, POLL_MS, async () => {
      signal?.throwIfAborted();
      const healthy = await isHealthy(port);
      // In this order: whoever answers on the port while the server is gone is somebody else.
      if (!(await isAlive(started))) return 'gone';
      return healthy ? 'up' : undefined;
    });
    if (end === 'up') return port;
    if (end === 'gone') throw failed(plan, log, await tailOf(log, logStart));
    throw failed(plan, log, `it was not healthy after ${START_MS / 1000} s. ${await tailOf(log, logStart)}`);
  } catch (error) {
    await stopServer(folder);
    throw error;
  }
}

function commandOf(plan: EndpointRecord<'deployment.json'>, folder: string, port: number): string[] {
  return [
    ...[plan.python, '-m', 'millrace_trainer', 'serve', '--model', join(folder, 'model')],
    ...['--host', '127.0.0.1', '--port', String(port)],
    ...['--model-name', plan.model, '--model-version', plan.version],
    ...(plan.threshold === null ? [] : ['--threshold', String(plan.threshold)]),
  ];
}

function environmentOf(settings: ServerSettings, python: string, folder: string): Record<string, string> {
  const passed = PASSED_VARIABLES.flatMap((name) => {
    const value = settings.environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passed),
    PATH: [dirname(python), settings.environment.PATH ?? '/usr/local/bin:/usr/bin:/bin'].join(delimiter),
    PYTHONUNBUFFERED: '1',
    PYTHONPATH: settings.trainersPath,
    [MARKER]: folder,
  };
}

async function isHealthy(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/ping`, { signal: AbortSignal.timeout(PING_MS) }).catch(
    () => undefined,
  );
  await answer?.body?.cancel();
  return answer?.ok === true;
}

async function tailOf(log: string, from: number): Promise<string> {
  const bytes = await readFile(log).catch(() => Buffer.alloc(0));
  const text = bytes.subarray(from).toString('utf8').trim();
  return text === '' ? 'it left no word in its log' : text.slice(-LOG_TAIL_BYTES);
}

function failed(plan: EndpointRecord<'deployment.json'>, log: string, words: string): MillraceError {
  return new MillraceError(
    'DEPLOYMENT_FAILED',
    `the server of version ${plan.version} of ${plan.model} did not start: ${words}`,
    { where: log, mend: 'Read the server log; try the model with `python -m millrace_trainer serve`.' },
  );
}
