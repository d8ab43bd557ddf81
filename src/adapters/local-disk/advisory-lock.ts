/** A lock file among the processes of one host, to spare work done twice. Never the only safeguard of a result. */
import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createFileOnce, hasCode, readIfPresent } from './durable-files';
import { currentProcess, isAlive, processIdentitySchema } from '../local-host/process-identity';

const LOOK_AGAIN_MS = 50;

/**
 * Runs `work` while no other process holds the lock at `path`. The lock of a process that has died is taken over. Two processes that take over
 * at the same instant may in rare cases both get it: whatever `work` publishes must bear that (first rename wins).
 * @throws what `signal` is aborted with, when that comes before the lock is got.
 */
export async function withAdvisoryLock<T>(
  path: string,
  work: () => Promise<T>,
  {
    lookAgainMs = LOOK_AGAIN_MS,
    signal,
  }: { readonly lookAgainMs?: number; readonly signal?: AbortSignal } = {},
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const mine = JSON.stringify({ ...currentProcess(), nonce: randomBytes(6).toString('hex') });
  while (!(await createFileOnce(path, mine))) {
    const holder = await readIfPresent(path);
    if (holder !== undefined && (await isAbandoned(holder))) await takeAway(path, holder);
    else await pause(lookAgainMs, undefined, signal && { signal });
  }
  try {
    return await work();
  } finally {
    if ((await readIfPresent(path)) === mine) await rm(path, { force: true });
  }
}

async function isAbandoned(holder: string): Promise<boolean> {
  try {
    return !(await isAlive(processIdentitySchema.parse(JSON.parse(holder))));
  } catch {
    return true;
  }
}

/** Removes the lock if it is still that of `holder`: moved aside first, so that a lock taken meanwhile is seen and put back. */
async function takeAway(path: string, holder: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}.stale`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  const taken = await readIfPresent(aside);
  if (taken !== undefined && taken !== holder) await createFileOnce(path, taken);
  await rm(aside, { force: true });
}
