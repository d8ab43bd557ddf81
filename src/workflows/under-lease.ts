/** Training that needs units of a pool. */
import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import { DEFAULT_PRIORITY } from '../contracts/pipeline-file/starts';
import { RUN_MESSAGES, type Waiting } from '../contracts/runs';
import type { JobLease, TrainCandidateInput } from '../contracts/steps';
import { activitiesFor } from './activity-proxies';
import { failureOf } from './failures';
import type { Leases } from './leases';

/** A lease that is lost before its job begins is asked for again; this often is a defect. */
const MOST_LEASES = 5;

/**
 * Runs `train` under a lease of the run's pool, where it has one, and gives it back when the job is over. What is trained already needs none. However
 * `train` fails, the pool makes sure that no job runs before the units are given to somebody else.
 */
export async function underLease<Result>(
  leases: Leases,
  input: TrainCandidateInput,
  train: (lease: JobLease | undefined) => Promise<Result>,
): Promise<Result> {
  const { resolved, run, candidate } = input;
  const { pool, queues } = resolved;
  if (pool === undefined || (await isTrained(input))) return train(undefined);
  const units = pool.units[candidate] ?? 1;
  for (let taken = 1; ; taken++) {
    const since = new Date().toISOString();
    const lease = await leases.acquire(
      {
        pool: pool.name,
        workflowId: run.workflowId,
        what: `train/${candidate}`,
        holder: workflowInfo().workflowId,
        units,
        priority: resolved.priority ?? DEFAULT_PRIORITY,
        limit: pool.limit,
        jobsOn: queues.training,
      },
      (waits) =>
        tellRun(
          input,
          waits ? { for: `${units} of the pool ${pool.name}`, since, pool: pool.name } : undefined,
        ),
    );
    try {
      const { workflowId, what, fence } = lease;
      const result = await train({ pool: pool.name, workflowId, what, fence });
      await leases.release(lease);
      return result;
    } catch (error) {
      await leases.release(lease, { verify: true });
      if (failureOf(error).code !== 'LEASE_LOST' || taken >= MOST_LEASES) throw error;
    }
  }
}

/** A candidate with requirements of its own is never known to be trained; it finds out under its lease. */
async function isTrained({ resolved, candidate, fresh, ...shared }: TrainCandidateInput): Promise<boolean> {
  if (fresh) return false;
  const { task, classes, features, split } = shared;
  const { trained } = activitiesFor(resolved.queues);
  const found = await trained.findTrained({
    ...{ spec: resolved.spec, task, classes, features, split },
    candidates: [candidate],
  });
  return found.trained.includes(candidate);
}

/** The run shows it. One that is closed has nothing to show. */
function tellRun({ run, candidate }: TrainCandidateInput, waiting: Waiting | undefined): void {
  getExternalWorkflowHandle(run.workflowId)
    .signal(RUN_MESSAGES.candidateWaits, { candidate, waiting: waiting ?? null })
    .catch(() => undefined);
}
