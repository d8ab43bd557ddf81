/** A project folder with data files, a real store, and the data activities over them: for tests of acquire, dataset, profile and quality. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createFileArtifactStore, type FileArtifactStore } from '../../../src/adapters/artifact-store/file';
import { createObjectReader } from '../../../src/adapters/object-storage/object-reader';
import { createSqliteLedger } from '../../../src/adapters/ledger/sqlite';
import { createDuckDbEngine } from '../../../src/adapters/table-engine/duckdb';
import { acquireData } from '../../../src/activities/data/acquire/acquire-data';
import { buildDataset } from '../../../src/activities/data/dataset/build-dataset';
import type { DataActivityDependencies } from '../../../src/activities/data/dependencies';
import { validateData } from '../../../src/activities/data/quality/validate-data';
import { SPEC_FILE } from '../../../src/activities/stored-spec';
import type { ArtifactRef } from '../../../src/contracts/artifacts';
import type { Arrival } from '../../../src/contracts/events';
import { pipelineFileSchema, type PipelineFile } from '../../../src/contracts/pipeline-file';
import { isMillraceError, type MillraceError } from '../../../src/contracts/errors';
import type { Profile, QualityReport } from '../../../src/contracts/profile';
import type { S3Connection } from '../../../src/contracts/project-file';
import type { AcquireDataOutput, BuildDatasetOutput, ValidateDataOutput } from '../../../src/contracts/steps';
import type { Ledger } from '../../../src/ports/ledger';
import type { Cell } from '../../../src/ports/table-engine';

/** What of a pipeline file a data test says. */
export type DataSections = Pick<PipelineFile, 'sources' | 'dataset'> & Partial<PipelineFile>;

/** A built dataset and the way to it. */
export interface Built extends BuildDatasetOutput {
  readonly spec: ArtifactRef;
  readonly acquired: AcquireDataOutput;
}

export class DataProject {
  private constructor(
    readonly base: string,
    readonly root: string,
    readonly store: FileArtifactStore,
    readonly ledger: Ledger,
    readonly dependencies: DataActivityDependencies,
  ) {}

  /** `s3` is where `s3://` sources lie. */
  static async create({
    s3,
    ...options
  }: { threads?: number; memoryBytes?: number; s3?: S3Connection } = {}): Promise<DataProject> {
    const base = await mkdtemp(join(tmpdir(), 'millrace-data-'));
    const root = join(base, 'project');
    await mkdir(root);
    const store = await createFileArtifactStore({ root: join(base, 'store') });
    const environment = { store: { path: 'store' }, ...(s3 && { s3 }) };
    const objects = createObjectReader({ projectRoot: root, environment });
    const engine = createDuckDbEngine({ spillRoot: join(base, 'spill'), threads: 2, ...options });
    const ledger = await createSqliteLedger(join(base, 'ledger.sqlite'));
    const codeDigest = 'c'.repeat(64);
    return new DataProject(base, root, store, ledger, { store, engine, objects, ledger, codeDigest });
  }

  /** The same store for a project whose root is called `root`. */
  rootedAt(root: string): DataProject {
    return new DataProject(this.base, root, this.store, this.ledger, this.dependencies);
  }

  async remove(): Promise<void> {
    await this.ledger.close();
    await rm(this.base, { recursive: true, force: true });
  }

  async file(name: string, content: string | Buffer): Promise<void> {
    await mkdir(dirname(join(this.root, name)), { recursive: true });
    await writeFile(join(this.root, name), content);
  }

  /** Commits a resolved pipeline file with these sections. */
  async spec(sections: DataSections, sample?: number): Promise<ArtifactRef> {
    const spec = pipelineFileSchema.parse({
      apiVersion: 'millrace/v1',
      name: 'test',
      candidates: [{ name: 'one', trainer: 'sklearn/logistic-regression' }],
      ...sections,
    });
    const origin = {
      file: join(this.root, 'pipeline.yaml'),
      directory: this.root,
      projectRoot: this.root,
      pipelineDigest: createHash('sha256').update(JSON.stringify(spec)).digest('hex'),
      ...(sample !== undefined && { sample }),
    };
    const stored = await this.store.commit(
      { step: 'spec', code: '', params: { spec, origin }, inputs: {} },
      async (directory) => {
        await writeFile(join(directory, SPEC_FILE), JSON.stringify({ spec, origin }));
        return { summary: null };
      },
    );
    return stored.ref;
  }

