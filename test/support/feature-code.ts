/** Data sets that a Python function makes: the activities of a worker over a real store, with real jobs. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { buildDataset, buildTable } from '../../src/activities/data/dataset/build-dataset';
import { writeTables } from '../../src/activities/data/dataset/write-tables';
import { acquireData } from '../../src/activities/data/acquire/acquire-data';
import { createTrainingActivities } from '../../src/activities/training';
import { createLocalJobBackend } from '../../src/adapters/jobs/local';
import { createTrainerEnvironments } from '../../src/adapters/trainer-environment';
import type { ArtifactRef } from '../../src/contracts/artifacts';
import type { PipelineFile } from '../../src/contracts/pipeline-file';
import type { BuildTableOutput, RunFeatureJobInput, RunFeatureJobOutput } from '../../src/contracts/steps';
import { DataProject } from '../integration/data/data-project';
import { pythonFolder } from './python';

const TRAINERS = join(__dirname, '..', '..', 'trainers');

/** What was made, and by which job. */
export interface MadeByCode extends BuildTableOutput {
  readonly job: RunFeatureJobOutput;
  readonly tables: ArtifactRef;
}

/** A project whose table is made by `features.py`. */
export class FeatureCodeProject {
  private constructor(
    readonly project: DataProject,
    private readonly training: ReturnType<typeof createTrainingActivities>,
  ) {}

  static async create(): Promise<FeatureCodeProject> {
    const project = await DataProject.create();
    const { base, dependencies } = project;
    const training = createTrainingActivities({
      ...dependencies,
      backend: await createLocalJobBackend({
        root: join(base, 'jobs'),
        trainersPath: TRAINERS,
        graceSeconds: 1,
      }),
      runs: { isOpen: () => Promise.resolve(false), endOf: () => Promise.resolve(undefined) },
      environments: createTrainerEnvironments({
        basePython: join(pythonFolder(), 'python'),
        baseLock: join(TRAINERS, 'requirements.lock'),
        trainersPath: TRAINERS,
        cacheRoot: join(base, 'environments'),
      }),
      trackingEnvironment: () => ({}),
    });
    return new FeatureCodeProject(project, training);
  }

  remove(): Promise<void> {
    return this.project.remove();
  }

  /** Writes `features.py`; every start of a function counts itself by `count()`. */
  async code(text: string): Promise<void> {
    const starts = JSON.stringify(join(this.project.base, 'starts'));
    const count = `def count():\n    with open(${starts}, "a") as file:\n        file.write("x")\n    with open(${starts}) as file:\n        return len(file.read())\n`;
    await writeFile(join(this.project.root, 'features.py'), `${text}\n\n${count}`);
  }

  /** How often a function was started. */
  async starts(): Promise<number> {
    return (await readFile(join(this.project.base, 'starts'), 'utf8').catch(() => '')).length;
  }

  /** Attempts that were made of all jobs. */
  async attempts(): Promise<number> {
    const jobs = join(this.project.base, 'jobs', 'jobs');
    const names = await readdir(jobs).catch(() => []);
    const attempts = await Promise.all(names.map((name) => readdir(join(jobs, name, 'attempts'))));
    return attempts.flat().length;
  }

  /** The stages `acquire` and `dataset` of a pipeline with these sections, as the workflow calls them. */
  async make(
    sections: Partial<PipelineFile> & Pick<PipelineFile, 'sources' | 'dataset'>,
    { fresh = false, sample }: { fresh?: boolean; sample?: number } = {},
  ): Promise<MadeByCode> {
    const { project, training } = this;
    const { dependencies } = project;
    const spec = await project.spec(sections, sample);
    const acquired = (await acquireData(dependencies, { spec, fresh })).artifact;
    const tables = (await writeTables(dependencies, { spec, fresh, acquired })).artifact;
    const run = { workflowId: 'churn/manual/1', startedAt: new Date().toISOString() };
    const input: RunFeatureJobInput = { spec, fresh, run, tables };
    const job: RunFeatureJobOutput = await new MockActivityEnvironment().run(training.runFeatureJob, input);
    const build = sections.publish ? buildTable : buildDataset;
    const made = await build(dependencies, { spec, fresh, acquired, made: { tables, table: job.artifact } });
    return { ...made, job, tables };
  }
}
