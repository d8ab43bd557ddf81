/** Messages between a run and the owner of its registered model (workflow type `modelRelease`, one per model). */
import { z } from 'zod';
import { artifactRefSchema } from './artifacts';
import { decisionSchema } from './runs';

/** Aliases of a registered model: the version in production, set after its smoke test and never before, and the one registered last, until it is champion. */
export const VERSION_ALIASES = { champion: 'champion', challenger: 'challenger' } as const;

/** A run asks the owner to release its winner. `requestId` makes it idempotent: the run's workflow id, a token that its replays repeat, and the round. */
export const releaseRequestSchema = z.object({
  requestId: z.string(),
  model: z.string(),
  /** The run that waits for `releaseUpdate` signals. */
  workflowId: z.string(),
  pipeline: z.string(),
  candidate: z.string(),
  spec: artifactRefSchema,
  /** The winner's train artifact; its key is the model's identity. */
  trained: artifactRefSchema,
  /** The split whose hold-out was scored, and the hold-out predictions that the smoke test must meet. */
  split: artifactRefSchema,
  holdoutScores: artifactRefSchema,
  threshold: z.number().nullable(),
  /** MLflow's logged model. */
  modelId: z.string(),
  mlflowRunId: z.string(),
  /** Version that was champion when the gate was decided; null when there was none. The owner evaluates nothing: on a change it sends the run back. */
  championVersion: z.string().nullable(),
  queues: z.object({ data: z.string(), training: z.string(), services: z.string() }),
  approval: z.object({
    required: z.boolean(),
    timeoutSeconds: z.number().positive(),
    why: z.string().optional(),
  }),
  deployTarget: z.enum(['local', 'none']),
});
export type ReleaseRequest = z.infer<typeof releaseRequestSchema>;

/** The owner's words to the run, in order; the last three kinds are final. */
export const releaseUpdateSchema = z.discriminatedUnion('state', [
  z.object({ requestId: z.string(), state: z.literal('queued'), behind: z.array(z.string()) }),
  z.object({ requestId: z.string(), state: z.literal('registered'), version: z.string() }),
  z.object({
    requestId: z.string(),
    state: z.literal('awaiting-approval'),
    version: z.string(),
    until: z.string(),
    why: z.string().optional(),
  }),
  z.object({ requestId: z.string(), state: z.literal('deploying'), version: z.string() }),
  z.object({
    requestId: z.string(),
    state: z.literal('champion-changed'),
    championVersion: z.string().nullable(),
  }),
  z.object({
    requestId: z.string(),
    state: z.literal('finished'),
    outcome: z.enum(['deployed', 'registered', 'rejected']),
    version: z.string(),
    endpoint: z.string().optional(),
    reason: z.string().optional(),
  }),
  z.object({
    requestId: z.string(),
    state: z.literal('failed'),
    code: z.string(),
    message: z.string(),
    version: z.string().optional(),
  }),
]);
export type ReleaseUpdate = z.infer<typeof releaseUpdateSchema>;

/** A person's decision about one request. */
export const releaseDecisionSchema = decisionSchema.extend({ requestId: z.string() });
export type ReleaseDecision = z.infer<typeof releaseDecisionSchema>;

/** The signal `decide`: how a run passes a person's decision on to the owner, since a workflow cannot send an update. */
export const releaseVerdictSchema = releaseDecisionSchema.extend({ approved: z.boolean() });
export type ReleaseVerdict = z.infer<typeof releaseVerdictSchema>;

/** The signal `withdraw`: the run was cancelled. A deployment that has begun is finished all the same. */
export const releaseWithdrawalSchema = z.object({ requestId: z.string() });
export type ReleaseWithdrawal = z.infer<typeof releaseWithdrawalSchema>;

/** Where a request stands with the owner. */
export const releaseRequestStateSchema = z.enum([
  'queued',
  'registering',
  'awaiting-approval',
  'approved',
  'deploying',
  'finished',
]);

/** Answer of the owner's query `status`. */
export const modelStatusSchema = z.object({
  model: z.string(),
  champion: z.object({ version: z.string(), since: z.string(), endpoint: z.string().optional() }).optional(),
  requests: z.array(
    z.object({
      requestId: z.string(),
      workflowId: z.string(),
      pipeline: z.string(),
      state: releaseRequestStateSchema,
      version: z.string().optional(),
      note: z.string().optional(),
    }),
  ),
  /** The latest changes of the champion and what was refused, newest first, bounded. */
  history: z.array(
    z.object({
      at: z.string(),
      version: z.string(),
      event: z.string(),
      by: z.string().optional(),
      why: z.string().optional(),
    }),
  ),
});
export type ModelStatus = z.infer<typeof modelStatusSchema>;

/** Promotion or roll-back by a person: `millrace models promote|rollback`. */
export const promotionSchema = decisionSchema.extend({ version: z.string() });
export type Promotion = z.infer<typeof promotionSchema>;

/** Input of `modelRelease`. */
export const modelReleaseInputSchema = z.object({
  model: z.string(),
  /** Queues for promotions before the first request, which brings its own; the plain queues unless given. */
  queues: z.object({ data: z.string(), training: z.string(), services: z.string() }).optional(),
  /** Its own state across continue-as-new. */
  carried: z.unknown().optional(),
});
export type ModelReleaseInput = z.infer<typeof modelReleaseInputSchema>;

/** Names of the owner's signals, updates and query. */
export const RELEASE_MESSAGES = {
  submit: 'submit',
  withdraw: 'withdraw',
  decide: 'decide',
  approve: 'approve',
  reject: 'reject',
  promote: 'promote',
  rollback: 'rollback',
  status: 'status',
} as const;
