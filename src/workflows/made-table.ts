/** Before the stage `dataset` of a pipeline whose table a Python function makes. */
import type { ArtifactRef } from '../contracts/artifacts';
import type { BuildDatasetInput } from '../contracts/steps';
import type { ResolvedContext } from './prepare-data';

/** What the function made; `input` is empty where no function does. */
export interface MadeTable {
  readonly input: Pick<BuildDatasetInput, 'made'>;
  /** False when the function ran in this run. */
  readonly cached: boolean;
  /** The job that ran it. */
  readonly job: string | undefined;
}

/** Writes the sources as tables and runs the function over them, as a job. Calls nothing where the pipeline has no function. */
export async function makeTable(
  { run, resolved, activities }: ResolvedContext,
  acquired: ArtifactRef,
): Promise<MadeTable> {
  if (resolved.featureCode === undefined) return { input: {}, cached: true, job: undefined };
  const { spec } = resolved;
  const fresh = run.isFresh('dataset');
  const { artifact: tables } = await activities.tables.writeTables({ spec, fresh, acquired });
  const { workflowId } = run.status;
  const made = await activities.jobs.runFeatureJob({
    spec,
    fresh,
    run: { workflowId, startedAt: run.startedAt },
    tables,
  });
  return { input: { made: { tables, table: made.artifact } }, cached: made.cached, job: made.jobName };
}
