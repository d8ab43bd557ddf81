/** Processes that belong to an attempt, found by the job directory in their environment: it survives what re-parents a process or changes its group. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { MillraceError } from '../../../contracts/errors';
import { readStat } from '../../local-host/process-identity';
import { JOB_DIRECTORY_VARIABLE } from './trainer-environment-variables';

const LOOK_AGAIN_MS = 20;
/** How long a killed process may take to vanish; one in an uninterruptible wait (a dead network disk) can take longer. */
const VANISH_MS = 10_000;

/** Pids of the living processes of the attempt in `directory`, its supervisor included. */
export async function processesOf(directory: string): Promise<number[]> {
  const needle = `\0${JOB_DIRECTORY_VARIABLE}=${directory}\0`;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => ((await belongs(pid, needle)) ? [pid] : [])));
  return found.flat();
}

/** Kills all processes of an attempt and waits until none is left. @throws INTERNAL, retryable, when one does not go. */
export async function killProcessesOf(directory: string): Promise<void> {
  await waitUntilGone(directory, 0);
}

/** Waits `graceMs` for the processes of an attempt to end by themselves, then kills what is left. @throws INTERNAL, retryable, when one does not go. */
export async function waitUntilGone(directory: string, graceMs: number): Promise<void> {
  const graceEnds = Date.now() + graceMs;
  for (;;) {
    const left = await processesOf(directory);
    if (left.length === 0) return;
    if (Date.now() >= graceEnds + VANISH_MS) {
      throw new MillraceError('INTERNAL', `Processes of a job do not end: ${left.join(', ')}.`, {
        where: directory,
      });
    }
    if (Date.now() >= graceEnds) left.forEach(kill);
    await pause(LOOK_AGAIN_MS);
  }
}

async function belongs(pid: number, needle: string): Promise<boolean> {
  // A zombie has an empty environment and so never belongs.
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  if (!`\0${environment}`.includes(Buffer.from(needle).toString('latin1'))) return false;
  const stat = await readStat(pid);
  return stat !== undefined && stat.state !== 'Z';
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It went by itself.
  }
}
