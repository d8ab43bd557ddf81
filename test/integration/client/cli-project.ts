/** A project in a temporary folder, and the built `millrace` command that people type in it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { killNow, killProcessesOf } from '../../support/faults/processes';
import { FaultProject } from '../../support/faults/project';
import { until } from '../../support/faults/until';
import { pythonFolder } from '../../support/python';

const MILLRACE = join(__dirname, '..', '..', '..', 'bin', 'millrace.mjs');
/** Far beyond what any command takes on a busy machine. */
const COMMAND_MS = 240_000;

/** For a Jest test that types a few commands. */
export const CLI_TEST_MS = 300_000;

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

/** A command that runs. */
export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Standard output and standard error so far. */
  readonly said: () => string;
}

/** What `run --detach --json` and `retry --detach --json` print. */
export interface StartedRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly url: string;
}

/** What `status --json` prints, as far as the tests look. */
export interface StatusDocument {
  readonly parts: readonly { part: string; answers: boolean; address?: string; from: string }[];
  readonly endpoints: readonly { model: string; version: string; endpoint: string; server: string }[];
}

/** What `.millrace/stack.json` holds, as far as the tests look. */
export interface StackFile {
  readonly temporal?: { process: { pid: number }; address: string; uiUrl: string };
  readonly mlflow?: { process: { pid: number }; uri: string };
  readonly worker?: { process: { pid: number }; healthUrl: string };
  readonly serve?: { process: { pid: number }; healthUrl: string };
}

export class CliProject {
  private readonly atExit = (): void => killNow(this.scripted.folder);

  private constructor(
    /** The folder's scripted side: `writePipeline` writes pipelines whose trainers start in a tenth of a second. */
    readonly scripted: FaultProject,
    private readonly variables: Readonly<Record<string, string>>,
  ) {
    process.on('exit', this.atExit);
  }

  /** A folder that holds a data file and nothing of Millrace; `variables` are what every command in it sees. */
  static async create(variables: Readonly<Record<string, string>> = {}): Promise<CliProject> {
    const scripted = await FaultProject.create();
    await rm(join(scripted.root, 'millrace.yaml'));
    await rm(join(scripted.root, 'pipelines'), { recursive: true });
    return new CliProject(scripted, variables);
  }

  get root(): string {
    return this.scripted.root;
  }

  /** Starts `millrace …words` in the project. */
  start(...words: string[]): Running {
    return this.spawn(process.execPath, [MILLRACE, ...words]);
  }

  /** The same from another folder, the project named by an option. */
  startFrom(folder: string, ...words: string[]): Running {
    return this.spawn(process.execPath, [MILLRACE, '--project', this.root, ...words], folder);
  }

  /** Types `millrace …words` and waits for its end, whatever its exit code. */
  millrace(...words: string[]): Promise<Ended> {
    return this.start(...words).ended;
  }

  /** The same with `--json`; the whole of standard output must be one JSON document, and the exit code `code`. */
  async json<Document = unknown>(code: number, ...words: string[]): Promise<Document> {
    const ended = await this.millrace(...words, '--json');
    let document: Document;
    try {
      document = JSON.parse(ended.out) as Document;
    } catch (error) {
      const said = `${ended.out}\n${ended.errors}`;
      throw new Error(`millrace ${words.join(' ')} did not print one JSON document:\n${said}`, {
        cause: error,
      });
    }
    if (ended.code !== code)
      throw new Error(
        `millrace ${words.join(' ')} ended with ${String(ended.code)}, not ${String(code)}:\n${ended.out}\n${ended.errors}`,
      );
    return document;
  }

  /** Types `temporal …words` at this project's server, and parses what it prints. */
  async temporal<Document>(...words: string[]): Promise<Document> {
    return JSON.parse(await this.typeTemporal([...words, '--output', 'json'])) as Document;
  }

  /** Signals a workflow with the plain `temporal` command, which prints no document. */
  async signal(workflowId: string, name: string, input: object): Promise<void> {
    await this.typeTemporal([
      ...[
        'workflow',
        'signal',
        '--workflow-id',
        workflowId,
        '--name',
        name,
        '--input',
        JSON.stringify(input),
      ],
    ]);
  }

  stack(): StackFile {
    return JSON.parse(readFileSync(join(this.root, '.millrace', 'stack.json'), 'utf8')) as StackFile;
  }

  /** Starts a run and waits until it asks for approval. */
  async runUntilAsked(pipeline: string, ...words: string[]): Promise<string> {
    const { workflowId } = await this.json<StartedRun>(0, 'run', pipeline, '--detach', ...words);
    await this.untilAsked(workflowId);
    return workflowId;
  }

  async untilAsked(workflowId: string): Promise<void> {
    await until(`${workflowId} asks for approval`, async () => {
      const { state, outcome } = await this.json<{ state: string; outcome?: string }>(0, 'show', workflowId);
      if (outcome !== undefined) throw new Error(`${workflowId} ended as ${outcome}`);
      return state === 'awaiting-approval';
    });
  }

  /** Stops what `up` started, kills whatever else names the folder, and removes it. */
  async remove(): Promise<void> {
    await this.millrace('down').catch(() => undefined);
    await killProcessesOf(this.scripted.folder);
    await this.scripted.remove();
    process.off('exit', this.atExit);
  }

  private async typeTemporal(words: readonly string[]): Promise<string> {
    const { code, out, errors } = await this.spawn(join(pythonFolder(), 'temporal'), [
      ...words,
      ...['--address', this.temporalAddress(), '--disable-config-env', '--disable-config-file'],
    ]).ended;
    if (code !== 0) throw new Error(`temporal ${words.join(' ')} ended with ${String(code)}: ${errors}`);
    return out;
  }

  private temporalAddress(): string {
    const address = this.variables.TEMPORAL_ADDRESS ?? this.stack().temporal?.address;
    if (address === undefined) throw new Error('this project has no Temporal server');
    return address;
  }

  private spawn(program: string, args: readonly string[], folder = this.root): Running {
    const child = spawn(program, args, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: COMMAND_MS,
      killSignal: 'SIGKILL',
      env: {
        ...strippedEnvironment(),
        ...this.variables,
        // By it `killProcessesOf` finds what the command leaves behind.
        MILLRACE_TEST_FOLDER: this.scripted.folder,
      },
    });
    let out = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, out, errors }));
    });
    return { process: child, ended, said: () => out + errors };
  }
}

/** The surroundings of a person who has configured nothing. */
function strippedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(TEMPORAL_|MLFLOW_|MILLRACE_|NODE_OPTIONS$|JEST_|PYTHONDONTWRITEBYTECODE$)/.test(name),
    ),
  );
}
