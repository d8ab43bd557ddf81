/** What goes in and comes out by HTTP; the OpenAPI document is made from these. */
import { z } from '@hono/zod-openapi';
import { prioritySchema, slug } from '../../../contracts/pipeline-file';

const params = z.record(z.string().max(63), z.union([z.string().max(10_000), z.number(), z.boolean()]));

/** Body of a start; all of it may be left out. */
export const startRunSchema = z
  .strictObject({
    params: params.optional(),
    nominalDate: z.iso.datetime({ offset: true }).optional(),
    priority: prioritySchema.optional(),
    promote: z.boolean().optional(),
    reason: z.string().max(500).optional(),
  })
  .openapi('StartRun');

/** The run of a start. */
export const startedRunSchema = z
  .object({
    workflowId: z.string(),
    runId: z.string(),
    /** Whether this request started it; otherwise an earlier one with the same key did. */
    started: z.boolean(),
  })
  .openapi('StartedRun');

/** Body of an approval or a rejection; who decides is the name of the token. */
export const decisionBodySchema = z
  .strictObject({ why: z.string().max(2000).optional() })
  .openapi('Decision');

/** The decision, and the version that it was about; null where the run names none. */
export const decidedSchema = z
  .object({ workflowId: z.string(), verdict: z.enum(['approve', 'reject']), version: z.string().nullable() })
  .openapi('Decided');

/** The run has been asked to end. */
export const cancellingSchema = z
  .object({ workflowId: z.string(), cancelling: z.literal(true) })
  .openapi('Cancelling');

/** One run of a list; `execution` is Temporal's word for how it is, times in ISO 8601. */
export const runEntrySchema = z
  .object({
    workflowId: z.string(),
    runId: z.string(),
    pipeline: z.string(),
    execution: z.string(),
    outcome: z.string().optional(),
    stage: z.string().optional(),
    startedAt: z.string(),
    endedAt: z.string().optional(),
  })
  .openapi('RunEntry');

/** Why a request was refused: a code of docs/errors.md, and what to do. */
export const problemSchema = z
  .object({
    code: z.string(),
    message: z.string(),
    where: z.string().optional(),
    mend: z.string().optional(),
  })
  .openapi('Problem');

/** Header of a start. */
export const idempotencyHeader = z.object({
  'idempotency-key': z.string().min(1).max(255).optional().openapi({
    description: 'The same key for the same pipeline is the same run, for ever, whatever is repeated.',
  }),
});
/** A name and never a path: what lies beside the pipeline files is nobody's to start. */
export const pipelineParam = z.object({ name: slug });
/** The run that a path names. */
export const runParam = z.object({
  run: z
    .string()
    .min(1)
    .max(1000)
    .openapi({ description: 'Workflow id, URL-encoded: `telco-churn%2Fmanual%2F1`.' }),
});
/** Which runs to list; `since` is a duration (2h) or a date. */
export const listQuery = z.object({
  pipeline: z.string().max(63).optional(),
  outcome: z.string().max(30).optional(),
  since: z.string().max(40).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(20),
});
