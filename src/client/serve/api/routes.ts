/** The routes of the HTTP API, as the OpenAPI document shows them. */
import { createRoute, z } from '@hono/zod-openapi';
import { runStatusSchema } from '../../../contracts/runs';
import {
  cancellingSchema,
  decidedSchema,
  decisionBodySchema,
  idempotencyHeader,
  listQuery,
  pipelineParam,
  problemSchema,
  runEntrySchema,
  runParam,
  startedRunSchema,
  startRunSchema,
} from './schemas';

const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
});
const problem = (description: string) => json(description, problemSchema);
const security = [{ bearer: [] }];
const refusals = {
  401: problem('No token, or one that nobody has.'),
  403: problem('The token is not for this.'),
};

/** Starts a run: 201, or 200 where the key has its run already. */
export const startRunRoute = createRoute({
  method: 'post',
  path: '/v1/pipelines/{name}/runs',
  summary: 'Start a run',
  description:
    'Scope `runs:start`. Repeat it with the same `Idempotency-Key` as often as you like: it is one run.',
  security,
  request: {
    params: pipelineParam,
    headers: idempotencyHeader,
    body: { content: { 'application/json': { schema: startRunSchema } } },
  },
  responses: {
    ...refusals,
    200: json('An earlier request with this key started it.', startedRunSchema),
    201: json('Started.', startedRunSchema),
    404: problem('No such pipeline.'),
    409: problem('The key was used for another request.'),
    413: problem('The body is too large.'),
    422: problem('The body or a parameter is not valid.'),
    503: problem('Temporal or the ledger is away: ask again, with the same key.'),
  },
});

/** Lists runs, newest first. */
export const listRunsRoute = createRoute({
  method: 'get',
  path: '/v1/runs',
  summary: 'List runs, newest first',
  description: 'Scope `runs:read`. A token that is for some pipelines only must name one.',
  security,
  request: { query: listQuery },
  responses: { ...refusals, 200: json('The runs.', z.object({ runs: z.array(runEntrySchema) })) },
});

/** Tells how a run stands. */
export const readRunRoute = createRoute({
  method: 'get',
  path: '/v1/runs/{run}',
  summary: 'How a run stands',
  description: 'Scope `runs:read`.',
  security,
  request: { params: runParam },
  responses: {
    ...refusals,
    200: json('Its status.', z.object({ execution: z.string(), status: runStatusSchema })),
    404: problem('No such run.'),
  },
});

/** Asks a run to end: 202, for it ends a while later. */
export const cancelRunRoute = createRoute({
  method: 'post',
  path: '/v1/runs/{run}/cancel',
  summary: 'End a run, and its jobs',
  description: 'Scope `runs:cancel`.',
  security,
  request: { params: runParam },
  responses: {
    ...refusals,
    202: json('It is being cancelled.', cancellingSchema),
    404: problem('No such run.'),
    409: problem('It is over.'),
  },
});

const decideRoute = <Verdict extends 'approve' | 'reject'>(verdict: Verdict) =>
  createRoute({
    method: 'post',
    path: `/v1/runs/{run}/${verdict}` as const,
    summary: `${verdict === 'approve' ? 'Approve' : 'Reject'} the version that a run waits with`,
    description: 'Scope `runs:approve`. The name of the token is on record as who decided.',
    security,
    request: {
      params: runParam,
      body: { content: { 'application/json': { schema: decisionBodySchema } } },
    },
    responses: {
      ...refusals,
      200: json('Decided.', decidedSchema),
      404: problem('No such run.'),
      409: problem('It does not wait for a decision.'),
    },
  });
/** Approves the version that a run waits with. */
export const approveRunRoute = decideRoute('approve');
/** Rejects it. */
export const rejectRunRoute = decideRoute('reject');
