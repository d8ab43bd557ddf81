/** Inputs and outputs of the activities about pools and leases. */
import { z } from 'zod';
import { leaseGrantSchema, leaseReleaseSchema, leaseRequestSchema } from '../pools/messages';

/** The lease that a job runs under. The job's launch refuses a fence that is lower than one it has seen, or that the pool has ended: LEASE_LOST. */
export const jobLeaseSchema = z.object({
  pool: z.string(),
  /** The run that the lease belongs to, and what of it. */
  workflowId: z.string(),
  what: z.string(),
  fence: z.number().int(),
});
export type JobLease = z.infer<typeof jobLeaseSchema>;

/** Signals (and starts, if need be) the owner of a pool with a request. Idempotent by its token. */
export const askPoolInputSchema = z.object({ pool: z.string(), request: leaseRequestSchema });
export type AskPoolInput = z.infer<typeof askPoolInputSchema>;

/** Signals the owner of a pool that units, or a place in the line, are given back. Idempotent by the token. */
export const releaseLeaseInputSchema = z.object({ pool: z.string(), release: leaseReleaseSchema });
export type ReleaseLeaseInput = z.input<typeof releaseLeaseInputSchema>;

/** Tells holders of their grants; those that are in neither list of the answer have to be told again. */
export const deliverGrantsInputSchema = z.object({
  grants: z.array(z.object({ holder: z.string(), grant: leaseGrantSchema })),
});
export type DeliverGrantsInput = z.infer<typeof deliverGrantsInputSchema>;
export const deliverGrantsOutputSchema = z.object({
  /** Tokens of holders that have heard. */
  told: z.array(z.string()),
  /** Tokens of holders that are closed. */
  gone: z.array(z.string()),
  /** Whether they have certainly not heard: on a second try, the first may have reached a holder that has closed since. */
  unheard: z.boolean(),
});
export type DeliverGrantsOutput = z.infer<typeof deliverGrantsOutputSchema>;

/** Looks whether leases are still wanted, and ends the jobs of those that are not. */
export const lookAtLeasesInputSchema = z.object({
  pool: z.string(),
  leases: z.array(
    z.object({
      token: z.string(),
      workflowId: z.string(),
      what: z.string(),
      holder: z.string(),
      fence: z.number().int(),
      ending: z.boolean(),
      suspect: z.boolean(),
      /** Whether jobs run under it, on the host that this is asked of. */
      jobs: z.boolean(),
    }),
  ),
});
export type LookAtLeasesInput = z.infer<typeof lookAtLeasesInputSchema>;
export const lookAtLeasesOutputSchema = z.object({
  findings: z.array(z.object({ token: z.string(), found: z.enum(['over', 'suspect', 'held']) })),
});
export type LookAtLeasesOutput = z.infer<typeof lookAtLeasesOutputSchema>;

/** Marks the jobs that a run follows, so that its cancellation and the sweep leave them to finish. */
export const keepJobsInputSchema = z.object({ workflowId: z.string() });
export type KeepJobsInput = z.infer<typeof keepJobsInputSchema>;
export const keepJobsOutputSchema = z.object({ jobs: z.array(z.string()) });
export type KeepJobsOutput = z.infer<typeof keepJobsOutputSchema>;
