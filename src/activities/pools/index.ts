/** Words between pools and those who wait, and looking after leases. */
import { Context } from '@temporalio/activity';
import type {
  JobKeepingActivities,
  LeaseActivities,
  PoolActivities,
  PoolWordActivities,
} from '../../contracts/activity-interfaces';
import { mapConcurrently } from '../../contracts/concurrency';
import {
  askPoolInputSchema,
  deliverGrantsInputSchema,
  keepJobsInputSchema,
  lookAtLeasesInputSchema,
  releaseLeaseInputSchema,
  type LookAtLeasesInput,
  type LookAtLeasesOutput,
} from '../../contracts/steps';
import type { JobBackend } from '../../ports/job-backend';
import type { PoolMessenger } from '../../ports/pool-messenger';
import type { RunDirectory } from '../../ports/run-directory';
import { heartbeating } from '../long-work';

/** Given by the worker's composition root. */
export interface LeaseActivityDependencies {
  readonly runs: Pick<RunDirectory, 'isOpen'>;
  readonly backend: Pick<JobBackend, 'endLease' | 'keep'>;
}

/** Calls to Temporal, or jobs being ended, at the same time. */
const AT_ONCE = 25;

/** Local to the workers of workflows. */
export function createPoolWordActivities({
  pools,
}: {
  readonly pools: Pick<PoolMessenger, 'ask' | 'release'>;
}): PoolWordActivities {
  return {
    askPool: async (rawInput) => {
      const { pool, request } = askPoolInputSchema.parse(rawInput);
      await pools.ask(pool, request);
    },
    releaseLease: async (rawInput) => {
      const { pool, release } = releaseLeaseInputSchema.parse(rawInput);
      await pools.release(pool, release);
    },
  };
}

/** Queue `millrace-services`. */
export function createPoolActivities({
  pools,
}: {
  readonly pools: Pick<PoolMessenger, 'grant'>;
}): PoolActivities {
  return {
    deliverGrants: (rawInput) =>
      heartbeating(async () => {
        const { grants } = deliverGrantsInputSchema.parse(rawInput);
        const unheard = Context.current().info.attempt === 1;
        const told: string[] = [];
        const gone: string[] = [];
        await mapConcurrently(grants, AT_ONCE, async ({ holder, grant }) => {
          // One that cannot be told must not keep the others from hearing: the pool asks for it again.
          const heard = await pools.grant(holder, grant).catch(() => undefined);
          if (heard !== undefined) (heard ? told : gone).push(grant.token);
        });
        return { told, gone, unheard };
      }),
  };
}

/** Any queue that leases name. */
export function createLeaseActivities({
  runs,
  backend,
}: LeaseActivityDependencies): LeaseActivities & JobKeepingActivities {
  return {
    lookAtLeases: (rawInput) =>
      heartbeating(async () => {
        const { pool, leases } = lookAtLeasesInputSchema.parse(rawInput);
        const findings: LookAtLeasesOutput['findings'] = [];
        await mapConcurrently(leases, AT_ONCE, async (lease) => {
          // One that cannot be looked at is held on, and must not hide what is found of the others.
          const found = await look(pool, lease).catch((): 'held' => 'held');
          findings.push({ token: lease.token, found });
        });
        return { findings };
      }),
    keepJobs: async (rawInput) => ({
      jobs: await backend.keep(keepJobsInputSchema.parse(rawInput).workflowId),
    }),
  };

  async function look(
    pool: string,
    { workflowId, what, holder, fence, ending, suspect, jobs }: LookAtLeasesInput['leases'][number],
  ): Promise<LookAtLeasesOutput['findings'][number]['found']> {
    if (!ending) {
      if (await runs.isOpen(holder)) return 'held';
      // A run that is being reset has a new candidate in a moment, which takes the lease over, and the job.
      if (!suspect && holder !== workflowId && (await runs.isOpen(workflowId))) return 'suspect';
    }
    if (!jobs) return 'over';
    const isOver = await backend.endLease({ pool, workflowId, what, fence }, (id) => runs.isOpen(id));
    return isOver ? 'over' : 'held';
  }
}
