/** How the champion changes without a run: by a person here (promotion, roll-back), or by somebody in the registry itself. */
import { recorded } from './release-changes';
import type { OwnerState, PromotionEntry } from './release-state';

/** Puts a promotion in the line for deployment. */
export function promotionAsked(
  state: OwnerState,
  { promotionId, kind, promotion }: Pick<PromotionEntry, 'promotionId' | 'kind' | 'promotion'>,
): OwnerState {
  const entry: PromotionEntry = { promotionId, kind, promotion, place: state.nextPlace, state: 'approved' };
  return { ...state, nextPlace: state.nextPlace + 1, promotions: [...state.promotions, entry] };
}

/** The promotion is done: its version is champion. */
export function promoted(
  state: OwnerState,
  { promotionId, endpoint, at }: { promotionId: string; endpoint?: string; at: string },
): OwnerState {
  return onPromotion(state, promotionId, (rest, { kind, promotion: { version, by, why } }) =>
    recorded(
      { ...rest, champion: { version, since: at, ...(endpoint !== undefined && { endpoint }) } },
      version,
      {
        at,
        event: kind === 'promote' ? 'promoted' : 'rolled back',
        by,
        ...(why !== undefined && { why }),
      },
    ),
  );
}

/** The promotion failed, and nothing was changed. */
export function promotionFailed(
  state: OwnerState,
  { promotionId, message, at }: { promotionId: string; message: string; at: string },
): OwnerState {
  return onPromotion(state, promotionId, (rest, { kind, promotion: { version, by } }) =>
    recorded(rest, version, { at, event: `${kind} failed`, by, why: message }),
  );
}

/** The registry has the last word on who is champion: a person may have moved the alias there. */
export function championSeen(state: OwnerState, version: string | null, at: string): OwnerState {
  if ((state.champion?.version ?? null) === version) return state;
  const { champion, ...rest } = state;
  if (version === null)
    return recorded(rest, champion?.version, { at, event: 'the alias champion was removed in the registry' });
  return recorded({ ...rest, champion: { version, since: at } }, version, {
    at,
    event: 'found as champion in the registry',
  });
}

function onPromotion(
  state: OwnerState,
  promotionId: string,
  change: (rest: OwnerState, entry: PromotionEntry) => OwnerState,
): OwnerState {
  const entry = state.promotions.find((promotion) => promotion.promotionId === promotionId);
  if (!entry) return state;
  const promotions = state.promotions.filter((promotion) => promotion.promotionId !== promotionId);
  return change({ ...state, promotions }, entry);
}
