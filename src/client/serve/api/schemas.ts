/** What goes in and comes out by HTTP; the OpenAPI document is made from these. */
import { z } from '@hono/zod-openapi';
import { prioritySchema, slug } from '../../../contracts/pipeline-file';

const params = z.record(z.string().max(63), z.union([z.string().max(10_000), z.number(), z.boolean()]));

export const startRunSchema = z
  .strictObject({
    params: params.optional(),
    nominalDate: z.iso.datetime({ offset: true }).optional(),
    priority: prioritySchema.optional(),
    promote: z.boolean().optional(),
    reason: z.string().max(500).optional(),
  })
  .openapi('StartRun');

export const startedRunSchema = z
  .object({
    workflowId: z.string(),
    runId: z.string(),
    /** Whether this request started it; otherwise an earlier one with the same key did. */
    started: z.boolean(),
  })
  .openapi('StartedRun');

export const decisionBodySchema = z
  .strictObject({ why: z.string().max(2000).optional() })
  .openapi('Decision');

export const decidedSchema = z
  .object({ workflowId: z.string(), verdict: z.enum(['approve', 'reject']), version: z.string().nullable() })
  .openapi('Decided');

export const cancellingSchema = z
  .object({ workflowId: z.string(), cancelling: z.literal(true) })
  .openapi('Cancelling');

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

export const problemSchema = z
  .object({
    code: z.string(),
    message: z.string(),
    where: z.string().optional(),
    mend: z.string().optional(),
  })
  .openapi('Problem');

export const idempotencyHeader = z.object({
  'idempotency-key': z.string().min(1).max(255).optional().openapi({
    description: 'The same key for the same pipeline is the same run, for ever, whatever is repeated.',
  }),
});
/** A name and never a path: what lies beside the pipeline files is nobody's to start. */
export const pipelineParam = z.object({ name: slug });
export const runParam = z.object({
  run: z
    .string()
    .min(1)
    .max(1000)
    .openapi({ description: 'Workflow id, URL-encoded: `telco-churn%2Fmanual%2F1`.' }),
});
export const listQuery = z.object({
  pipeline: z.string().max(63).optional(),
  outcome: z.string().max(30).optional(),
  since: z.string().max(40).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(20),
});
