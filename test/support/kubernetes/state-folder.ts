/**
 * The folder of one cluster. Its name stands on the command line or in the environment of every process of the cluster: by it they are found, also after the
 * test that started them was killed.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killProcessesOf } from '../faults/processes';
import { until } from '../faults/until';

const PREFIX = 'millrace-kubernetes-';
/** A folder without an owner may be one that is just being made. */
const NEW_MS = 60_000;

/** Makes the folder of a new cluster, and says in it whose it is. */
export function createStateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  writeFileSync(join(folder, 'owner'), `${String(process.pid)} ${startOf(process.pid) ?? ''}`);
  for (const name of ['keys', 'log']) mkdirSync(join(folder, name));
  return folder;
}

/** Ends what still runs of a cluster, and removes its folder and the control groups of its containers. */
export async function removeStateFolder(folder: string): Promise<void> {
  await killProcessesOf(folder);
  await removeControlGroups(folder);
  await rm(folder, { recursive: true, force: true });
}

/** Does so for every cluster whose test process is gone. */
export async function sweepAbandoned(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    if (isAbandoned(folder)) await removeStateFolder(folder);
  }
}

function isAbandoned(folder: string): boolean {
  try {
    if (statSync(folder).uid !== process.getuid?.()) return false;
    if (!existsSync(join(folder, 'owner'))) return Date.now() - statSync(folder).mtimeMs > NEW_MS;
    const [pid, start] = readFileSync(join(folder, 'owner'), 'utf8').split(' ');
    return startOf(Number(pid)) !== start;
  } catch {
    // Another one sweeps it at this moment.
    return false;
  }
}

/** When a process started, in ticks since the machine did: with it a pid is never mistaken for another process of the same number. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Containers that were killed leave their control groups, under `k8s.io` in each hierarchy. */
async function removeControlGroups(folder: string): Promise<void> {
  const root = '/sys/fs/cgroup';
  const containers = entries(join(folder, 'node', 'state', 'io.containerd.runtime.v2.task', 'k8s.io'));
  if (containers.length === 0) return;
  const parents = ['', ...entries(root)]
    .map((name) => join(root, name, 'k8s.io'))
    .filter((one) => existsSync(one));
  for (const group of parents.flatMap((parent) => containers.map((id) => join(parent, id))))
    await until(`the control group ${group} is gone`, () => Promise.resolve(isRemoved(group)));
  // Not empty: another node's.
  for (const parent of parents) isRemoved(parent);
}

function isRemoved(group: string): boolean {
  try {
    for (const child of entries(group))
      if (statSync(join(group, child)).isDirectory()) isRemoved(join(group, child));
    rmdirSync(group);
  } catch {
    // Still in use, or gone already: the next line tells.
  }
  return !existsSync(group);
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
