import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port';
import { pythonFolder } from './python';

/** How long a start may take on a busy machine: compiled it takes 9 to 13 s, with four suites beside it several times that. */
const startLimitMs = 180_000;
const pollMs = 100;

/** A real MLflow server for tests: SQLite and artifacts in a folder of its own, behind its own artifact proxy. */
export interface MlflowServer {
  /** `http://127.0.0.1:<port>`, the same after a restart. */
  readonly uri: string;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL; its data and port stay. */
  kill(): Promise<void>;
  /** Starts it again, on its data and port, after `kill`. */
  restart(): Promise<void>;
  /** Stops it answering without closing its connections (SIGSTOP). */
  freeze(): void;
  /** Lets a frozen one go on. */
  thaw(): void;
}

/**
 * Starts a server on a free port and waits until it answers. With `MILLRACE_TEST_MLFLOW_URI` set, that running server is used
 * instead: it is never stopped, and cannot be harmed.
 *
 * @param options.own true for tests that harm the server or count what is on it: never share one
 * @throws Error with the server's log when it does not answer in time.
 */
export async function startMlflowServer(options: { readonly own?: boolean } = {}): Promise<MlflowServer> {
  const shared = process.env.MILLRACE_TEST_MLFLOW_URI;
  if (shared !== undefined && options.own !== true) return sharedServer(shared);

  const folder = await mkdtemp(join(tmpdir(), 'millrace-mlflow-'));
  const port = await freePort();
  const uri = `http://127.0.0.1:${String(port)}`;
  const python = pythonFolder();
  let child: ChildProcess | undefined;

  const killNow = (): void => signalGroup(child, 'SIGKILL');
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child;
    if (ending === undefined) return;
    child = undefined;
    process.removeListener('exit', killNow);
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    // A frozen process takes no other signal than SIGKILL before it goes on.
    signalGroup(ending, 'SIGCONT');
    signalGroup(ending, signal);
    if (ending.exitCode === null && ending.signalCode === null) await ended;
    // The parent is gone; nothing of its group may outlive it and hold the port.
    signalGroup(ending, 'SIGKILL');
  };
  const start = async (): Promise<void> => {
    const log = join(folder, 'server.log');
    child = spawn(
      '/bin/sh',
      ['-c', 'exec "$0" "$@" >>"$MLFLOW_TEST_LOG" 2>&1', join(python, 'mlflow'), 'server']
        .concat(['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`])
        .concat(['--artifacts-destination', join(folder, 'artifacts')])
        .concat(['--host', '127.0.0.1', '--port', String(port), '--workers', '1']),
      {
        cwd: folder,
        // Its own process group, so that the server's worker processes end with it.
        detached: true,
        stdio: 'ignore',
        env: serverEnvironment(python, log),
      },
    );
    process.on('exit', killNow);
    try {
      await answering(`${uri}/health`, child);
    } catch (error) {
      await end('SIGKILL');
      const text = await readFile(log, 'utf8').catch(() => '');
      throw new Error(`MLflow did not start: ${text.slice(-2000)}`, { cause: error });
    }
  };

  await start().catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  return {
    uri,
    async stop() {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
    kill: () => end('SIGKILL'),
    restart: start,
    freeze: () => signalGroup(child, 'SIGSTOP'),
    thaw: () => signalGroup(child, 'SIGCONT'),
  };
}

function sharedServer(uri: string): MlflowServer {
  const refuse = (): never => {
    throw new Error('the shared MLflow server may not be harmed: ask for one of your own with { own: true }');
  };
  return {
    uri: uri.replace(/\/+$/, ''),
    stop: () => Promise.resolve(),
    kill: refuse,
    restart: refuse,
    freeze: refuse,
    thaw: refuse,
  };
}

function serverEnvironment(python: string, log: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('MLFLOW_') && name !== 'PYTHONDONTWRITEBYTECODE',
  );
  return {
    ...Object.fromEntries(inherited),
    PATH: `${python}${delimiter}${process.env.PATH ?? ''}`,
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
    MLFLOW_DISABLE_TELEMETRY: 'true',
    MLFLOW_TEST_LOG: log,
  };
}

async function answering(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + startLimitMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the process ended');
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    if (answer?.ok === true) return;
    await pause(pollMs);
  }
  throw new Error(`no answer within ${String(startLimitMs)} ms`);
}

function signalGroup(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
