/** Small workflows over the real waiting and announcing: thousands of whole runs would measure everything else. */
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { UpstreamActivities } from '../../../src/contracts/activity-interfaces';
import type { ResolvedWait } from '../../../src/contracts/announcements';
import type { TrainingPipelineInput } from '../../../src/contracts/runs';
import type { AnnounceOutcomeInput, AnnounceOutcomeOutput } from '../../../src/contracts/steps';
import { TASK_QUEUES } from '../../../src/contracts/task-queues';
import { ANNOUNCEMENT, METADATA, waitForUpstream } from '../../../src/workflows/library';

/** The first stage of a run, as far as a test must know of it: that it began. */
export interface StageActivities {
  firstStage(input: { readonly workflowId: string; readonly cause?: unknown }): Promise<void>;
}

const taskQueue = TASK_QUEUES.services;
const { awaitAnnouncements, endWait } = proxyActivities<UpstreamActivities>({ ...METADATA, taskQueue });
const { announceOutcome } = proxyActivities<UpstreamActivities>({ ...ANNOUNCEMENT, taskQueue });
const { firstStage } = proxyActivities<StageActivities>({ ...METADATA, taskQueue });

/** Waits as a run does, then has one stage. @returns workflow id of the run that was waited for. */
export async function waitingRun(wait: ResolvedWait): Promise<string | undefined> {
  const [announcement] = await waitForUpstream([wait], { awaitAnnouncements, endWait });
  await firstStage({ workflowId: workflowInfo().workflowId });
  return announcement?.workflowId;
}

/** Ends as a run does. @returns what it announced, and what came of it. */
export async function announcingRun(
  said: Pick<AnnounceOutcomeInput, 'pipeline' | 'outcome' | 'dataset'>,
): Promise<AnnounceOutcomeOutput & { at: string }> {
  const { workflowId, runId } = workflowInfo();
  const at = new Date().toISOString();
  return { ...(await announceOutcome({ ...said, workflowId, runId, at })), at };
}

/** Stands in for the run that an announcement starts: one stage. */
export async function trainingPipeline({ cause }: TrainingPipelineInput): Promise<void> {
  await firstStage({ workflowId: workflowInfo().workflowId, cause });
}
