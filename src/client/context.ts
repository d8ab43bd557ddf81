/** What every command begins with: the project, its environment, and the way to Temporal. */
import type { Client } from '@temporalio/client';
import { connectClient, temporalTarget, type TemporalTarget } from '../adapters/temporal/connection';
import { createLocalEndpointHost } from '../adapters/endpoint/local';
import { findInstallation, type Installation } from '../adapters/project/installation';
import { findProjectRoot, readProject, type Project } from '../adapters/project';
import { readStackRecord, type StackRecord } from '../adapters/project/stack-record';
import { stateFolders, type StateFolders } from '../adapters/project/state-folders';
import type { EndpointHost } from '../ports/endpoint-host';
import type { Environment } from '../contracts/project-file';
import { Output } from './output';

/** Options that every command has. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly env?: string;
  readonly project?: string;
}

/** The surroundings of one command. */
export class CommandContext {
  readonly installation: Installation = findInstallation();
  readonly folders: StateFolders;
  readonly environmentName: string;
  readonly environment: Environment;

  private constructor(
    readonly project: Project,
    readonly output: Output,
    environmentName: string | undefined,
  ) {
    const chosen = project.environment(environmentName);
    this.environmentName = chosen.name;
    this.environment = chosen.settings;
    this.folders = stateFolders(project.root);
  }

  /** Reads the project that the working folder lies in, or the one that `--project` names. @throws PROJECT_FILE_INVALID, NOT_SUPPORTED_YET. */
  static async open(options: GlobalOptions): Promise<CommandContext> {
    const root = await findProjectRoot(options.project ?? process.cwd());
    const output = new Output(options.json === true);
    return new CommandContext(await readProject(root), output, options.env);
  }

  /** What was started for the project. */
  stack(): Promise<StackRecord> {
    return readStackRecord(this.project.root);
  }

  /** Where Temporal is at this moment. */
  async temporal(): Promise<TemporalTarget> {
    return temporalTarget(this.environment.temporal, await this.stack());
  }

  /** Runs `work` with a connected client, and closes the connection. @throws TEMPORAL_UNAVAILABLE. */
  async withClient<Result>(
    work: (client: Client, target: TemporalTarget) => Promise<Result>,
  ): Promise<Result> {
    const target = await this.temporal();
    const { client, close } = await connectClient(target);
    try {
      return await work(client, target);
    } finally {
      await close();
    }
  }

  /** The endpoints of this host. */
  endpoints(): EndpointHost {
    return createLocalEndpointHost({
      root: this.folders.endpoints,
      trainersPath: this.installation.trainers,
      environment: process.env,
    });
  }
}
