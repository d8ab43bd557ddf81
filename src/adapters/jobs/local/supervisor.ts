/** Starting the detached supervisor of an attempt, and asking whether one lives. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MillraceError } from '../../../contracts/errors';
import { readIfPresent, replaceFile } from '../../local-disk/durable-files';
import type { LaunchRecord } from '../attempts/records';
import { logTail } from '../attempts/tails';

/** The supervisor's exit code when another one holds the attempt, or has held it. */
const ALREADY_SUPERVISED = 75;
/** Python starts in 50 ms; on a machine under heavy load it may take many times that. */
const START_MS = 60_000;
const LOOK_AGAIN_MS = 5;

/** `python` runs no site-packages and heeds no variables: whatever the environment is, the supervisor's own start is the same. */
function supervisorCommand(trainersPath: string, action: 'run' | 'held', directory: string): string[] {
  return ['-I', '-S', join(trainersPath, 'millrace_trainer', 'supervise.py'), action, directory];
}

/**
 * Starts the supervisor of a claimed attempt and returns when it has taken the attempt over. When another supervisor has it already this changes nothing:
 * the lock decides, so any number of workers may try.
 * @throws TRAINER_ENVIRONMENT_FAILED when the interpreter cannot run it.
 */
export async function startSupervisor(
  directory: string,
  launch: LaunchRecord,
  environment: Readonly<Record<string, string>>,
  trainersPath: string,
): Promise<void> {
  await replaceFile(join(directory, 'launch.json'), `${JSON.stringify(launch)}\n`);
  const log = await open(join(directory, 'supervisor.log'), 'a');
  let child: ChildProcess;
  try {
    child = spawn(launch.python, supervisorCommand(trainersPath, 'run', directory), {
      cwd: directory,
      env: environment,
      // A session of its own: what ends the worker, or the terminal it runs in, does not end the job.
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    child.unref();
    await awaitTakeOver(child, directory);
  } finally {
    await log.close();
  }
}

/** Whether a supervisor holds the lock of an attempt: true also for one in a pid namespace that cannot be seen from here. */
export async function isSupervised(
  directory: string,
  python: string,
  trainersPath: string,
): Promise<boolean> {
  const child = spawn(python, supervisorCommand(trainersPath, 'held', directory), {
    cwd: directory,
    env: {},
    stdio: 'ignore',
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0 || code === 1) return code === 0;
  throw new MillraceError(
    'INTERNAL',
    `The lock of a job cannot be read: ${python} ended with ${code ?? 'a signal'}.`,
    { where: directory },
  );
}

async function awaitTakeOver(child: ChildProcess, directory: string): Promise<void> {
  const state: { failure?: Error; ended?: { code: number | null; signal: string | null } } = {};
  child.once('error', (error) => (state.failure = error));
  child.once('exit', (code, signal) => (state.ended = { code, signal }));
  const giveUp = Date.now() + START_MS;
  while (Date.now() < giveUp) {
    if (state.failure !== undefined) throw cannotStart(directory, child.spawnfile, state.failure.message);
    const { ended } = state;
    if ((await readIfPresent(join(directory, 'process.json'))) !== undefined) return;
    if (ended !== undefined && ended.code !== 0 && ended.code !== ALREADY_SUPERVISED) {
      const words = await logTail(join(directory, 'supervisor.log'));
      throw cannotStart(
        directory,
        child.spawnfile,
        words || `it ended with ${ended.code ?? ended.signal ?? 'nothing'}`,
        ended.signal !== null,
      );
    }
    await pause(LOOK_AGAIN_MS);
  }
  throw cannotStart(directory, child.spawnfile, `no sign of it within ${START_MS / 1000} seconds`, true);
}

function cannotStart(where: string, python: string, words: string, retryable = false): MillraceError {
  return new MillraceError(
    'TRAINER_ENVIRONMENT_FAILED',
    `The Python interpreter ${python} could not run the supervisor of a job: ${words}`,
    {
      where,
      mend: 'Check that the Python environment of the trainers is complete (millrace doctor).',
      retryable,
    },
  );
}
