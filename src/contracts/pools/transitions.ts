/**
 * How the state of a pool changes: pure functions of state and event. An event that does not fit the state (late, repeated) changes nothing, so that
 * messages may come twice and in any order. After every event what can be given out is given out.
 */
import type { LeasePriority, LeaseRelease, LeaseRequest } from './messages';
import {
  headOfLine,
  MOST_WAITERS,
  REMEMBERED_WITHDRAWALS,
  usedUnits,
  type Lease,
  type PoolState,
  type Waiter,
} from './state';

/** What a look at a lease found: `over` its job is gone and its holder closed, `suspect` its holder is closed but its run is open, `held` anything else. */
export interface LeaseFinding {
  readonly token: string;
  readonly found: 'over' | 'suspect' | 'held';
}

/** What can happen to a pool. `at` is ISO 8601. */
export type PoolEvent = { readonly at: string } & (
  | { readonly type: 'asked'; readonly request: LeaseRequest }
  | { readonly type: 'released'; readonly release: LeaseRelease }
  | { readonly type: 'priority-set'; readonly change: LeasePriority }
  | { readonly type: 'limit-set'; readonly units: number }
  /** Holders have been told of their grants. */
  | { readonly type: 'told'; readonly tokens: readonly string[] }
  /** Nobody knows whether they heard: the answer was lost on its way. */
  | { readonly type: 'doubted'; readonly tokens: readonly string[] }
  /** They could not be told: they are closed. */
  | { readonly type: 'unreachable'; readonly tokens: readonly string[] }
  | { readonly type: 'looked'; readonly findings: readonly LeaseFinding[] }
);

/** Applies one event. */
export function poolTransition(state: PoolState, event: PoolEvent): PoolState {
  return grantAll(changed(state, event), event.at);
}

function changed(state: PoolState, event: PoolEvent): PoolState {
  switch (event.type) {
    case 'asked':
      return asked(state, event.request, event.at);
    case 'released':
      return released(state, event.release);
    case 'priority-set':
      return prioritySet(state, event.change);
    case 'limit-set':
      return withLimit(state, event.units, event.at);
    case 'told':
      return onLeases(state, event.tokens, (lease) => [{ ...lease, told: true }]);
    case 'doubted':
      return onLeases(state, event.tokens, (lease) => [untold(lease)]);
    case 'unreachable':
      // Whoever never heard of the grant has started nothing under it; what was taken over, or told before, may run.
      return onLeases(state, event.tokens, (lease) =>
        lease.inherited && lease.jobsOn !== undefined ? [{ ...lease, told: true, ending: true }] : [],
      );
    case 'looked':
      return looked(state, event.findings);
  }
}

function asked(before: PoolState, { limit, ...request }: LeaseRequest, at: string): PoolState {
  const state = withLimit(before, limit.units, limit.asOf);
  const { token } = request;
  if (state.withdrawn.includes(token) || state.waiters.some((waiter) => waiter.token === token)) return state;
  // It asks again because it has not heard: the answer was lost with the execution that was to be told.
  if (state.leases.some((lease) => lease.token === token))
    return onLeases(state, [token], (lease) => [untold(lease)]);

  const held = state.leases.find((lease) => isSame(lease, request));
  if (held?.units === request.units) return takenOver(state, held, request);
  const ahead = state.waiters.find((waiter) => isSame(waiter, request));
  const rest = state.waiters.filter((waiter) => waiter !== ahead);
  if (rest.length >= MOST_WAITERS) return state;
  const place = ahead?.place ?? state.nextPlace;
  const waiter: Waiter = { ...request, place, since: ahead?.since ?? at };
  return {
    ...state,
    nextPlace: state.nextPlace + 1,
    waiters: ahead === undefined ? [...rest, waiter] : [...rest, waiter].sort((a, b) => a.place - b.place),
    leases: state.leases.map((lease) => (lease === held ? { ...lease, ending: true } : lease)),
  };
}

