/**
 * A process that starts a cluster, says where it lies, and waits to be killed: `cluster-process.ts`. With `node` a container runs on a real node of it by
 * then.
 */
import { until } from '../faults/until';
import { startCluster } from './cluster';
import { joinRealNode } from './node/real-node';
import { PAUSE_IMAGE } from './node/settings';

async function main(withNode: boolean): Promise<void> {
  const cluster = await startCluster({ gpuNodes: [] });
  if (withNode) {
    const { name } = await joinRealNode(cluster);
    const containers = [{ name: 'pause', image: PAUSE_IMAGE, imagePullPolicy: 'Never' }];
    const spec = { nodeName: name, hostNetwork: true, containers };
    await cluster.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pause' }, spec });
    await until('its container runs', async () => {
      const { status } = await cluster.read<{ status: { phase: string } }>('pod', 'pause');
      return status.phase === 'Running';
    });
  }
  console.log(cluster.folder);
  // For as long as somebody holds the other end.
  process.stdin.resume();
}

main(process.argv[2] === 'node').catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
