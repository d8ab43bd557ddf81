/** Messages between workflows that need something scarce and the owner of its pool (workflow type `resourcePool`, one per pool). */
import { z } from 'zod';
import { DEFAULT_PRIORITY, prioritySchema } from '../pipeline-file/starts';

/** Pool of the runs of one pipeline that may be active at once. No pool of millrace.yaml can have such a name: it has a dot. */
export function runsPoolFor(pipeline: string): string {
  return `runs-of.${pipeline}`;
}

/** Which lease: one for each thing (`what`) that a run needs one for. */
const leaseKeySchema = z.object({
  /** The run that the lease belongs to. */
  workflowId: z.string().min(1).max(1000),
  /** What of it: `run`, or `train/CANDIDATE`. */
  what: z.string().min(1).max(255),
});

/**
 * A request for units. The same token twice is one request. Another token of the same key is a later execution of the same run (reset, retried): it
 * takes over the place, or the lease and the job that runs under it.
 */
export const leaseRequestSchema = leaseKeySchema.extend({
  /** This asking: what is said of another one is late. */
  token: z.string().min(1).max(64),
  /** Workflow that waits for the signal `leaseGranted`, and whose end ends the lease. */
  holder: z.string().min(1).max(1000),
  units: z.number().int().positive().default(1),
  priority: prioritySchema.default(DEFAULT_PRIORITY),
  /** Units of the pool as the asker's environment has it, and when that was read: the latest word counts. */
  limit: z.object({ units: z.number().int().positive(), asOf: z.iso.datetime({ offset: true }) }),
  /** Task queue whose workers look after the jobs that run under the lease; without it nothing outlives the holder. */
  jobsOn: z.string().max(255).optional(),
});
export type LeaseRequest = z.infer<typeof leaseRequestSchema>;

/** Requests, or releases, that one signal carries: some ten kilobytes. */
export const MOST_WORDS_AT_ONCE = 50;

/**
 * The signal `acquire`. Many at once: a signal each would be more than one workflow can take when thousands ask. A single one is what workers of before
 * send, and what is in the histories of pools from then.
 */
export const leaseRequestsSchema = z
  .object({ requests: z.array(leaseRequestSchema).min(1).max(MOST_WORDS_AT_ONCE) })
  .or(leaseRequestSchema.transform((request) => ({ requests: [request] })));
export type LeaseRequests = z.infer<typeof leaseRequestsSchema>;

/** The lease, or the place in the line, is given back. */
export const leaseReleaseSchema = leaseKeySchema.extend({
  token: z.string().min(1).max(64),
  /** Nobody knows that its job is over (a cancellation): the pool finds out first. */
  verify: z.boolean().default(false),
});
export type LeaseRelease = z.input<typeof leaseReleaseSchema>;

/** The signal `release`. Many at once, or a single one, as with `acquire`. */
export const leaseReleasesSchema = z
  .object({ releases: z.array(leaseReleaseSchema).min(1).max(MOST_WORDS_AT_ONCE) })
  .or(leaseReleaseSchema.transform((release) => ({ releases: [release] })));
export type LeaseReleases = z.input<typeof leaseReleasesSchema>;

/** The signal `setPriority`: of all that a run waits for in this pool. */
export const leasePrioritySchema = z.object({ workflowId: z.string().min(1), priority: prioritySchema });
export type LeasePriority = z.infer<typeof leasePrioritySchema>;

/** The signal `setLimit`. Leases above a lowered limit stay until they are given back. */
export const poolLimitSchema = z.object({ units: z.number().int().positive() });
export type PoolLimit = z.infer<typeof poolLimitSchema>;

/** The signal `leaseGranted` to a holder. */
export const leaseGrantSchema = z.object({
  pool: z.string(),
  token: z.string(),
  /** Fencing token: rises with every grant of the pool, so that whoever sees a higher one refuses a lower one. */
  fence: z.number().int(),
});
export type LeaseGrant = z.infer<typeof leaseGrantSchema>;

/** What of a pool the query `status` is asked for. */
export const poolQuestionSchema = z.object({
  /** Only what this run holds and waits for. */
  workflowId: z.string().optional(),
  /** At most so many waiters, first the first in line. */
  waiters: z.number().int().nonnegative().default(200),
});
export type PoolQuestion = z.input<typeof poolQuestionSchema>;

const shownLeaseSchema = leaseKeySchema.extend({
  holder: z.string(),
  units: z.number(),
  priority: z.number(),
  /** ISO 8601. */
  since: z.string(),
});

/** Answer of the query `status`. */
export const poolStatusSchema = z.object({
  pool: z.string(),
  limit: z.number(),
  used: z.number(),
  holders: z.array(shownLeaseSchema.extend({ fence: z.number(), ending: z.boolean() })),
  /** In the order in which they will be served, as it stands. */
  waiters: z.array(
    shownLeaseSchema.extend({
      /** From 1. */
      place: z.number().int(),
      /** It asks for more units than the pool has, and is passed over until there are more. */
      tooLarge: z.boolean(),
    }),
  ),
  /** All of them, whatever the question was. */
  waiting: z.number().int(),
  /** Grants since the pool began. */
  granted: z.number().int(),
});
export type PoolStatus = z.infer<typeof poolStatusSchema>;

/** Input of `resourcePool`. */
export const resourcePoolInputSchema = z.object({
  pool: z.string().min(1).max(255),
  /** Its own state across continue-as-new. */
  carried: z.unknown().optional(),
});
export type ResourcePoolInput = z.infer<typeof resourcePoolInputSchema>;

/** Names of a pool's signals and query. */
export const POOL_MESSAGES = {
  acquire: 'acquire',
  release: 'release',
  setPriority: 'setPriority',
  setLimit: 'setLimit',
  status: 'status',
} as const;

/** Signal to a holder. */
export const LEASE_GRANTED = 'leaseGranted';
