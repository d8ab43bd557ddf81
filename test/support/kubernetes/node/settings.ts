/** Settings of a real node: containerd, its network that does nothing, and the kubelet. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Tag of the image of every pod's sandbox. */
export const PAUSE_IMAGE = 'localhost/pause:1';
/** What the name of a unix socket may have, less what containerd puts behind the folder. */
const LONGEST_FOLDER = 85;

/** Writes the settings into the node's folder. @throws Error when its path is too long for sockets. */
export function writeNodeSettings(folder: string, kubeletPort: number): void {
  if (folder.length > LONGEST_FOLDER)
    throw new Error(`${folder} is too long for sockets: choose a shorter TMPDIR`);
  mkdirSync(join(folder, 'network'), { recursive: true });
  // Pods on the host's network never ask for one, but without any a node is not ready.
  const network = { cniVersion: '1.0.0', name: 'none', plugins: [{ type: 'loopback' }] };
  writeFileSync(join(folder, 'network', 'none.conflist'), JSON.stringify(network));
  writeFileSync(join(folder, 'containerd.toml'), containerd(folder));
  writeFileSync(join(folder, 'kubelet.yaml'), JSON.stringify(kubelet(folder, kubeletPort)));
}

function containerd(folder: string): string {
  const plugin = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${folder}/images"
state = "${folder}/state"
[grpc]
  address = "${folder}/c.sock"
[${plugin}]
  sandbox_image = "${PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
[${plugin}.containerd]
  snapshotter = "overlayfs"
[${plugin}.cni]
  bin_dir = "${folder}/network"
  conf_dir = "${folder}/network"
`;
}

function kubelet(folder: string, port: number): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${folder}/c.sock`,
    podLogsDir: join(folder, 'pods'),
    // Whoever reaches the port is trusted: it is a port of the loopback address only.
    ...{ address: '127.0.0.1', port, healthzPort: 0, readOnlyPort: 0 },
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    // The machine is not the node's alone: its control groups, addresses and disk are left as they are.
    ...{ failCgroupV1: false, cgroupDriver: 'cgroupfs', cgroupsPerQOS: false, enforceNodeAllocatable: [] },
    ...{ failSwapOn: false, makeIPTablesUtilChains: false, localStorageCapacityIsolation: false },
    evictionHard: {
      'memory.available': '50Mi',
      'nodefs.available': '1%',
      'nodefs.inodesFree': '1%',
      'imagefs.available': '1%',
    },
    nodeStatusUpdateFrequency: '2s',
  };
}
