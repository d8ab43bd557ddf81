/**
 * How the state of a model's owner changes: pure functions of state and event. An event that does not fit the state (late, repeated)
 * changes nothing, so that messages may come twice and in any order.
 */
import type { Promotion, ReleaseRequest, ReleaseUpdate, ReleaseVerdict } from './release';
import {
  closed,
  onOpen,
  recorded,
  replaced,
  same,
  type HistoryRecord,
  type Transition,
} from './release-changes';
import { championSeen, promoted, promotionAsked, promotionFailed } from './promotion-transitions';
import {
  deployedBefore,
  openRequest,
  REMEMBERED_REQUESTS,
  type OwnerState,
  type PromotionEntry,
  type ReleaseEntry,
} from './release-state';

/** What can happen to an owner. `at` is ISO 8601. */
export type ReleaseEvent = { readonly at: string } & (
  | { readonly type: 'submitted'; readonly request: ReleaseRequest }
  | { readonly type: 'withdrawn'; readonly requestId: string }
  /** An update could not be delivered: the run is closed. Nobody waits for the release any more. */
  | { readonly type: 'run-gone'; readonly requestId: string }
  | { readonly type: 'registering'; readonly requestId: string }
  | { readonly type: 'registered'; readonly requestId: string; readonly version: string }
  | { readonly type: 'decided'; readonly verdict: ReleaseVerdict }
  | { readonly type: 'approval-expired'; readonly requestId: string }
  | { readonly type: 'deploying'; readonly id: string }
  | { readonly type: 'champion-seen'; readonly version: string | null }
  | { readonly type: 'champion-changed'; readonly requestId: string; readonly championVersion: string | null }
  | { readonly type: 'deployed'; readonly requestId: string; readonly endpoint?: string }
  | { readonly type: 'failed'; readonly requestId: string; readonly code: string; readonly message: string }
  | {
      readonly type: 'promotion-asked';
      readonly promotionId: string;
      readonly kind: PromotionEntry['kind'];
      readonly promotion: Promotion;
    }
  | { readonly type: 'promoted'; readonly promotionId: string; readonly endpoint?: string }
  | { readonly type: 'promotion-failed'; readonly promotionId: string; readonly message: string }
);

/** Applies one event. */
export function transition(state: OwnerState, event: ReleaseEvent): Transition {
  switch (event.type) {
    case 'submitted':
      return submitted(state, event.request, event.at);
    case 'withdrawn':
      return withdrawn(state, event.requestId, 'withdrawn: its run was cancelled', event.at);
    case 'run-gone':
      return onOpen(state, event.requestId, (entry) =>
        drop(state, entry, 'withdrawn: its run is closed', event.at),
      );
    case 'registering':
      return onOpen(state, event.requestId, (entry) =>
        same(replaced(state, { ...entry, state: 'registering' })),
      );
    case 'registered':
      return onOpen(state, event.requestId, (entry) => registered(state, entry, event.version, event.at));
    case 'decided':
      return onOpen(state, event.verdict.requestId, (entry) =>
        decided(state, entry, event.verdict, event.at),
      );
    case 'approval-expired':
      return onOpen(state, event.requestId, (entry) => expired(state, entry, event.at));
    case 'deploying':
      return deploying(state, event.id);
    case 'champion-seen':
      return same(championSeen(state, event.version, event.at));
    case 'champion-changed':
      return onOpen(state, event.requestId, (entry) => championChanged(state, entry, event.championVersion));
    case 'deployed':
      return onOpen(state, event.requestId, (entry) => deployed(state, entry, event.endpoint, event.at));
    case 'failed':
      return onOpen(state, event.requestId, (entry) => failed(state, entry, event));
    case 'promotion-asked':
      return same(promotionAsked(state, event));
    case 'promoted':
      return same(promoted(state, event));
    case 'promotion-failed':
      return same(promotionFailed(state, event));
  }
}

function submitted(state: OwnerState, request: ReleaseRequest, at: string): Transition {
  const { requestId, workflowId } = request;
  const finished = state.finished.find((known) => known.requestId === requestId);
  if (finished) return { state, tell: finished.update ? [{ workflowId, update: finished.update }] : [] };
  if (openRequest(state, requestId) || state.withdrawnUnseen.includes(requestId)) return same(state);

  // A run has one open request: after a reset or a retry its new execution asks again, and nobody waits for the old answer.
  const cleared = state.entries
    .filter((entry) => entry.request.workflowId === workflowId)
    .reduce(
      (current, entry) => withdrawn(current, entry.request.requestId, `superseded by ${requestId}`, at).state,
      state,
    );
  const behind = cleared.entries
    .filter((entry) => entry.state === 'queued' || entry.state === 'registering')
    .map((entry) => entry.request.workflowId);
  return {
    state: {
      ...cleared,
      queues: request.queues,
      entries: [...cleared.entries, { request, state: 'queued' }],
    },
    tell: behind.length === 0 ? [] : [{ workflowId, update: { requestId, state: 'queued', behind } }],
  };
}

/** A deployment that has begun is finished: stopping half-way helps nobody. */
function withdrawn(state: OwnerState, requestId: string, note: string, at: string): Transition {
  const entry = openRequest(state, requestId);
  if (entry) return entry.state === 'deploying' ? same(state) : drop(state, entry, note, at);
  if (state.finished.some((known) => known.requestId === requestId)) return same(state);
  return same({
    ...state,
    withdrawnUnseen: [requestId, ...state.withdrawnUnseen].slice(0, REMEMBERED_REQUESTS),
  });
}

