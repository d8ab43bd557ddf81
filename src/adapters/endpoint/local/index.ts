/** Serves models on this host: a gateway process per model on a stable port, in front of one server process per deployment. */
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MillraceError } from '../../../contracts/errors';
import type {
  DeploymentName,
  DeploymentPlan,
  EndpointHost,
  EndpointStatus,
} from '../../../ports/endpoint-host';
import { drained, ensureGateway, runningGateway, stopGateway } from './gateway-process';
import { askServer } from './ask-server';
import { EndpointLayout } from './layout';
import { withLock } from './lock';
import { ensureServer, isServerRunning, stopServer, type ServerSettings } from './model-server';
import { readRecord, removeRecord, writeRecord, type EndpointRecord } from './records';

/** What {@link createLocalEndpointHost} takes. */
export interface LocalEndpointOptions extends ServerSettings {
  /** Absolute folder for all that endpoints leave; made if need be. */
  readonly root: string;
  /** Node and the gateway's program; the built one unless given. */
  readonly gatewayCommand?: readonly string[];
}

/** Makes the endpoint host of this machine. Nothing is started until a method is called. */
export function createLocalEndpointHost(options: LocalEndpointOptions): EndpointHost {
  return new LocalEndpointHost(options);
}

class LocalEndpointHost implements EndpointHost {
  private readonly layout: EndpointLayout;
  private readonly gateway: { command: readonly string[]; environment: Record<string, string> };

  constructor(private readonly options: LocalEndpointOptions) {
    this.layout = new EndpointLayout(options.root);
    this.gateway = {
      command: options.gatewayCommand ?? [process.execPath, join(__dirname, 'gateway', 'main.js')],
      environment: { PATH: options.environment.PATH ?? '' },
    };
  }

  stage(plan: DeploymentPlan, signal?: AbortSignal): Promise<void> {
    return this.alone(plan.model, async () => {
      const folder = this.layout.deployment(plan.model, plan.deploymentId);
      if (!(await readRecord(folder, 'deployment.json'))) await place(folder, plan);
      await this.serve(plan, signal);
    });
  }

  async invoke(name: DeploymentName, body: unknown, signal?: AbortSignal): Promise<unknown> {
    const server = await readRecord(this.folderOf(name), 'server.json');
    if (!server) throw notStaged(name);
    return askServer(server.port, name, body, signal);
  }

  switchTo(name: DeploymentName, signal?: AbortSignal): Promise<{ endpoint: string }> {
    return this.alone(name.model, async () => {
      const { plan, port } = await this.serve(name, signal);
      const gatewayPort = await this.openGateway(name.model, plan.port);
      const endpoint = this.layout.endpoint(name.model);
      const current = await readRecord(endpoint, 'current.json');
      const previous = current?.deploymentId === name.deploymentId ? current.previous : current?.deploymentId;
      await this.turn(name, plan.version, port, previous);
      return { endpoint: addressOf(gatewayPort) };
    });
  }

  complete(name: DeploymentName): Promise<void> {
    return this.alone(name.model, async () => {
      const current = await readRecord(this.layout.endpoint(name.model), 'current.json');
      if (current?.deploymentId !== name.deploymentId) return;
      await this.turn(name, current.version, current.port);
      for (const deploymentId of await this.layout.deploymentIds(name.model))
        if (deploymentId !== name.deploymentId) await this.remove({ model: name.model, deploymentId });
    });
  }

  discard(name: DeploymentName): Promise<void> {
    return this.alone(name.model, async () => {
      const endpoint = this.layout.endpoint(name.model);
      const current = await readRecord(endpoint, 'current.json');
      if (current?.deploymentId === name.deploymentId) await this.turnBack(name.model, current.previous);
      await this.remove(name);
    });
  }

  async ensureRunning(model: string): Promise<EndpointStatus | undefined> {
    return this.alone(model, async () => {
      const endpoint = this.layout.endpoint(model);
      if (!(await readRecord(endpoint, 'endpoint.json'))) return undefined;
      const current = await readRecord(endpoint, 'current.json');
      if (current) {
        const name = { model, deploymentId: current.deploymentId };
        const { port } = await this.serve(name);
        if (port !== current.port) await this.turn(name, current.version, port, current.previous);
        await this.openGateway(model);
      }
      return this.statusOf(model);
    });
  }

  async ensureAllRunning(): Promise<EndpointStatus[]> {
    const all = await Promise.all(
      (await this.layout.models()).map((model) =>
        this.ensureRunning(model).catch(() => this.statusOf(model)),
      ),
    );
    return all.filter((status) => status !== undefined);
  }

