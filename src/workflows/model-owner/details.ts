/** What Temporal's pages show of an owner. */
import { modelStatusOf, type OwnerState } from '../../contracts/release-state';

/** Markdown: the champion, the open requests, and the latest changes. */
export function detailsOf(state: OwnerState): string {
  const { champion, requests, history } = modelStatusOf(state);
  const open = requests.filter((request) => request.state !== 'finished');
  return [
    champion
      ? `**${state.model}**: champion is version ${champion.version} since ${champion.since}${champion.endpoint === undefined ? '' : `, at ${champion.endpoint}`}`
      : `**${state.model}**: no champion known`,
    ...open.map(
      ({ workflowId, state: stands, version, note }) =>
        `- ${workflowId}: ${stands}${version === undefined ? '' : `, version ${version}`}${note === undefined ? '' : `, ${note}`}`,
    ),
    ...state.promotions.map(
      ({ kind, promotion, state: stands }) =>
        `- ${kind} of version ${promotion.version} by ${promotion.by}: ${stands}`,
    ),
    ...history
      .slice(0, 5)
      .map(
        ({ at, version, event, by, why }) =>
          `> ${at} version ${version}: ${event}${by === undefined ? '' : ` by ${by}`}${why === undefined ? '' : ` (${why})`}`,
      ),
  ].join('\n');
}
