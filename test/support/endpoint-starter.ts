/** A process that deploys a model and then waits to be killed: `endpoint-starter.ts ROOT PLAN_JSON`. Prints the address. */
import type { DeploymentPlan } from '../../src/ports/endpoint-host';
import { localEndpoints } from './local-endpoints';

async function main(): Promise<void> {
  const [root = '', plan = '{}'] = process.argv.slice(2);
  const deployment = JSON.parse(plan) as DeploymentPlan;
  const host = localEndpoints(root);
  await host.stage(deployment);
  const { endpoint } = await host.switchTo(deployment);
  console.log(endpoint);
  setInterval(() => undefined, 1000);
}

void main();