function drop(state: OwnerState, entry: ReleaseEntry, note: string, at: string): Transition {
  if (entry.state === 'registering') return same(replaced(state, { ...entry, dropped: note }));
  return closed(state, entry, note, undefined, { at, event: note });
}

function registered(state: OwnerState, entry: ReleaseEntry, version: string, at: string): Transition {
  const { requestId, workflowId, approval, deployTarget } = entry.request;
  if (entry.state !== 'registering') return same(state);
  const known: ReleaseEntry = { ...entry, version };
  if (entry.dropped !== undefined)
    return closed(state, known, entry.dropped, undefined, { at, event: entry.dropped });
  const first = { workflowId, update: { requestId, state: 'registered' as const, version } };
  if (deployTarget === 'none') {
    const update: ReleaseUpdate = { requestId, state: 'finished', outcome: 'registered', version };
    const end = closed(state, known, 'registered', update, { at, event: 'registered' });
    return { state: end.state, tell: [first, ...end.tell] };
  }
  if (approval.required) {
    const until = new Date(Date.parse(at) + approval.timeoutSeconds * 1000).toISOString();
    const update: ReleaseUpdate = {
      requestId,
      state: 'awaiting-approval',
      version,
      until,
      ...(approval.why !== undefined && { why: approval.why }),
    };
    return {
      state: replaced(state, { ...known, state: 'awaiting-approval', approvalUntil: until }),
      tell: [first, { workflowId, update }],
    };
  }
  const next = ready(state, known);
  return { state: next.state, tell: [first, ...next.tell] };
}

function ready(state: OwnerState, entry: ReleaseEntry): Transition {
  const { requestId, workflowId } = entry.request;
  const place = state.nextPlace;
  const next = replaced({ ...state, nextPlace: place + 1 }, { ...entry, state: 'approved', place });
  const behind = deployedBefore(next, place);
  return {
    state: next,
    tell: behind.length === 0 ? [] : [{ workflowId, update: { requestId, state: 'queued', behind } }],
  };
}

function decided(state: OwnerState, entry: ReleaseEntry, verdict: ReleaseVerdict, at: string): Transition {
  if (entry.state !== 'awaiting-approval') return same(state);
  const { by, why, approved } = verdict;
  const person = { at, by, ...(why !== undefined && { why }) };
  if (approved) return ready(recorded(state, entry.version, { ...person, event: 'approved' }), entry);
  return rejected(state, entry, `rejected by ${by}${why === undefined ? '' : `: ${why}`}`, {
    ...person,
    event: 'rejected',
  });
}

function expired(state: OwnerState, entry: ReleaseEntry, at: string): Transition {
  if (entry.state !== 'awaiting-approval') return same(state);
  const reason = `nobody approved or rejected it until ${entry.approvalUntil ?? at}`;
  return rejected(state, entry, reason, { at, event: 'rejected', why: reason });
}

function rejected(state: OwnerState, entry: ReleaseEntry, reason: string, record: HistoryRecord): Transition {
  const update: ReleaseUpdate = {
    requestId: entry.request.requestId,
    state: 'finished',
    outcome: 'rejected',
    version: entry.version ?? '',
    reason,
  };
  return closed(state, entry, reason, update, record);
}

function deploying(state: OwnerState, id: string): Transition {
  const entry = openRequest(state, id);
  if (!entry) {
    const promotions = state.promotions.map((promotion) =>
      promotion.promotionId === id ? { ...promotion, state: 'deploying' as const } : promotion,
    );
    return same({ ...state, promotions });
  }
  const { requestId, workflowId } = entry.request;
  return {
    state: replaced(state, { ...entry, state: 'deploying' }),
    tell: [{ workflowId, update: { requestId, state: 'deploying', version: entry.version ?? '' } }],
  };
}

function championChanged(state: OwnerState, entry: ReleaseEntry, championVersion: string | null): Transition {
  const update: ReleaseUpdate = {
    requestId: entry.request.requestId,
    state: 'champion-changed',
    championVersion,
  };
  const now = championVersion === null ? 'there is none now' : `it is version ${championVersion} now`;
  return closed(state, entry, `sent back: the champion changed since the evaluation, ${now}`, update);
}

function deployed(
  state: OwnerState,
  entry: ReleaseEntry,
  endpoint: string | undefined,
  at: string,
): Transition {
  const version = entry.version ?? '';
  const { requestId, workflowId } = entry.request;
  const served = endpoint !== undefined && { endpoint };
  const next = { ...state, champion: { version, since: at, workflowId, ...served } };
  const update: ReleaseUpdate = { requestId, state: 'finished', outcome: 'deployed', version, ...served };
  return closed(next, entry, 'deployed', update, { at, event: 'deployed', by: workflowId });
}

function failed(
  state: OwnerState,
  entry: ReleaseEntry,
  { code, message, at }: { code: string; message: string; at: string },
): Transition {
  const { requestId } = entry.request;
  const version = entry.version === undefined ? {} : { version: entry.version };
  const why = `${code}: ${message}`;
  return closed(
    state,
    entry,
    why,
    { requestId, state: 'failed', code, message, ...version },
    {
      at,
      event: 'failed',
      why,
    },
  );
}
