/** The built worker program as a process that can be killed and started again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port';
import { until } from './until';

/** `millrace worker` without the command line around it, which would be a second process to kill. */
const PROGRAM = join(__dirname, '..', '..', '..', 'dist', 'workers', 'main.js');

/** One worker process, which serves all task queues of a project. */
export class WorkerProcess {
  private child: ChildProcess | undefined;

  /** `environment` names the servers; the process runs in `project` with `options`, and its output is appended to `log`. */
  constructor(
    private readonly project: string,
    private readonly log: string,
    private readonly environment: Readonly<Record<string, string>>,
    private readonly options: readonly string[] = [],
  ) {}

  /** Starts it and waits until it serves. @throws Error with its log when it ends before. */
  async start(): Promise<void> {
    const port = await freePort();
    const output = openSync(this.log, 'a');
    const child = spawn(process.execPath, ['--enable-source-maps', PROGRAM, ...this.options], {
      cwd: this.project,
      stdio: ['ignore', output, output],
      env: { ...process.env, ...this.environment, MILLRACE_HEALTH_PORT: String(port) },
    });
    closeSync(output);
    this.child = child;
    await until('the worker serves', async () => {
      if (hasEnded(child)) throw new Error(`the worker ended:\n${this.output().slice(-4000)}`);
      const answer = await fetch(`http://127.0.0.1:${String(port)}/health`).catch(() => undefined);
      await answer?.body?.cancel();
      return answer?.ok === true;
    });
  }

  /** Ends it at once: nothing of it gets a chance to put anything in order. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** Asks it to end and waits until it has. */
  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  /** Everything that it and its predecessors have written. */
  output(): string {
    return readFileSync(this.log, 'utf8');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (child === undefined || hasEnded(child)) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
