/** What a run leaves in the ledger, for the stand-in of `trainingPipeline`. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Ledger } from '../../../src/ports/ledger';
import type { StandInActivities } from './workflows';

type PartitionRun = Parameters<StandInActivities['runPartition']>[0];

/** Takes the run down as `announceRun` does. */
export async function recordRun(
  ledger: Pick<Ledger, 'recordRun'>,
  { workflowId, runId, input }: PartitionRun,
  outcome: string,
): Promise<void> {
  const { pipeline, nominalDate } = input;
  const at = new Date().toISOString();
  await ledger.recordRun({
    workflowId,
    runId,
    pipeline,
    outcome,
    startedAt: at,
    endedAt: at,
    ...(nominalDate !== undefined && { nominalDate }),
    status: { pipeline, workflowId, runId, state: 'done', reasons: [], stages: [], candidates: [] },
  });
}

/** Does the work of a run with a heartbeat, so that a killed worker is noticed. */
export async function beating<Result>(work: () => Promise<Result>): Promise<Result> {
  const { heartbeat } = Context.current();
  const timer = setInterval(() => heartbeat(), 1000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** How a run fails for good. */
export function failed(): ApplicationFailure {
  return ApplicationFailure.nonRetryable('the data broke a rule', 'QUALITY_FAILED');
}
