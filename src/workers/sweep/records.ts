/** Ends runs in MLflow whose workflow is over: a terminated one would seem to go on for ever. */
import type { Logger } from 'pino';
import type { ModelTracking } from '../../ports/model-tracking';
import type { RunDirectory, RunEnd } from '../../ports/run-directory';

/** What the sweep of records works on. */
export interface RecordSweepOptions {
  readonly tracking: Pick<ModelTracking, 'openRuns' | 'close'>;
  readonly runs: Pick<RunDirectory, 'endOf'>;
  readonly logger: Logger;
}

const STATUS = { completed: 'FINISHED', failed: 'FAILED', stopped: 'KILLED' } as const satisfies Record<
  RunEnd['how'],
  string
>;

/** One look, see {@link Look}. A workflow that this Temporal does not know is left alone: several may share one MLflow. */
export async function sweepRecords(
  { tracking, runs, logger }: RecordSweepOptions,
  suspects: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const ends = new Map<string, RunEnd | undefined>();
  const left = new Set<string>();
  for (const { runId, workflowId } of await tracking.openRuns()) {
    if (!ends.has(workflowId)) ends.set(workflowId, await runs.endOf(workflowId));
    const end = ends.get(workflowId);
    if (end === undefined) continue;
    if (suspects.has(runId)) {
      logger.info({ mlflowRunId: runId, workflowId }, 'ending a run in MLflow whose workflow is over');
      await tracking.close(runId, STATUS[end.how], end.at);
    } else left.add(runId);
  }
  return left;
}
