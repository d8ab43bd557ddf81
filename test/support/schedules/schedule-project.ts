/** A project with pipeline files, typed commands in it, and a real server that holds its schedules. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { CommandContext } from '../../../src/client/context';
import { pythonFolder } from '../python';
import { startDevServer, type DevServer } from '../temporal';

const run = promisify(execFile);

/** One project and one server for a suite. */
export class ScheduleProject {
  private constructor(
    readonly root: string,
    readonly server: DevServer,
    readonly connection: Connection,
    readonly client: Client,
  ) {}

  static async create(): Promise<ScheduleProject> {
    const server = await startDevServer();
    const connection = await Connection.connect({ address: server.address });
    const root = await realpath(await mkdtemp(join(tmpdir(), 'millrace-schedules-')));
    await mkdir(join(root, 'pipelines'));
    await writeFile(
      join(root, 'millrace.yaml'),
      `apiVersion: millrace/v1\nenvironments: { local: { temporal: { address: "${server.address}" } } }\n`,
    );
    const client = new Client({ connection, namespace: server.namespace });
    return new ScheduleProject(root, server, connection, client);
  }

  async remove(): Promise<void> {
    await this.connection.close();
    await this.server.stop();
    await rm(this.root, { recursive: true, force: true });
  }

  /** Writes `pipelines/NAME.yaml`; `more` are further sections. */
  async write(name: string, more: string): Promise<void> {
    const file = join(this.root, 'pipelines', `${name}.yaml`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(
      file,
      `apiVersion: millrace/v1
name: ${name.split('/').at(-1) ?? name}
sources: { rows: { uri: rows.csv } }
dataset: { label: label, positive: "yes" }
candidates: [{ name: plain, trainer: sklearn/logistic-regression }]
${more}
`,
    );
  }

  async delete(name: string): Promise<void> {
    await rm(join(this.root, 'pipelines', `${name}.yaml`));
  }

  /** Runs a command as the command line does, with `--json`. */
  async type<Document>(command: (context: CommandContext) => Promise<number>): Promise<Document> {
    const context = await CommandContext.open({ project: this.root, json: true });
    let document: Document | undefined;
    context.output.result = (told) => void (document = JSON.parse(JSON.stringify(told)) as Document);
    const code = await command(context);
    if (code !== 0 || document === undefined) throw new Error(`the command ended with ${String(code)}`);
    return document;
  }

  /** What the plain `temporal` command prints. */
  async temporal(...words: string[]): Promise<string> {
    const { stdout } = await run(join(pythonFolder(), 'temporal'), [
      ...words,
      ...['--address', this.server.address, '--disable-config-env', '--disable-config-file'],
    ]);
    return stdout;
  }
}
