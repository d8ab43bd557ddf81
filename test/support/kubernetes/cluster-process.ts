/** A process that starts a cluster, says where it lies, and waits to be killed: `cluster-process.ts`. */
import { startCluster } from './cluster';

startCluster({ gpuNodes: [] }).then(
  ({ folder }) => {
    console.log(folder);
    // For as long as somebody holds the other end.
    process.stdin.resume();
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
