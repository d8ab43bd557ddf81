/** Folders for what is not committed yet. Each belongs to a process; those of dead processes are swept. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { currentProcess, currentSystem, isAlive, type ProcessIdentity } from '../local-host/process-identity';

/** What cannot be seen to be dead from here (another host or container on the same disk) is swept only when this old. */
const FOREIGN_AGE_MS = 24 * 3600 * 1000;

/** The staging area of this process. */
export class Staging {
  private readonly own: string;

  constructor(private readonly area: string) {
    this.own = join(area, ownerName(currentProcess()));
  }

  /** Runs `work` on the path of something new in the staging area, and removes what is left there afterwards. */
  async use<T>(work: (path: string) => Promise<T>): Promise<T> {
    await mkdir(this.own, { recursive: true });
    const path = join(this.own, randomBytes(8).toString('hex'));
    try {
      return await work(path);
    } finally {
      await rm(path, { recursive: true, force: true });
    }
  }

  /** Removes what processes left that are gone. */
  async sweep(): Promise<void> {
    await mkdir(this.area, { recursive: true });
    for (const name of await readdir(this.area)) {
      if (await isStale(this.area, name)) await rm(join(this.area, name), { recursive: true, force: true });
    }
  }
}

function ownerName(owner: ProcessIdentity): string {
  return [owner.bootId, owner.pidNamespace.replace(/\D/g, ''), owner.pid, owner.startTicks].join('_');
}

async function isStale(area: string, name: string): Promise<boolean> {
  const system = currentSystem();
  const [bootId, namespace, pid, startTicks] = name.split('_');
  if (bootId === system.bootId && namespace === system.pidNamespace.replace(/\D/g, '')) {
    return !(await isAlive({ ...system, pid: Number(pid), startTicks: Number(startTicks) }));
  }
  const found = await stat(join(area, name)).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > FOREIGN_AGE_MS;
}
