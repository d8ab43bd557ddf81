/** Reading one run: its status, however it ended, and what its running candidates say of themselves. */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { QueryNotRegisteredError, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { isMillraceError, MillraceError } from '../../contracts/errors';
import {
  jobHeartbeatSchema,
  RUN_MESSAGES,
  runStatusSchema,
  type JobHeartbeat,
  type RunStatus,
} from '../../contracts/runs';
import { aboutWorkflow } from '../temporal-errors';

/** Name under which the job of `features.python` is shown among the candidates: `millrace logs RUN features`. */
export const FEATURES = 'features';

/** A run as it is shown. */
export interface RunView {
  readonly status: RunStatus;
  /** Temporal's word: RUNNING, COMPLETED, FAILED, CANCELED, TERMINATED, TIMED_OUT. */
  readonly execution: string;
  readonly startedAt: Date;
  readonly endedAt?: Date;
  /** Candidate → the last heartbeat of the activity that follows its job. */
  readonly progress: Readonly<Record<string, JobHeartbeat>>;
}

/** @throws RUN_NOT_FOUND; RUN_CONFLICT for an open workflow that is no run; SETUP_FAILED when no worker answers for a run that is open. */
export async function readRun(client: Client, workflowId: string, runId?: string): Promise<RunView> {
  const handle = client.workflow.getHandle(workflowId, runId);
  return aboutWorkflow(workflowId, async () => {
    const described = await handle.describe();
    const open = described.status.name === 'RUNNING' || described.status.name === 'PAUSED';
    const status = await statusOf();
    // A workflow that a user composed of our stages answers as a run; what does not is none.
    async function statusOf(): Promise<RunStatus | undefined> {
      try {
        const answer = runStatusSchema.safeParse(await handle.query(RUN_MESSAGES.status));
        if (answer.success) return answer.data;
      } catch (error) {
        // A closed run can be shown without a worker, as far as Temporal knows it.
        if (open && !(error instanceof QueryNotRegisteredError)) throw error;
      }
      if (open) throw notARun(workflowId, described.type);
      return undefined;
    }
    const shown = status ?? (await closedStatus(client, workflowId, described.runId));
    return {
      status: shown,
      execution: described.status.name,
      startedAt: described.startTime,
      ...(described.closeTime && { endedAt: described.closeTime }),
      progress: open ? { ...ownProgress(described, shown), ...(await progressOf(client, shown)) } : {},
    };
  });
}

function notARun(workflowId: string, type: string): MillraceError {
  return new MillraceError('RUN_CONFLICT', `${workflowId} is no run of a pipeline but a ${type}.`, {
    where: workflowId,
    mend: 'list the runs with `millrace runs`',
  });
}

/** What Temporal keeps of a run that no worker can be asked about. */
async function closedStatus(client: Client, workflowId: string, runId: string): Promise<RunStatus> {
  const nothing: RunStatus = {
    pipeline: workflowId.split('/')[0] ?? workflowId,
    workflowId,
    runId,
    state: 'failed',
    reasons: [],
    stages: [],
    candidates: [],
  };
  try {
    return runStatusSchema.parse(await client.workflow.getHandle(workflowId, runId).result());
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof ApplicationFailure) {
      const context = (cause.details?.[0] ?? {}) as { where?: string; mend?: string };
      return {
        ...nothing,
        outcome: 'failed',
        error: { code: cause.type ?? 'INTERNAL', message: cause.message, ...context },
      };
    }
    const cancelled = cause?.name === 'CancelledFailure';
    return {
      ...nothing,
      state: cancelled ? 'cancelled' : 'failed',
      outcome: cancelled ? 'cancelled' : 'failed',
      reasons: [cause?.message ?? error.message],
    };
  }
}

/** The last heartbeat of the job that the run follows itself: the user's function that makes the table. */
function ownProgress(
  described: WorkflowExecutionDescription,
  { stages }: RunStatus,
): Record<string, JobHeartbeat> {
  if (!stages.some(({ stage, state }) => stage === 'dataset' && state === 'running')) return {};
  const heartbeat = heartbeatIn(described);
  return heartbeat === undefined ? {} : { [FEATURES]: heartbeat };
}

/** The last heartbeat of each candidate that runs. Progress is worth no failure: what cannot be read is left out. */
async function progressOf(client: Client, status: RunStatus): Promise<Record<string, JobHeartbeat>> {
  const running = status.candidates.filter(({ state, workflowId }) => state === 'running' && workflowId);
  const found = await Promise.all(
    running.map(
      async ({ name, workflowId = '' }) => [name, await lastHeartbeat(client, workflowId)] as const,
    ),
  );
  return Object.fromEntries(found.filter((entry): entry is [string, JobHeartbeat] => entry[1] !== undefined));
}

async function lastHeartbeat(client: Client, workflowId: string): Promise<JobHeartbeat | undefined> {
  try {
    return heartbeatIn(await client.workflow.getHandle(workflowId).describe());
  } catch (error) {
    if (isMillraceError(error)) throw error;
    return undefined;
  }
}

/** What the first of its pending activities that follows a job said last. */
function heartbeatIn({ raw }: WorkflowExecutionDescription): JobHeartbeat | undefined {
  for (const { heartbeatDetails } of raw.pendingActivities ?? []) {
    const data = heartbeatDetails?.payloads?.[0]?.data;
    const heartbeat = data && parseHeartbeat(Buffer.from(data).toString('utf8'));
    if (heartbeat) return heartbeat;
  }
  return undefined;
}

function parseHeartbeat(text: string): JobHeartbeat | undefined {
  try {
    return jobHeartbeatSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
