/**
 * A real node for a cluster of ../cluster.ts: containerd, runc and a kubelet, as root. Its pods run for real, on the host's network (`hostNetwork: true`),
 * from images that were imported (`imagePullPolicy: Never`), with their GPUs counted but not there.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { isRunning } from '../../faults/processes';
import { until } from '../../faults/until';
import { freePort } from '../../free-port';
import { ServerProcess } from '../../server-process';
import { cacheFolder } from '../build';
import type { Cluster } from '../cluster';
import { makeImage } from './image';
import { PAUSE_IMAGE, writeNodeSettings } from './settings';

const run = promisify(execFile);
const START_LIMIT_MS = 120_000;
const UNINITIALIZED = 'node.cloudprovider.kubernetes.io/uninitialized';

/** What a real node has. */
export interface RealNodePlan {
  /** `real-0` unless given. */
  readonly name?: string;
  /** Count of `nvidia.com/gpu`: 1 unless given. */
  readonly gpus?: number;
  /** Files of images to import: see {@link makeImage}. */
  readonly images?: readonly string[];
}

/** A node that joined; it ends with its cluster. */
export interface RealNode {
  readonly name: string;
  importImage(file: string): Promise<void>;
  /** Ends the node and its containers at once, as when its machine loses power. The cluster still knows it. */
  kill(): Promise<void>;
}

/** @returns what lacks on this machine for a real node, in a sentence; undefined when nothing does */
export function realNodeSupport(): string | undefined {
  if (process.getuid?.() !== 0) return 'a real node needs root';
  if (has('containerd') && has('runc')) return undefined;
  return has('apt-get')
    ? undefined
    : 'containerd and runc are not installed, and there is no apt-get to fetch them';
}

/** Joins a node and waits until pods can be put on it. @throws Error with the node's log when it does not become ready */
export async function joinRealNode(
  cluster: Cluster,
  { name = 'real-0', gpus = 1, images = [] }: RealNodePlan = {},
): Promise<RealNode> {
  const programs = await runtimePrograms();
  const folder = join(cluster.folder, 'node');
  writeNodeSettings(folder, await freePort());
  await makePauseImage(cluster, folder);
  const environment = { ...process.env, PATH: programs, HOME: folder };
  const node = new ServerProcess({
    name: `node ${name}`,
    command: 'setpriv',
    args: [
      ...['--pdeathsig', 'KILL', '--'],
      ...['unshare', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'],
      ...[join(__dirname, 'inside.sh'), folder, cluster.programs.kubernetes, name],
    ],
    options: { cwd: folder, env: environment },
    log: join(folder, 'node.log'),
    untilServing: (hasEnded) => untilReady(cluster, name, gpus, hasEnded),
  });
  const importImage = async (file: string): Promise<void> => {
    const command = ['--address', join(folder, 'c.sock'), '--namespace', 'k8s.io', 'images', 'import', file];
    await run('ctr', command, { env: environment });
  };
  const kill = async (): Promise<void> => {
    const first = firstProcess(folder);
    await node.kill();
    // It is gone when all others of its namespace are.
    await until(`node ${name} has ended`, () => Promise.resolve(first === undefined || !isRunning(first)));
  };
  cluster.onStop(kill);
  await node.start();
  for (const file of images) await importImage(file);
  return { name, importImage, kill };
}

async function untilReady(
  cluster: Cluster,
  name: string,
  gpus: number,
  hasEnded: () => boolean,
): Promise<void> {
  const on = async (what: string, look: () => Promise<boolean>): Promise<void> => {
    const seen = await until(
      what,
      async () => (hasEnded() ? 'ended' : (await look()) && 'so'),
      START_LIMIT_MS,
    );
    if (seen === 'ended') throw new Error('the process ended');
  };
  const succeeds = (args: readonly string[]): Promise<boolean> =>
    cluster.kubectl(args).then(
      () => true,
      () => false,
    );
  await on(`node ${name} is registered`, () => succeeds(['get', 'node', name]));
  // What a device plugin and a cloud's controller would do.
  const count = { 'nvidia.com/gpu': String(gpus) };
  const addresses = [{ type: 'InternalIP', address: '127.0.0.1' }];
  const patch = JSON.stringify({ status: { addresses, capacity: count, allocatable: count } });
  await cluster.kubectl(['patch', 'node', name, '--subresource=status', '--type=merge', '-p', patch]);
  await cluster.kubectl(['taint', 'node', name, `${UNINITIALIZED}-`]);
  await on(`node ${name} is ready`, () =>
    succeeds(['wait', '--for=condition=Ready', `node/${name}`, '--timeout=1s']),
  );
}

async function makePauseImage(cluster: Cluster, folder: string): Promise<void> {
  const root = join(folder, 'pause');
  mkdirSync(root);
  await run('cp', [cluster.programs.pause, join(root, 'pause')]);
  await makeImage(join(folder, 'pause.tar'), PAUSE_IMAGE, { root, entrypoint: ['/pause'] });
}

/** The first process of the node's namespaces. */
function firstProcess(folder: string): number | undefined {
  const pids = execFileSync('pgrep', ['-f', `inside.sh ${folder}`], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map(Number);
  return pids.find((pid) => /^NSpid:\s+\d+\s+1$/m.test(statusOf(pid)));
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  } catch {
    return '';
  }
}

/** PATH on which containerd and runc are: the machine's own, or Debian's, fetched once and not installed. */
async function runtimePrograms(): Promise<string> {
  const path = process.env.PATH ?? '';
  if (has('containerd') && has('runc')) return path;
  const release = /^VERSION_ID="?([\d.]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'testing';
  const folder = join(cacheFolder(), `container-runtime-${release}`);
  if (!existsSync(folder)) await run(join(__dirname, 'fetch-runtime.sh'), [folder]);
  return [join(folder, 'usr', 'bin'), join(folder, 'usr', 'sbin'), path].join(delimiter);
}

function has(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}
