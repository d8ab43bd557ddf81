/** Child of the trainer environment's tests: says that it is ready, waits for a line, builds an environment, prints it. */
import { once } from 'node:events';
import {
  createTrainerEnvironments,
  type TrainerEnvironmentOptions,
} from '../../../src/adapters/trainer-environment';

async function main(): Promise<void> {
  const [options, requirements] = process.argv.slice(2) as [string, string];
  const environments = createTrainerEnvironments(JSON.parse(options) as TrainerEnvironmentOptions);
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
  process.stdout.write(`${JSON.stringify(await environments.withRequirements(requirements))}\n`);
  process.stdin.destroy();
}

void main();
