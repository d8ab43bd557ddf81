/** The decision of this workflow. Pure, so that a table of cases tests it. */
import { chooseWinner, MillraceError, type RunStatus } from 'millrace/contracts';

/**
 * Names of the best `count` candidates of a screening, by the metric that selects in the pipeline file; of equals, the one whose name sorts
 * first. Candidates that failed on the sample are left out.
 *
 * @throws MillraceError ALL_CANDIDATES_FAILED when the screening measured none
 */
export function finalistsOf({ candidates }: Pick<RunStatus, 'candidates'>, count: number): string[] {
  const metric = candidates.find((candidate) => candidate.metric)?.metric?.name;
  const { ranking } =
    metric === undefined
      ? { ranking: [] }
      : chooseWinner(
          candidates.map(({ name, metric: measured, error }) => ({
            name,
            value: measured?.value ?? null,
            failure: error?.message,
          })),
          { metric },
        );
  if (ranking.length > 0) return ranking.slice(0, count).map(({ name }) => name);
  throw new MillraceError('ALL_CANDIDATES_FAILED', 'no candidate could be measured on the sample', {
    mend: 'look at the screening with `millrace show`, then start again with more sampleRows',
  });
}
