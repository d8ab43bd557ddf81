/** Takes down that a run for a date has begun: until its end the ledger would not know of it, and a backfill would run its date beside it. */
import { Context } from '@temporalio/activity';
import type { ResolvePipelineInput } from '../../contracts/steps';
import type { Ledger } from '../../ports/ledger';

/** To be called within an activity of the run; does nothing for a run that is for no date. `pipeline` is its name in the file. @throws LEDGER_UNAVAILABLE. */
export async function noteBegin(
  ledger: Pick<Ledger, 'recordRun'>,
  { input: { nominalDate, cause }, workflowId }: ResolvePipelineInput,
  pipeline: string,
): Promise<void> {
  if (nominalDate === undefined) return;
  const { workflowExecution, scheduledTimestampMs } = Context.current().info;
  const runId = workflowExecution?.runId ?? '';
  const dated = { workflowId, runId, pipeline, nominalDate };
  await ledger.recordRun({
    ...dated,
    outcome: 'running',
    startedAt: new Date(scheduledTimestampMs).toISOString(),
    status: {
      ...dated,
      ...(cause && { cause }),
      state: 'running',
      reasons: [],
      stages: [],
      candidates: [],
    },
  });
}
