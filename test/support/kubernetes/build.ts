/** The programs of a Kubernetes cluster, built once from Go modules for a user of this machine, and kept by version outside of the checkout. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const SOURCES = join(__dirname, 'programs');
/** All that decides what is built. */
const FILES = ['go.mod', 'go.sum', 'main.go', join('pause', 'main.go'), 'build.sh'];

/** Where the programs are, complete. */
export interface KubernetesPrograms {
  /** `kubernetes PROGRAM ARGS...`: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubelet, kwok. */
  readonly kubernetes: string;
  readonly kubectl: string;
  /** The process of a pod's sandbox, static. */
  readonly pause: string;
}

/** Folder of this user for what tests fetch or build once: `$XDG_CACHE_HOME`, or `~/.cache`. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'millrace');
}

/** Version of Kubernetes that go.mod names: `1.36.3`. */
export function kubernetesVersion(): string {
  const version = /^\s*k8s\.io\/kubernetes v(\S+)$/m.exec(readFileSync(join(SOURCES, 'go.mod'), 'utf8'))?.[1];
  if (version === undefined) throw new Error('go.mod names no version of k8s.io/kubernetes');
  return version;
}

function programsFolder(): string {
  const digest = createHash('sha256').update(process.arch);
  for (const file of FILES) digest.update(`\0${file}\0`).update(readFileSync(join(SOURCES, file)));
  return join(cacheFolder(), `kubernetes-${kubernetesVersion()}-${digest.digest('hex').slice(0, 12)}`);
}

/**
 * Whether clusters can be started here: the programs are built, or there is a Go that can build them.
 * @returns what is lacking, in a sentence; undefined when nothing is
 */
export function kubernetesSupport(): string | undefined {
  if (process.platform !== 'linux') return 'a cluster for tests runs on Linux only';
  if (existsSync(programsFolder())) return undefined;
  try {
    // In the module's folder: there Go also says whether it is new enough, or may fetch one that is.
    execFileSync('go', ['version'], { cwd: SOURCES, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    return undefined;
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    if (code === 'ENOENT') return 'Go is not installed, and the programs of Kubernetes are built with it';
    return `Go cannot build the programs of Kubernetes: ${stderr?.trim() ?? String(error)}`;
  }
}

/**
 * The programs, built where they are not there yet: some ten minutes on two cores the first time, half a minute with Go's own caches warm. Several
 * processes may ask at once: one builds, the others wait.
 * @throws Error with the end of the build's output
 */
export async function kubernetesPrograms(): Promise<KubernetesPrograms> {
  const folder = programsFolder();
  if (!existsSync(folder)) await build(folder);
  return {
    kubernetes: join(folder, 'kubernetes'),
    kubectl: join(folder, 'kubectl'),
    pause: join(folder, 'pause'),
  };
}

async function build(folder: string): Promise<void> {
  const lacking = kubernetesSupport();
  if (lacking !== undefined) throw new Error(lacking);
  const child = spawn(join(SOURCES, 'build.sh'), [folder, kubernetesVersion()], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0)
    throw new Error(`building Kubernetes ended with ${String(code ?? 'a signal')}:\n${output.trim()}`);
}
