/**
 * Where endpoints lie under their root:
 *
 *     MODEL/endpoint.json                     the stable port, chosen once
 *     MODEL/current.json                      which deployment answers, at which port; replaced atomically, read by the gateway
 *     MODEL/gateway.json, gateway.log         the gateway's process
 *     MODEL/deployments/ID/deployment.json    the plan: appears last, so what has none was never staged whole
 *     MODEL/deployments/ID/model/             the MLflow model, copied
 *     MODEL/deployments/ID/server.json, server.log
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../local-disk/durable-files';
import { containedPath } from '../../local-disk/contained-path';

/** Paths of all endpoints below one root. */
export class EndpointLayout {
  constructor(readonly root: string) {}

  /** @throws PATH_OUTSIDE_ROOT for a name that leads out of the root. */
  endpoint(model: string): string {
    return containedPath(this.root, model);
  }

  deployments(model: string): string {
    return join(this.endpoint(model), 'deployments');
  }

  /** @throws PATH_OUTSIDE_ROOT for an id that leads out of the folder. */
  deployment(model: string, deploymentId: string): string {
    return containedPath(this.deployments(model), deploymentId);
  }

  /** Models that have an endpoint folder, sorted. */
  async models(): Promise<string[]> {
    return namesIn(this.root);
  }

  /** Deployments of a model, half-made ones included, sorted. */
  async deploymentIds(model: string): Promise<string[]> {
    return namesIn(this.deployments(model));
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return [];
    throw error;
  }
}
