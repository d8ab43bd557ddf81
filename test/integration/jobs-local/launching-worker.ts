/** Child of the local backend's tests: a worker that opens the backend, waits for a line, launches a job as told, and stays until it is killed. */
import { once } from 'node:events';
import { createLocalJobBackend } from '../../../src/adapters/jobs/local';
import type { JobRequest } from '../../../src/ports/job-backend';
import { trainersPath } from './fixture';

async function main(): Promise<void> {
  const [root, request] = process.argv.slice(2) as [string, string];
  const backend = await createLocalJobBackend({ root, trainersPath });
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
  const status = await backend.launchOrAdopt(JSON.parse(request) as JobRequest);
  process.stdout.write(`${JSON.stringify(status)}\n`);
  await once(process.stdin, 'data');
  process.exit(0);
}

void main();