  /** Acquires and builds. */
  async build(
    sections: DataSections,
    options: { sample?: number; fresh?: boolean; arrivals?: readonly Arrival[] } = {},
  ): Promise<Built> {
    const spec = await this.spec(sections, options.sample);
    const fresh = options.fresh ?? false;
    const acquired = await acquireData(this.dependencies, {
      spec,
      fresh,
      arrivals: [...(options.arrivals ?? [])],
    });
    const built = await buildDataset(this.dependencies, { spec, acquired: acquired.artifact, fresh });
    return { ...built, spec, acquired };
  }

  /** Acquires, builds and validates. */
  async validate(
    sections: DataSections,
    options: { sample?: number } = {},
  ): Promise<ValidateDataOutput & { built: Built }> {
    const built = await this.build(sections, options);
    const input = { spec: built.spec, dataset: built.artifact, fresh: false };
    return { ...(await validateData(this.dependencies, input)), built };
  }

  profile(ref: ArtifactRef): Promise<Profile> {
    return this.json(ref, 'profile.json');
  }

  quality(ref: ArtifactRef): Promise<QualityReport> {
    return this.json(ref, 'quality.json');
  }

  /**
   * The error with which these sections are refused. It must be final and say where and what to do, name no path of the machine, and
   * leave nothing behind: no dataset, nothing staged, nothing spilled.
   */
  async refusal(sections: DataSections, options: { sample?: number } = {}): Promise<MillraceError> {
    const before = await this.leftovers();
    const error: unknown = await this.build(sections, options).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!isMillraceError(error))
      throw new Error(`not refused by Millrace: ${String(error)}`, { cause: error });
    if (error.retryable || error.where === undefined || error.mend === undefined)
      throw new Error(`not final, or without place and mend: ${error.describe()}`);
    if (error.describe().includes(this.base)) throw new Error(`names the machine: ${error.describe()}`);
    const left = await this.leftovers();
    // The pipeline file and the list of source files are whole by themselves.
    const kept = left.datasets === before.datasets && left.contents <= before.contents + 2;
    if (!kept || left.staged.length + left.spilled.length > 0)
      throw new Error(`left behind: ${JSON.stringify(left)}`);
    return error;
  }

  /** Absolute path of a file of an artifact. */
  async path(ref: ArtifactRef, name: string): Promise<string> {
    return join((await this.store.open(ref)).directory, name);
  }

  async json<Content>(ref: ArtifactRef, name: string): Promise<Content> {
    return JSON.parse(await readFile(await this.path(ref, name), 'utf8')) as Content;
  }

  /** Rows of a query over the dataset, which it names `data`. */
  async query(ref: ArtifactRef, sql: string): Promise<Record<string, Cell>[]> {
    const file = await this.path(ref, 'dataset.parquet');
    const session = await this.dependencies.engine.open({ readable: [file], writable: [] });
    try {
      await session.run(`CREATE VIEW data AS SELECT * FROM read_parquet('${file}')`);
      return await session.rows(sql);
    } finally {
      session.close();
    }
  }

  /** Keys under which a dataset was ever begun, outputs of all steps, and what is left in staging and spill folders. */
  async leftovers(): Promise<{ datasets: number; contents: number; staged: string[]; spilled: string[] }> {
    const list = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
    const inStore = (...path: string[]): string => join(this.base, 'store', ...path);
    const below = async (folder: string): Promise<number> =>
      (await Promise.all((await list(folder)).map((name) => list(join(folder, name))))).flat().length;
    const owners = await list(inStore('staging'));
    const staged = await Promise.all(owners.map((owner) => list(inStore('staging', owner))));
    return {
      datasets: await below(inStore('steps', 'dataset')),
      contents: await below(inStore('contents')),
      staged: staged.flat(),
      spilled: await list(join(this.base, 'spill')),
    };
  }
}
