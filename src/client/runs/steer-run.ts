/** Steering a run from outside: ending it, deciding of its version. */
import type { Client, WorkflowHandle } from '@temporalio/client';
import { MillraceError } from '../../contracts/errors';
import { RUN_MESSAGES, type Decision } from '../../contracts/runs';
import type { KeepJobsOutput } from '../../contracts/steps';
import { WORKFLOW_TYPES } from '../../contracts/workflow-types';
import { aboutWorkflow } from '../temporal-errors';

/** Workflows that know what nobody else knows, and are no runs. */
const OWNERS: Readonly<Record<string, string>> = {
  [WORKFLOW_TYPES.modelRelease]: 'the owner of a model',
  [WORKFLOW_TYPES.resourcePool]: 'the owner of a pool',
};

/** Workflows around runs: they can be cancelled, and hear nothing else that a run hears. */
const AROUND_RUNS: Readonly<
  Record<string, { readonly is: string; readonly mend: (workflowId: string) => string }>
> = {
  [WORKFLOW_TYPES.backfill]: {
    is: 'a backfill',
    mend: (id) =>
      `name one of its runs, which \`millrace runs\` lists; or end it with \`millrace backfill cancel ${id}\`: started again, it does what is missing`,
  },
  [WORKFLOW_TYPES.scheduledRun]: {
    is: 'what a schedule has started',
    mend: () =>
      'name its run, which `millrace runs` lists; `millrace pause PIPELINE --note WHY` lets the schedule start no more',
  },
  [WORKFLOW_TYPES.trainCandidate]: {
    is: 'a candidate of a run',
    mend: (id) => `name the run: ${id.split('/').slice(0, -2).join('/')}`,
  },
};

/**
 * Asks a run to end. Its jobs end with it, unless they are to be kept: then they run on, and a retry of the run adopts them.
 * @returns names of the jobs that are kept. @throws RUN_NOT_FOUND; RUN_CONFLICT when it is over, an owner, or (with `keep`) no run.
 */
export async function cancelRun(
  client: Client,
  workflowId: string,
  { keep = false } = {},
): Promise<readonly string[]> {
  return aboutOpen(client, workflowId, async (run, type) => {
    if (keep) assertHears(workflowId, type);
    const jobs = keep ? (await run.executeUpdate<KeepJobsOutput, []>(RUN_MESSAGES.keepJobs)).jobs : [];
    await run.cancel();
    return jobs;
  });
}

/**
 * Says something to an open run. Temporal takes many a word to what is over, or hears nothing of it, and nothing comes of it: so it is asked first.
 * @throws RUN_NOT_FOUND; RUN_CONFLICT when it is over, or no run.
 */
export function steerRun<Result>(
  client: Client,
  workflowId: string,
  act: (run: WorkflowHandle) => Promise<Result>,
): Promise<Result> {
  return aboutOpen(client, workflowId, async (run, type) => {
    assertHears(workflowId, type);
    return act(run);
  });
}

function assertHears(workflowId: string, type: string): void {
  const other = AROUND_RUNS[type];
  if (other === undefined) return;
  throw new MillraceError('RUN_CONFLICT', `${workflowId} is ${other.is}, not a run.`, {
    where: workflowId,
    mend: other.mend(workflowId),
  });
}

function aboutOpen<Result>(
  client: Client,
  workflowId: string,
  act: (run: WorkflowHandle, type: string) => Promise<Result>,
): Promise<Result> {
  return aboutWorkflow(workflowId, async () => {
    const handle = client.workflow.getHandle(workflowId);
    const { status, type } = await handle.describe();
    const owner = OWNERS[type];
    if (owner !== undefined)
      throw new MillraceError('RUN_CONFLICT', `${workflowId} is ${owner}, not a run.`, {
        where: workflowId,
        mend: 'name the run that waits with it; the owner stays, for it knows what nobody else knows',
      });
    if (status.name !== 'RUNNING' && status.name !== 'PAUSED')
      throw new MillraceError('RUN_CONFLICT', `The run ${workflowId} is over: it is ${status.name}.`, {
        where: workflowId,
        mend: `see how it ended with \`millrace show ${workflowId}\``,
      });
    return act(handle, type);
  });
}

/** Approves or rejects the version that a run waits with. @returns the version. @throws RUN_NOT_FOUND, APPROVAL_REFUSED. */
export async function decideRun(
  client: Client,
  workflowId: string,
  verdict: 'approve' | 'reject',
  decision: Decision,
): Promise<string | undefined> {
  const answer = await aboutWorkflow(workflowId, () =>
    client.workflow
      .getHandle(workflowId)
      .executeUpdate<{ accepted: true; version: string | undefined }, [Decision]>(RUN_MESSAGES[verdict], {
        args: [decision],
      }),
  );
  return answer.version;
}
