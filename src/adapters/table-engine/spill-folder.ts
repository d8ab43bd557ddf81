/** Where a session spills what does not fit in memory: a folder of its own, gone when the session closes or its process has died. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const NAME = /^millrace-spill-(\d+)-[0-9a-f]{12}$/;

/** A fresh path below `root`; DuckDB makes the folder when it first spills. */
export function spillFolder(root: string): string {
  return join(root, `millrace-spill-${process.pid}-${randomBytes(6).toString('hex')}`);
}

/** Removes a spill folder and all in it. */
export function removeSpillFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Makes `root` when it is new, and removes the spill folders of processes of this host that are no more (killed, out of memory). */
export function prepareSpillRoot(root: string): void {
  mkdirSync(root, { recursive: true });
  for (const name of readdirSync(root)) {
    const owner = NAME.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) removeSpillFolder(join(root, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not permitted to signal it: it lives, under another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
