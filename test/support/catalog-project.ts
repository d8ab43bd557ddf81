/** A project of pipeline files in a temporary folder, made anew for each test of the file that calls `useCatalogProject`. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createPipelineCatalog, readProject } from '../../src/adapters/project';
import type { MillraceError } from '../../src/contracts/errors';
import type { PipelineCatalog } from '../../src/ports/pipeline-catalog';

/** A pipeline file that is valid, with `more` behind it. */
export const pipeline = (name: string, more = ''): string => `apiVersion: millrace/v1
name: ${name}
sources: { customers: { uri: data/c.csv } }
dataset: { label: churn, positive: "Yes" }
candidates: [{ name: a, trainer: xgboost }]
${more}`;

/** The project, and the folder around it. */
export class CatalogProject {
  outer = '';
  root = '';

  async create(): Promise<void> {
    this.outer = await realpath(await mkdtemp(join(tmpdir(), 'millrace-catalog-')));
    this.root = join(this.outer, 'project');
    await mkdir(join(this.root, 'pipelines'), { recursive: true });
  }

  remove(): Promise<void> {
    return rm(this.outer, { recursive: true, force: true });
  }

  /** Writes files, by paths relative to the project. */
  async put(files: Record<string, string>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.root, name)), { recursive: true });
      await writeFile(join(this.root, name), text);
    }
  }

  async catalog(): Promise<PipelineCatalog> {
    const project = await readProject(this.root);
    return createPipelineCatalog({ project, environment: project.environment().settings });
  }

  /** What loading fails with. @throws Error when it does not. */
  async failure(nameOrPath: string, params?: Record<string, unknown>): Promise<MillraceError> {
    const loading = (await this.catalog()).load(nameOrPath, params);
    return loading.then(
      () => {
        throw new Error('it was loaded');
      },
      (error: unknown) => error as MillraceError,
    );
  }
}
