/** Events of the owner of a model, for tests of its transitions. */
import type { ReleaseRequest, ReleaseUpdate } from '../../../src/contracts/release';
import { newOwnerState, type OwnerState } from '../../../src/contracts/release-state';
import { transition, type ReleaseEvent } from '../../../src/contracts/release-transitions';
import { requestOf } from '../../support/release-requests';

const START = Date.parse('2026-01-01T00:00:00.000Z');
export type Happening = ReleaseEvent extends infer Event
  ? Event extends ReleaseEvent
    ? Omit<Event, 'at'>
    : never
  : never;

/** Applies events a minute apart; returns the last state and all that was told, as `RUN: state`. */
export function after(happenings: readonly Happening[], from: OwnerState = newOwnerState('churn')) {
  let state = from;
  const told: { workflowId: string; update: ReleaseUpdate }[] = [];
  for (const [index, happening] of happenings.entries()) {
    const at = new Date(START + index * 60_000).toISOString();
    const next = transition(state, { ...happening, at });
    state = next.state;
    told.push(...next.tell);
  }
  return { state, told, words: told.map(({ workflowId, update }) => `${workflowId}: ${update.state}`) };
}

export const submitted = (request: ReleaseRequest): Happening => ({ type: 'submitted', request });
export const registered = (run: string, version: string): Happening[] => [
  { type: 'registering', requestId: `${run}/1` },
  { type: 'registered', requestId: `${run}/1`, version },
];
export const verdict = (run: string, approved: boolean): Happening => ({
  type: 'decided',
  verdict: { requestId: `${run}/1`, approved, by: 'ada', why: 'seen it' },
});
export const approval = { required: true, timeoutSeconds: 3600 };
export const ready = (run: string, version: string): Happening[] => [
  submitted(requestOf(run)),
  ...registered(run, version),
];
export const waiting = (run: string, version: string): Happening[] => [
  submitted(requestOf(run, { approval })),
  ...registered(run, version),
];
export const standing = (state: OwnerState) =>
  state.entries.map((entry) => `${entry.request.workflowId} ${entry.state}`);
