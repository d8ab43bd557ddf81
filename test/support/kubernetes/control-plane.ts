/** The processes of a cluster on loopback ports: how each is started, and when it serves. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { until } from '../faults/until';
import { ServerProcess } from '../server-process';
import { kubeconfigText } from './kubectl';
import { SIMULATED_NODE } from './simulated';

const HOST = '127.0.0.1';
const START_LIMIT_MS = 120_000;

/** What all processes of a cluster share. */
export interface ClusterPlace {
  readonly folder: string;
  /** The program that they all are. */
  readonly kubernetes: string;
  /** Of the cluster's administrator. */
  readonly token: string;
}

/** Makes the keys of a new cluster; returns the administrator's token. */
export function createKeys(folder: string): string {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const token = randomBytes(16).toString('hex');
  writeFileSync(join(folder, 'keys', 'service-accounts.pem'), privateKey, { mode: 0o600 });
  writeFileSync(join(folder, 'keys', 'tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 });
  return token;
}

/** Path of the administrator's kubeconfig. */
export function kubeconfigPath(folder: string): string {
  return join(folder, 'kubeconfig');
}

/** etcd; its data outlives it. */
export function etcd(place: ClusterPlace, port: number, peerPort: number): ServerProcess {
  const [client, peer] = [`http://${HOST}:${String(port)}`, `http://${HOST}:${String(peerPort)}`];
  return server(place, 'etcd', [
    ...['--data-dir', join(place.folder, 'etcd'), '--log-level', 'warn'],
    // What was written survives the process, which tests kill, though not the machine's power.
    '--unsafe-no-fsync',
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', `default=${peer}`],
  ]);
}

/** The API server, with RBAC. It serves from when it is ready; then the kubeconfig is there, too. */
export function apiServer(place: ClusterPlace, port: number, etcdPort: number): ServerProcess {
  const { folder, token } = place;
  const key = join(folder, 'keys', 'service-accounts.pem');
  const certificate = join(folder, 'keys', 'apiserver.crt');
  const args = [
    ...['--etcd-servers', `http://${HOST}:${String(etcdPort)}`],
    ...['--bind-address', HOST, '--advertise-address', HOST, '--secure-port', String(port)],
    // It makes its own certificate there, once.
    ...['--cert-dir', join(folder, 'keys'), '--service-cluster-ip-range', '10.96.0.0/24'],
    ...['--authorization-mode', 'RBAC', '--token-auth-file', join(folder, 'keys', 'tokens.csv')],
    ...['--service-account-issuer', 'https://kubernetes.default.svc'],
    ...['--service-account-key-file', key, '--service-account-signing-key-file', key],
    ...['--kubelet-preferred-address-types', 'InternalIP', '--allow-privileged'],
    // A loopback address cannot be an endpoint, and the server would wait for its removal at its end.
    ...['--endpoint-reconciler-type', 'none'],
  ];
  return server(place, 'kube-apiserver', args, async (hasEnded) => {
    const server = `https://${HOST}:${String(port)}`;
    await answering('the API server is ready', hasEnded, async () => {
      if (!existsSync(certificate)) return false;
      const authority = readFileSync(certificate, 'utf8');
      if ((await statusOf(`${server}/readyz`, authority, token)) !== 200) return false;
      writeFileSync(kubeconfigPath(folder), kubeconfigText(server, authority, token), { mode: 0o600 });
      return true;
    });
  });
}

/** The controllers of Jobs, nodes, lost pods and all others. */
export function controllerManager(place: ClusterPlace): ServerProcess {
  const keys = join(place.folder, 'keys');
  return server(place, 'kube-controller-manager', [
    ...['--kubeconfig', kubeconfigPath(place.folder), '--leader-elect=false', '--secure-port', '0'],
    ...['--service-account-private-key-file', join(keys, 'service-accounts.pem')],
    ...['--root-ca-file', join(keys, 'apiserver.crt')],
  ]);
}

/** The scheduler. */
export function scheduler(place: ClusterPlace): ServerProcess {
  const kubeconfig = kubeconfigPath(place.folder);
  return server(place, 'kube-scheduler', [
    ...['--kubeconfig', kubeconfig, '--leader-elect=false', '--secure-port', '0'],
  ]);
}

/** KWOK, the kubelet of all simulated nodes. */
export function kwok(place: ClusterPlace, port: number): ServerProcess {
  const { folder } = place;
  const rules = join(folder, 'simulation.yaml');
  const text = readFileSync(join(__dirname, 'simulation.yaml'), 'utf8');
  writeFileSync(rules, text.replaceAll('${LOG}', JSON.stringify(simulatedLogPath(folder))));
  const keys = join(folder, 'keys');
  return server(place, 'kwok', [
    ...['--config', rules, '--kubeconfig', kubeconfigPath(folder), '--manage-all-nodes=false'],
    ...['--manage-nodes-with-annotation-selector', `${SIMULATED_NODE.name}=${SIMULATED_NODE.value}`],
    ...['--node-lease-duration-seconds', '40', '--cidr', '10.244.0.1/16'],
    ...['--node-ip', HOST, '--node-port', String(port), '--server-address', `${HOST}:${String(port)}`],
    ...[
      '--tls-cert-file',
      join(keys, 'apiserver.crt'),
      '--tls-private-key-file',
      join(keys, 'apiserver.key'),
    ],
  ]);
}

/** File that the log of every simulated pod is read from, in the format of container logs. */
export function simulatedLogPath(folder: string): string {
  return join(folder, 'simulated.log');
}

function server(
  { folder, kubernetes }: ClusterPlace,
  program: string,
  args: readonly string[],
  untilServing: (hasEnded: () => boolean) => Promise<void> = () => Promise.resolve(),
): ServerProcess {
  return new ServerProcess({
    name: program,
    // The kernel ends it with the process that started it, however that ends.
    command: 'setpriv',
    args: ['--pdeathsig', 'KILL', '--', kubernetes, program, ...args],
    options: { cwd: folder, env: { PATH: process.env.PATH, HOME: folder, TMPDIR: folder } },
    log: join(folder, 'log', `${program}.log`),
    untilServing,
  });
}

/** Waits for `look`, but not for a process that has ended. */
async function answering(what: string, hasEnded: () => boolean, look: () => Promise<boolean>): Promise<void> {
  const ended = await until(
    what,
    async () => (hasEnded() ? 'ended' : (await look()) && 'serving'),
    START_LIMIT_MS,
  );
  if (ended === 'ended') throw new Error('the process ended');
}

/** HTTP status of an answer; undefined when there is none. */
function statusOf(url: string, authority: string, token: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = get(
      url,
      { ca: authority, headers: { authorization: `Bearer ${token}` }, agent: false, timeout: 5000 },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(undefined));
  });
}
