/** A data root, a ledger, a store and a real Temporal server, and file triggers at work there: looked at by hand, by a clock of the test's own. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import type { z } from 'zod';
import { startForEvent, type EventStart } from '../../../src/activities/triggers/start-for-event';
import { createFileArtifactStore, type FileArtifactStore } from '../../../src/adapters/artifact-store/file';
import { createSqliteLedger } from '../../../src/adapters/ledger/sqlite';
import { createRunStarter } from '../../../src/adapters/temporal/run-starter';
import { lookoutFor } from '../../../src/client/serve/triggers/file/sights';
import { FileWatch } from '../../../src/client/serve/triggers/file/watch';
import { fileTriggerSchema } from '../../../src/contracts/pipeline-file';
import type { TrainingPipelineInput } from '../../../src/contracts/runs';
import type { DeadLetter } from '../../../src/ports/event-ledger';
import type { Ledger } from '../../../src/ports/ledger';
import type { RunStarter } from '../../../src/ports/run-starter';
import { startDevServer, type DevServer } from '../../support/temporal';

/** One watcher, and its clock. */
export interface HandDriven {
  readonly watch: FileWatch;
  /** Lets so many seconds pass on its clock, then looks. */
  lookAfter(seconds: number): Promise<void>;
}

export class FileTriggerWorld {
  /** Runs that Temporal took as new, in order. */
  readonly started: { readonly workflowId: string; readonly input: TrainingPipelineInput }[] = [];
  /** What stands between the claim and Temporal, when a test puts something there. */
  beforeStart: () => Promise<void> = () => Promise.resolve();
  afterStart: () => Promise<void> = () => Promise.resolve();
  readonly starter: RunStarter;
  private now = 0;
  private names = 0;

  private constructor(
    readonly folder: string,
    readonly ledger: Ledger,
    readonly store: FileArtifactStore,
    readonly server: DevServer,
    private readonly connection: Connection,
    readonly client: Client,
  ) {
    const real = createRunStarter(client);
    this.starter = {
      startOnce: async (start) => {
        await this.beforeStart();
        const answer = await real.startOnce(start);
        if (answer.started) this.started.push(start);
        await this.afterStart();
        return answer;
      },
    };
  }

  static async create(): Promise<FileTriggerWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-files-'));
    await mkdir(join(folder, 'data'));
    const server = await startDevServer();
    const connection = await Connection.connect({ address: server.address });
    return new FileTriggerWorld(
      folder,
      await createSqliteLedger(join(folder, 'ledger.sqlite')),
      await createFileArtifactStore({ root: join(folder, 'store') }),
      server,
      connection,
      new Client({ connection }),
    );
  }

  async remove(): Promise<void> {
    await this.ledger.close();
    await this.connection.close();
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  get dataRoot(): string {
    return join(this.folder, 'data');
  }

  /** A name that no test has had. */
  pipeline(): string {
    return `files-${(this.names += 1)}`;
  }

  path(name: string): string {
    return join(this.dataRoot, name);
  }

  async write(name: string, text: string): Promise<void> {
    await mkdir(dirname(this.path(name)), { recursive: true });
    await writeFile(this.path(name), text);
  }

  /** A watcher as a new process would have it: it remembers nothing. */
  async watch(pipeline: string, written: z.input<typeof fileTriggerSchema>): Promise<HandDriven> {
    const trigger = fileTriggerSchema.parse(written);
    const dependencies = {
      ledger: this.ledger,
      store: this.store,
      dataRoot: this.dataRoot,
      logger: pino({ level: 'silent' }),
      start: (event: EventStart) => startForEvent({ ledger: this.ledger, starter: this.starter }, event),
    };
    const watch = new FileWatch(
      dependencies,
      { pipeline, source: 'customers', trigger },
      await lookoutFor(trigger, this.dataRoot),
      () => this.now,
    );
    return {
      watch,
      lookAfter: async (seconds) => {
        this.now += seconds * 1000;
        await watch.look();
      },
    };
  }

  /** Runs of this pipeline that Temporal took as new. */
  startedOf(pipeline: string): TrainingPipelineInput[] {
    return this.started.flatMap(({ input }) => (input.pipeline === pipeline ? [input] : []));
  }

  /** Names and codes of the letters of this pipeline. */
  async letters(pipeline: string, state?: DeadLetter['state']): Promise<string[]> {
    const letters = await this.ledger.listDeadLetters({ pipeline, limit: 100, ...(state && { state }) });
    return letters.map(({ code, where }) => `${code} ${where}`).sort();
  }
}
