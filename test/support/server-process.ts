/** The process of a real server: its output goes to a log, it can be killed and started again, and it ends with the tests, however they end. */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** How much of a log an error shows. */
const LOG_TAIL = 3000;

/** What is started, and how it is told that it serves. */
export interface ServerPlan {
  /** For people: `the Kafka broker`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly options?: Omit<SpawnOptions, 'stdio'>;
  /** File that its output is appended to. */
  readonly log: string;
  /** Ends it at once: SIGKILL, unless the server leaves something behind then. */
  readonly killSignal?: NodeJS.Signals;
  /** Resolves when it serves. @throws Error when it does not come up in time; `hasEnded` says that it never will. */
  readonly untilServing: (hasEnded: () => boolean) => Promise<void>;
}

/** Servers with a process. One listener for all of them: a test may have more of them than an emitter takes listeners without a warning. */
const living = new Set<ServerProcess>();
const killLiving = (): void => living.forEach((server) => server.killNow());

/** One server, at most one process of it at a time. */
export class ServerProcess {
  private child: ChildProcess | undefined;
  private readonly killSignal: NodeJS.Signals;

  constructor(private readonly plan: ServerPlan) {
    this.killSignal = plan.killSignal ?? 'SIGKILL';
  }

  /** Starts it and waits until it serves. @throws Error with the end of its log; then no process is left. */
  async start(): Promise<void> {
    const { name, command, args, options, log, untilServing } = this.plan;
    const output = openSync(log, 'a');
    const child = spawn(command, args, { ...options, stdio: ['ignore', output, output] });
    closeSync(output);
    this.child = child;
    if (living.size === 0) process.on('exit', killLiving);
    living.add(this);
    try {
      await untilServing(() => hasEnded(child));
    } catch (error) {
      await this.end(this.killSignal);
      const text = await readFile(log, 'utf8').catch(() => '');
      throw new Error(`${name} did not start: ${text.slice(-LOG_TAIL)}`, { cause: error });
    }
  }

  /** Sends the signal, and waits until the process is gone. Nothing to do where none runs. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const ending = this.child;
    this.child = undefined;
    living.delete(this);
    if (living.size === 0) process.removeListener('exit', killLiving);
    if (ending === undefined || hasEnded(ending)) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await ended;
  }

  /** Ends it at once; its data and ports stay. */
  kill(): Promise<void> {
    return this.end(this.killSignal);
  }

  /** As `kill`, for the end of this process, which gets no time to wait. */
  killNow(): void {
    this.child?.kill(this.killSignal);
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
