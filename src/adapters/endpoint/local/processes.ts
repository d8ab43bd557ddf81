/** Processes that outlive the one that started them. */
import { spawn } from 'node:child_process';
import { open, readdir, readFile } from 'node:fs/promises';
import { currentSystem, isAlive, readStat, type ProcessIdentity } from '../../local-host/process-identity';
import { lookUntil } from './looks';

const POLL_MS = 20;

/** What to start. */
export interface DetachedCommand {
  readonly command: readonly string[];
  readonly directory: string;
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** File that output is appended to. */
  readonly log: string;
}

/** Starts a command in a session of its own. @returns who it is. @throws Error when it cannot be started, or is gone at once. */
export async function startDetached(what: DetachedCommand): Promise<ProcessIdentity> {
  const [program, ...args] = what.command;
  if (program === undefined) throw new Error('a command has at least a program');
  const log = await open(what.log, 'a', 0o644);
  try {
    const child = spawn(program, args, {
      cwd: what.directory,
      env: what.environment,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    const identity = await identityOf(child.pid ?? 0);
    if (!identity) throw new Error(`${program} ended at once`);
    return identity;
  } finally {
    await log.close();
  }
}

/** Asks the process and its group to end, kills them after `graceMs`, and waits until it is gone. Another process that has the same pid by now is never touched. */
export async function stopProcess(identity: ProcessIdentity, graceMs: number): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', 10_000],
  ] as const) {
    if (!(await isAlive(identity))) return;
    signalGroup(identity.pid, signal);
    const gone = await lookUntil(waitMs, POLL_MS, async () => ((await isAlive(identity)) ? undefined : true));
    if (gone) return;
  }
}

/** The processes of this host whose environment has this entry: found even when nobody wrote down that they were started. */
export async function processesWith(name: string, value: string): Promise<ProcessIdentity[]> {
  const entry = `${name}=${value}`;
  const pids = (await readdir('/proc')).filter((file) => /^\d+$/.test(file)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.split('\0').includes(entry) ? identityOf(pid) : undefined;
    }),
  );
  return found.filter((identity) => identity !== undefined);
}

async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  const stat = await readStat(pid);
  return stat && stat.state !== 'Z' ? { ...currentSystem(), pid, startTicks: stat.startTicks } : undefined;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone in this very moment.
  }
}
