/** The small changes that the transitions of a model's owner are made of. */
import type { ReleaseUpdate } from './release';
import {
  openRequest,
  REMEMBERED_HISTORY,
  REMEMBERED_REQUESTS,
  type OwnerState,
  type ReleaseEntry,
} from './release-state';

/** A word to a run. */
export interface Telling {
  readonly workflowId: string;
  readonly update: ReleaseUpdate;
}

/** The next state, and what runs have to hear, in order. */
export interface Transition {
  readonly state: OwnerState;
  readonly tell: readonly Telling[];
}

/** An entry of the history, before its version is known. */
export type HistoryRecord = Omit<OwnerState['history'][number], 'version'>;

/** Takes a request out of the open ones, remembers how it ended, and tells its run `update`, where there is something to tell. */
export function closed(
  state: OwnerState,
  entry: ReleaseEntry,
  note: string,
  update: ReleaseUpdate | undefined,
  record?: HistoryRecord,
): Transition {
  const { requestId, workflowId, pipeline } = entry.request;
  const end = {
    requestId,
    workflowId,
    pipeline,
    note,
    ...(entry.version !== undefined && { version: entry.version }),
    ...(update && { update }),
  };
  const next: OwnerState = {
    ...state,
    entries: state.entries.filter((open) => open.request.requestId !== requestId),
    finished: [end, ...state.finished].slice(0, REMEMBERED_REQUESTS),
  };
  return {
    state: record ? recorded(next, entry.version, record) : next,
    tell: update ? [{ workflowId, update }] : [],
  };
}

/** Puts a change of the champion, or a refusal, on record. What never had a version is not. */
export function recorded(state: OwnerState, version: string | undefined, record: HistoryRecord): OwnerState {
  if (version === undefined) return state;
  return { ...state, history: [{ ...record, version }, ...state.history].slice(0, REMEMBERED_HISTORY) };
}

/** The state with one open request changed. */
export function replaced(state: OwnerState, entry: ReleaseEntry): OwnerState {
  const { requestId } = entry.request;
  return {
    ...state,
    entries: state.entries.map((open) => (open.request.requestId === requestId ? entry : open)),
  };
}

/** Applies `change` to an open request; nothing happens when it is not open (any more). */
export function onOpen(
  state: OwnerState,
  requestId: string,
  change: (entry: ReleaseEntry) => Transition,
): Transition {
  const entry = openRequest(state, requestId);
  return entry ? change(entry) : same(state);
}

/** A state that no run has to hear about. */
export function same(state: OwnerState): Transition {
  return { state, tell: [] };
}
