/** The endpoint host of this machine as tests use it: gateways run from source, without a build. */
import { join } from 'node:path';
import { createLocalEndpointHost } from '../../src/adapters/endpoint/local';
import type { EndpointHost } from '../../src/ports/endpoint-host';
import { trainersPath } from './churn-models';

/** A host whose endpoints lie under `root`. */
export function localEndpoints(root: string): EndpointHost {
  const gateway = join(__dirname, '..', '..', 'src', 'adapters', 'endpoint', 'local', 'gateway', 'main.ts');
  return createLocalEndpointHost({
    root,
    trainersPath,
    environment: process.env,
    gatewayCommand: [process.execPath, '--require', join(__dirname, 'typescript-hook.cjs'), gateway],
  });
}
