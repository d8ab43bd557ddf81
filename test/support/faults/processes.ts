/** Processes that a test started, directly or not, told by a folder that only they know of. */
import { readdirSync, readFileSync } from 'node:fs';
import { until } from './until';

/** Pids of the living processes that name `folder` on their command line, in their environment or as their working directory's path. */
export function processesOf(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => read(pid, 'cmdline').includes(folder) || read(pid, 'environ').includes(folder));
}

/** Kills them all, again and again, until none is left: one may be starting another. */
export async function killProcessesOf(folder: string): Promise<void> {
  await until(`no process of ${folder} is left`, () => {
    killNow(folder);
    return Promise.resolve(processesOf(folder).length === 0);
  });
}

/** For the end of a test process that gets no time for anything else. */
export function killNow(folder: string): void {
  for (const pid of processesOf(folder)) send(pid, 'SIGKILL');
}

/** Whether a process runs; a zombie does not. */
export function isRunning(pid: number): boolean {
  const stat = read(pid, 'stat');
  return stat !== '' && !/\) [ZX] /.test(stat);
}

/** Sends a signal to a process that may be gone. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${String(pid)}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
