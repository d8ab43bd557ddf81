/** The state of a model's owner (`modelRelease`): what it carries across continue-as-new, and what its query shows. */
import { z } from 'zod';
import {
  modelStatusSchema,
  promotionSchema,
  releaseRequestSchema,
  releaseUpdateSchema,
  type ModelStatus,
  type ReleaseRequest,
} from './release';

/** Finished requests that are remembered, so that a repeated submission gets the same answer. */
export const REMEMBERED_REQUESTS = 50;
/** Entries of the history that `status` shows. */
export const REMEMBERED_HISTORY = 100;

/** One open request. `approved` means ready: nothing but its place in the line stands before its deployment. */
export const releaseEntrySchema = z.object({
  request: releaseRequestSchema,
  state: z.enum(['queued', 'registering', 'awaiting-approval', 'approved', 'deploying']),
  version: z.string().optional(),
  /** ISO 8601 moment at which waiting for a person ends; an absolute time, so that continuing as new does not prolong it. */
  approvalUntil: z.string().optional(),
  /** Place in the line for deployment, given when it became ready. */
  place: z.number().int().optional(),
  /** Taken back while it was being registered; dropped as soon as that is over. */
  dropped: z.string().optional(),
});
export type ReleaseEntry = z.infer<typeof releaseEntrySchema>;

/** A promotion or roll-back that a person has asked for and waits for. */
export const promotionEntrySchema = z.object({
  promotionId: z.string(),
  kind: z.enum(['promote', 'rollback']),
  promotion: promotionSchema,
  place: z.number().int(),
  state: z.enum(['approved', 'deploying']),
});
export type PromotionEntry = z.infer<typeof promotionEntrySchema>;

const finishedRequestSchema = z.object({
  requestId: z.string(),
  workflowId: z.string(),
  pipeline: z.string(),
  version: z.string().optional(),
  note: z.string(),
  /** The last word to the run; absent when the request was taken back. */
  update: releaseUpdateSchema.optional(),
});

/** What a model's owner carries across continue-as-new. */
export const ownerStateSchema = z.object({
  model: z.string(),
  nextPlace: z.number().int(),
  /** Queues of the last request: where a promotion's activities go. */
  queues: releaseRequestSchema.shape.queues.optional(),
  champion: z
    .object({
      version: z.string(),
      since: z.string(),
      endpoint: z.string().optional(),
      /** Run whose request put it there. */
      workflowId: z.string().optional(),
    })
    .optional(),
  /** In order of arrival. */
  entries: z.array(releaseEntrySchema),
  promotions: z.array(promotionEntrySchema),
  /** Newest first, bounded. */
  finished: z.array(finishedRequestSchema),
  /** Requests taken back before they came: a signal can overtake the activity that submits. Newest first, bounded. */
  withdrawnUnseen: z.array(z.string()),
  history: modelStatusSchema.shape.history,
});
export type OwnerState = z.infer<typeof ownerStateSchema>;

/** The state of an owner that nobody has asked for anything yet. */
export function newOwnerState(model: string, queues?: ReleaseRequest['queues']): OwnerState {
  return {
    model,
    nextPlace: 1,
    ...(queues && { queues }),
    entries: [],
    promotions: [],
    finished: [],
    withdrawnUnseen: [],
    history: [],
  };
}

/** Who stands first in the line for deployment. */
export type NextDeployment =
  | { readonly kind: 'request'; readonly id: string; readonly place: number; readonly entry: ReleaseEntry }
  | {
      readonly kind: 'promotion';
      readonly id: string;
      readonly place: number;
      readonly entry: PromotionEntry;
    };

/** The request to register now: the oldest one, unless another is being registered. One at a time, so that version numbers follow the order of arrival. */
export function nextToRegister(state: OwnerState): ReleaseEntry | undefined {
  if (state.entries.some((entry) => entry.state === 'registering')) return undefined;
  return state.entries.find((entry) => entry.state === 'queued');
}

/** What to deploy now: first come, first served by the moment it became ready; nothing while another deployment is under way. */
export function nextToDeploy(
  state: OwnerState,
  only: 'promotions' | 'all' = 'all',
): NextDeployment | undefined {
  if ([...state.entries, ...state.promotions].some((entry) => entry.state === 'deploying')) return undefined;
  return lineForDeployment(state).find((next) => only === 'all' || next.kind === 'promotion');
}

/** The open request whose wait for a person ends first. */
export function nextToExpire(state: OwnerState): { requestId: string; until: string } | undefined {
  return state.entries
    .flatMap(({ request, approvalUntil, state: stands }) =>
      stands === 'awaiting-approval' && approvalUntil !== undefined
        ? [{ requestId: request.requestId, until: approvalUntil }]
        : [],
    )
    .sort((a, b) => a.until.localeCompare(b.until))[0];
}

/** Whom a deployment at this place waits for, in order: workflow ids of runs, and promotions in words. */
export function deployedBefore(state: OwnerState, place: number): string[] {
  const underWay = [
    ...state.entries.filter((entry) => entry.state === 'deploying').map(nameOfRequest),
    ...state.promotions.filter((entry) => entry.state === 'deploying').map(nameOfPromotion),
  ];
  const ahead = lineForDeployment(state)
    .filter((next) => next.place < place)
    .map((next) => (next.kind === 'request' ? nameOfRequest(next.entry) : nameOfPromotion(next.entry)));
  return [...underWay, ...ahead];
}

/** The open request of that id. */
export function openRequest(state: OwnerState, requestId: string): ReleaseEntry | undefined {
  return state.entries.find((entry) => entry.request.requestId === requestId);
}

/** The answer of the query `status`: open requests in order of arrival, then finished ones, newest first. */
export function modelStatusOf(state: OwnerState): ModelStatus {
  const open = state.entries.map(({ request, state: stands, version, approvalUntil }) => ({
    requestId: request.requestId,
    workflowId: request.workflowId,
    pipeline: request.pipeline,
    state: stands,
    ...(version !== undefined && { version }),
    ...(stands === 'awaiting-approval' &&
      approvalUntil !== undefined && {
        note: `waits for approve or reject until ${approvalUntil}${request.approval.why === undefined ? '' : `: ${request.approval.why}`}`,
      }),
  }));
  const finished = state.finished.map(({ requestId, workflowId, pipeline, version, note }) => ({
    requestId,
    workflowId,
    pipeline,
    state: 'finished' as const,
    ...(version !== undefined && { version }),
    note,
  }));
  const { champion } = state;
  return {
    model: state.model,
    ...(champion && {
      champion: {
        version: champion.version,
        since: champion.since,
        ...(champion.endpoint !== undefined && { endpoint: champion.endpoint }),
      },
    }),
    requests: [...open, ...finished],
    history: state.history,
  };
}

function lineForDeployment(state: OwnerState): NextDeployment[] {
  const requests = state.entries
    .filter((entry) => entry.state === 'approved')
    .map((entry) => ({
      kind: 'request' as const,
      id: entry.request.requestId,
      place: entry.place ?? 0,
      entry,
    }));
  const promotions = state.promotions
    .filter((entry) => entry.state === 'approved')
    .map((entry) => ({ kind: 'promotion' as const, id: entry.promotionId, place: entry.place, entry }));
  return [...requests, ...promotions].sort((a, b) => a.place - b.place);
}

function nameOfRequest({ request }: ReleaseEntry): string {
  return request.workflowId;
}

function nameOfPromotion({ kind, promotion }: PromotionEntry): string {
  return `${kind} of version ${promotion.version} by ${promotion.by}`;
}
