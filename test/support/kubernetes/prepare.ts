/**
 * For scripts/test.mjs, before Jest's clock runs. `prepare.ts cluster` and `prepare.ts node` end with 0 where clusters, or real nodes, can be started,
 * and say what lacks elsewhere; `prepare.ts build` builds the programs of Kubernetes.
 */
import { kubernetesPrograms, kubernetesSupport } from './build';
import { realNodeSupport } from './node/real-node';

async function main(task: string | undefined): Promise<void> {
  if (task === 'build') {
    await kubernetesPrograms();
    return;
  }
  const lacking = task === 'node' ? realNodeSupport() : kubernetesSupport();
  if (lacking === undefined) return;
  console.error(lacking);
  process.exitCode = 1;
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
