/** Child of the fault tests: a worker that opens the jobs of a folder, waits for a line, and follows a job until it is killed, or the job is over. */
import { once } from 'node:events';
import { openWorker } from '../../integration/kubernetes/jobs-fixture';
import type { JobRequest } from '../../../src/ports/job-backend';

async function main(): Promise<void> {
  const [root, kubeconfig, request] = process.argv.slice(2) as [string, string, string];
  const { backend } = await openWorker(root, kubeconfig);
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
  let status = await backend.launchOrAdopt(JSON.parse(request) as JobRequest);
  while (status.phase === 'running')
    status = await backend.waitForChange(status, 1000, new AbortController().signal);
  process.exit(0);
}

void main();
