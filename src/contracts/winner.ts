/** The choice of the winner among the candidates, on validation. */
import { MillraceError } from './errors';
import { describeMetric, improvement, METRIC_NAMES } from './metrics';

/** A candidate as the choice sees it. */
export interface CandidateResult {
  readonly name: string;
  /** Its value of the selecting metric on validation; `null` where it is not defined. */
  readonly value: number | null;
  /** Why it has no model, when it failed. */
  readonly failure?: string | undefined;
}

/** The winner and all the others. */
export interface WinnerChoice {
  /** `null` when nobody is left to choose from. */
  readonly winner: string | null;
  /** Those that could win, best first. */
  readonly ranking: { readonly name: string; readonly value: number }[];
  /** Those that could not, by name, each with the reason. */
  readonly excluded: { readonly name: string; readonly reason: string }[];
}

/**
 * The candidate with the best value in the direction of the metric; of equals, the one whose name sorts first, so that
 * neither the order of the file nor that of completion decides.
 *
 * @param metric a name of the metric catalogue
 * @throws MillraceError PIPELINE_FILE_INVALID when the catalogue has no such metric
 */
export function chooseWinner(
  candidates: readonly CandidateResult[],
  { metric }: { metric: string },
): WinnerChoice {
  const direction = describeMetric(metric)?.direction;
  if (direction === undefined) {
    throw new MillraceError(
      'PIPELINE_FILE_INVALID',
      `There is no metric ${JSON.stringify(metric)} to choose the winner by.`,
      {
        where: 'evaluation.select.metric',
        mend: `Use one of ${METRIC_NAMES.join(', ')}.`,
      },
    );
  }
  const ranking: { name: string; value: number }[] = [];
  const excluded: { name: string; reason: string }[] = [];
  for (const { name, value, failure } of candidates) {
    if (failure !== undefined) excluded.push({ name, reason: failure });
    else if (value === null || !Number.isFinite(value))
      excluded.push({ name, reason: `${metric} is not defined on its validation rows` });
    else ranking.push({ name, value });
  }
  ranking.sort((a, b) => improvement(direction, b.value, a.value) || byName(a, b));
  excluded.sort(byName);
  return { winner: ranking[0]?.name ?? null, ranking, excluded };
}

/** By code units: the order of a locale differs between machines. */
function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