function takenOver(state: PoolState, held: Lease, request: Omit<LeaseRequest, 'limit'>): PoolState {
  const lease: Lease = {
    ...request,
    fence: state.nextFence,
    since: held.since,
    told: false,
    inherited: true,
    ending: false,
    suspect: false,
  };
  return {
    ...state,
    nextFence: state.nextFence + 1,
    granted: state.granted + 1,
    leases: state.leases.map((one) => (one === held ? lease : one)),
  };
}

function released(state: PoolState, release: LeaseRelease): PoolState {
  const { token } = release;
  const lease = state.leases.find((one) => one.token === token && isSame(one, release));
  const remembering = remembered(state, token);
  if (lease)
    return onLeases(remembering, [token], () =>
      release.verify === true && lease.jobsOn !== undefined ? [{ ...lease, ending: true }] : [],
    );
  return { ...remembering, waiters: state.waiters.filter((one) => one.token !== token) };
}

function remembered(state: PoolState, token: string): PoolState {
  if (state.withdrawn.includes(token)) return state;
  return { ...state, withdrawn: [token, ...state.withdrawn].slice(0, REMEMBERED_WITHDRAWALS) };
}

function prioritySet(state: PoolState, { workflowId, priority }: LeasePriority): PoolState {
  const change = <One extends Waiter | Lease>(one: One): One =>
    one.workflowId === workflowId && one.priority !== priority ? { ...one, priority } : one;
  return { ...state, waiters: state.waiters.map(change), leases: state.leases.map(change) };
}

function withLimit(state: PoolState, units: number, asOf: string): PoolState {
  if (Date.parse(asOf) <= Date.parse(state.limitAsOf)) return state;
  return { ...state, limit: units, limitAsOf: asOf };
}

function looked(state: PoolState, findings: readonly LeaseFinding[]): PoolState {
  const found = new Map(findings.map((finding) => [finding.token, finding.found]));
  const isNews = state.leases.some(({ token, suspect }) => {
    const finding = found.get(token);
    return finding === 'over' || (finding !== undefined && suspect !== (finding === 'suspect'));
  });
  if (!isNews) return state;
  return {
    ...state,
    leases: state.leases.flatMap((lease) => {
      const finding = found.get(lease.token);
      if (finding === undefined) return [lease];
      return finding === 'over' ? [] : [{ ...lease, suspect: finding === 'suspect' }];
    }),
  };
}

/** Serves the line as far as the units go. */
function grantAll(before: PoolState, at: string): PoolState {
  let state = before;
  for (let free = state.limit - usedUnits(state); free > 0;) {
    const head = headOfLine(state);
    if (head === undefined || head.units > free) break;
    const { place: _, ...request } = head;
    const lease: Lease = {
      ...request,
      since: at,
      fence: state.nextFence,
      told: false,
      inherited: false,
      ending: false,
      suspect: false,
    };
    free -= head.units;
    state = {
      ...state,
      nextFence: state.nextFence + 1,
      granted: state.granted + 1,
      waiters: state.waiters.filter((waiter) => waiter !== head),
      leases: [...state.leases, lease],
    };
  }
  return state;
}

/** To be told, perhaps once more: so its job may run, whoever is found closed now. */
function untold(lease: Lease): Lease {
  return { ...lease, told: false, inherited: true };
}

/** What a new execution of the pool goes on from: nobody knows which of the words that were on their way have arrived. */
export function resumed(state: PoolState): PoolState {
  return { ...state, leases: state.leases.map((lease) => (lease.told ? lease : untold(lease))) };
}

function onLeases(
  state: PoolState,
  tokens: readonly string[],
  change: (lease: Lease) => readonly Lease[],
): PoolState {
  const meant = new Set(tokens);
  if (!state.leases.some(({ token }) => meant.has(token))) return state;
  return {
    ...state,
    leases: state.leases.flatMap((lease) => (meant.has(lease.token) ? change(lease) : [lease])),
  };
}

function isSame(
  one: { readonly workflowId: string; readonly what: string },
  other: { readonly workflowId: string; readonly what: string },
): boolean {
  return one.workflowId === other.workflowId && one.what === other.what;
}