  async list(): Promise<EndpointStatus[]> {
    const all = await Promise.all((await this.layout.models()).map((model) => this.statusOf(model)));
    return all.filter((status) => status !== undefined);
  }

  stop(model: string): Promise<void> {
    return this.alone(model, async () => {
      await stopGateway(this.layout.endpoint(model));
      for (const deploymentId of await this.layout.deploymentIds(model))
        await stopServer(this.layout.deployment(model, deploymentId));
    });
  }

  async stopAll(): Promise<void> {
    await Promise.all((await this.layout.models()).map((model) => this.stop(model)));
  }

  private alone<Result>(model: string, work: () => Promise<Result>): Promise<Result> {
    return withLock(this.layout.endpoint(model), work);
  }

  private folderOf({ model, deploymentId }: DeploymentName): string {
    return this.layout.deployment(model, deploymentId);
  }

  private async serve(
    name: DeploymentName,
    signal?: AbortSignal,
  ): Promise<{ plan: EndpointRecord<'deployment.json'>; port: number }> {
    const folder = this.folderOf(name);
    const plan = await readRecord(folder, 'deployment.json');
    if (!plan) throw notStaged(name);
    return { plan, port: await ensureServer(this.options, folder, plan, signal) };
  }

  /** Under a lock of all endpoints, so that no two of them choose the same port. */
  private async openGateway(model: string, wanted?: number): Promise<number> {
    return withLock(this.options.root, async () => {
      const others = (await this.layout.models()).filter((other) => other !== model);
      const records = await Promise.all(
        others.map((other) => readRecord(this.layout.endpoint(other), 'endpoint.json')),
      );
      const taken = new Set(records.flatMap((record) => (record ? [record.port] : [])));
      return ensureGateway(this.gateway, { folder: this.layout.endpoint(model), model, taken }, wanted);
    });
  }

  /** From here on every new request goes to the deployment. */
  private async turn(
    { model, deploymentId }: DeploymentName,
    version: string,
    port: number,
    previous?: string,
  ): Promise<void> {
    await writeRecord(this.layout.endpoint(model), 'current.json', {
      deploymentId,
      version,
      port,
      ...(previous !== undefined && { previous }),
    });
  }

  private async turnBack(model: string, previous: string | undefined): Promise<void> {
    if (previous === undefined) return removeRecord(this.layout.endpoint(model), 'current.json');
    const name = { model, deploymentId: previous };
    const plan = await readRecord(this.folderOf(name), 'deployment.json');
    if (!plan) return removeRecord(this.layout.endpoint(model), 'current.json');
    // First of all away from what was refused: should the old server not come up, callers hear that, and `ensureRunning` goes on trying.
    const known = await readRecord(this.folderOf(name), 'server.json');
    if (known) await this.turn(name, plan.version, known.port);
    const { port } = await this.serve(name);
    if (port !== known?.port) await this.turn(name, plan.version, port);
  }

  /** Ends a server that no new request reaches, after those that it is answering, and forgets the deployment. */
  private async remove(name: DeploymentName): Promise<void> {
    const folder = this.folderOf(name);
    const server = await readRecord(folder, 'server.json');
    if (server) await drained(this.layout.endpoint(name.model), server.port);
    await stopServer(folder);
    await rm(folder, { recursive: true, force: true });
  }

  private async statusOf(model: string): Promise<EndpointStatus | undefined> {
    const endpoint = this.layout.endpoint(model);
    const known = await readRecord(endpoint, 'endpoint.json');
    if (!known) return undefined;
    const current = await readRecord(endpoint, 'current.json');
    const serverRuns =
      current !== undefined && (await isServerRunning(this.layout.deployment(model, current.deploymentId)));
    return {
      model,
      endpoint: addressOf(known.port),
      ...(current && { version: current.version, deploymentId: current.deploymentId }),
      gateway: (await runningGateway(endpoint)) ? 'running' : 'stopped',
      server: serverRuns ? 'running' : 'stopped',
    };
  }
}

/** Copies the model and writes the plan last: a folder without one is made again. */
async function place(folder: string, plan: DeploymentPlan): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(plan.modelDirectory, join(folder, 'model'), { recursive: true });
  const { model, deploymentId, version, python, threshold, port } = plan;
  await writeRecord(folder, 'deployment.json', {
    model,
    deploymentId,
    version,
    python,
    threshold,
    ...(port !== undefined && { port }),
  });
}

function addressOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}

function notStaged({ model, deploymentId }: DeploymentName): MillraceError {
  return new MillraceError(
    'DEPLOYMENT_FAILED',
    `the deployment ${deploymentId} of ${model} is not staged here`,
    {
      mend: 'Retry the run, or promote the version again: it will be staged anew.',
      retryable: false,
    },
  );
}
