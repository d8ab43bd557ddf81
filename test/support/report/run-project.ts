/** A real store with the artifacts of a run made by hand, and the report activity over it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReportActivities } from '../../../src/activities/report';
import { createFileArtifactStore, type FileArtifactStore } from '../../../src/adapters/artifact-store/file';
import type { ReportActivities } from '../../../src/contracts/activity-interfaces';
import type { ArtifactRef, StepName } from '../../../src/contracts/artifacts';
import { pipelineFileSchema, type PipelineFile } from '../../../src/contracts/pipeline-file';

/** One store in a folder of its own. */
export class ReportProject {
  private constructor(
    readonly root: string,
    readonly store: FileArtifactStore,
    readonly activities: ReportActivities,
    private readonly disguise: <Document>(document: Document) => Document,
  ) {}

  /** `disguise` changes every JSON document on its way into the store. */
  static async create(
    disguise: <Document>(document: Document) => Document = (document) => document,
  ): Promise<ReportProject> {
    const root = await mkdtemp(join(tmpdir(), 'millrace-report-'));
    const store = await createFileArtifactStore({ root: join(root, 'store') });
    const activities = createReportActivities({
      store,
      codeDigest: 'test',
      workflowUrl: (workflowId, runId) =>
        `http://127.0.0.1:8233/namespaces/default/workflows/${encodeURIComponent(workflowId)}/${runId}`,
    });
    return new ReportProject(root, store, activities, disguise);
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }

  /** Commits an artifact with these files; objects become JSON. */
  async artifact(
    step: StepName,
    files: Readonly<Record<string, unknown>>,
    options: { inputs?: Record<string, string>; summary?: unknown } = {},
  ): Promise<ArtifactRef> {
    const { inputs = {}, summary = null } = options;
    const stored = await this.store.commit(
      { step, code: 'test', params: { files, summary }, inputs },
      async (folder) => {
        for (const [name, content] of Object.entries(files))
          await writeFile(
            join(folder, name),
            typeof content === 'string' ? content : JSON.stringify(this.disguise(content)),
          );
        return { summary, inputs };
      },
    );
    return stored.ref;
  }

  spec(file: Partial<PipelineFile> = {}): Promise<ArtifactRef> {
    const spec = pipelineFileSchema.parse({
      apiVersion: 'millrace/v1',
      name: 'telco-churn',
      description: 'Who leaves next month',
      owner: 'growth-ml',
      sources: { customers: { uri: 'data/telco-churn.csv' } },
      dataset: { from: 'customers', key: 'customerID', label: 'Churn', positive: 'Yes' },
      candidates: [{ name: 'logistic', trainer: 'sklearn/logistic-regression' }],
      ...file,
    });
    const origin = {
      file: join(this.root, 'telco-churn.yaml'),
      directory: this.root,
      projectRoot: this.root,
      pipelineDigest: 'a'.repeat(64),
      gitCommit: '0123456789abcdef0123456789abcdef01234567',
    };
    return this.artifact('spec', { 'spec.json': { spec, origin } });
  }
}
