/** A project with a real store and a real DuckDB, whose dataset is whatever SQL makes: for tests of features and split. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { createFeatureActivities } from '../../src/activities/features';
import { createFileArtifactStore, type FileArtifactStore } from '../../src/adapters/artifact-store/file';
import { createDuckDbEngine } from '../../src/adapters/table-engine/duckdb';
import type { FeatureActivities } from '../../src/contracts/activity-interfaces';
import type { ArtifactRef, StepName } from '../../src/contracts/artifacts';
import { digestOf } from '../../src/contracts/digest';
import { pipelineFileSchema, type PipelineFile } from '../../src/contracts/pipeline-file';
import type { PrepareFeaturesOutput, SplitDataOutput } from '../../src/contracts/steps';
import type { Task } from '../../src/contracts/trainer';

/** What a test says of its pipeline: the rest is filled in. */
export type PipelineSketch = Partial<PipelineFile> & Pick<PipelineFile, 'dataset'>;

/** A row as DuckDB gives it, in plain values. */
export type Row = Record<string, unknown>;

/** One project in a folder of its own. */
export class FeatureProject {
  private constructor(
    readonly root: string,
    readonly store: FileArtifactStore,
    readonly activities: FeatureActivities,
  ) {}

  static async create(options: { threads?: number } = {}): Promise<FeatureProject> {
    const root = await mkdtemp(join(tmpdir(), 'millrace-features-'));
    await mkdir(join(root, 'project', 'data'), { recursive: true });
    const store = await createFileArtifactStore({ root: join(root, 'store') });
    const engine = createDuckDbEngine({ spillRoot: root, threads: options.threads ?? 2 });
    return new FeatureProject(root, store, createFeatureActivities({ store, engine, codeDigest: 'test' }));
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  get projectRoot(): string {
    return join(this.root, 'project');
  }

  /** Commits what step dataset would: `select` gives all columns, `__row_id` among them. */
  dataset(select: string): Promise<ArtifactRef> {
    return this.#commit('dataset', select, async (folder) => {
      await query(`COPY (${select}) TO '${join(folder, 'dataset.parquet')}' (FORMAT parquet)`);
    });
  }

  spec(sketch: PipelineSketch): Promise<ArtifactRef> {
    const spec = pipelineFileSchema.parse({
      apiVersion: 'millrace/v1',
      name: 'test',
      sources: { rows: { uri: 'data/rows.csv' } },
      candidates: [{ name: 'one', trainer: 'sklearn/logistic-regression' }],
      ...sketch,
    });
    const origin = {
      file: 'p.yaml',
      directory: this.projectRoot,
      projectRoot: this.projectRoot,
      pipelineDigest: digestOf(spec),
    };
    return this.#commit('spec', spec, (folder) =>
      writeFile(join(folder, 'spec.json'), JSON.stringify({ spec, origin })),
    );
  }

  async prepare(
    select: string,
    sketch: PipelineSketch,
    task: Task = 'binary',
  ): Promise<PrepareFeaturesOutput & { spec: ArtifactRef }> {
    const spec = await this.spec(sketch);
    const dataset = await this.dataset(select);
    const output = await this.activities.prepareFeatures({ spec, dataset, task, fresh: false });
    return { ...output, spec };
  }

  /** Features and split in one go. */
  async split(
    select: string,
    sketch: PipelineSketch,
    task: Task = 'binary',
    classes: string[] = ['0', '1'],
  ): Promise<SplitDataOutput & { features: ArtifactRef }> {
    const { spec, artifact: features } = await this.prepare(select, sketch, task);
    const output = await this.activities.splitData({ spec, features, task, classes, fresh: false });
    return { ...output, features };
  }

  /** Rows of a file of an artifact, by row id. */
  async rows(ref: ArtifactRef, file: string): Promise<Row[]> {
    const { directory } = await this.store.open(ref);
    return query(`SELECT * FROM read_parquet('${join(directory, file)}')`);
  }

  async json<Content>(ref: ArtifactRef, file: string): Promise<Content> {
    const { directory } = await this.store.open(ref);
    return JSON.parse(await readFile(join(directory, file), 'utf8')) as Content;
  }

  async #commit(
    step: StepName,
    params: unknown,
    write: (folder: string) => Promise<void>,
  ): Promise<ArtifactRef> {
    const stored = await this.store.commit({ step, code: 'test', params, inputs: {} }, async (folder) => {
      await write(folder);
      return { summary: null };
    });
    return stored.ref;
  }
}

/** Runs SQL with DuckDB beside the engine under test, with access to files. */
export async function query(sql: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
