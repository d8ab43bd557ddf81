/** The comparison of the candidates on validation. */
import { MillraceError } from '../contracts/errors';
import type { TrainCandidateResult } from '../contracts/steps';
import { chooseWinner } from '../contracts/winner';
import type { TrainedCandidate } from './hold-out';

/** The candidate that wins on validation. @throws ALL_CANDIDATES_FAILED naming what befell each, when none is left. */
export function compareCandidates(results: readonly TrainCandidateResult[]): TrainedCandidate {
  const trained = results.filter(isTrained);
  const metric = trained.find((candidate) => candidate.metric)?.metric?.name;
  const choice =
    metric === undefined
      ? undefined
      : chooseWinner(
          results.map((candidate) => ({
            name: candidate.name,
            value: candidate.metric?.value ?? null,
            failure: isTrained(candidate) ? undefined : (candidate.error?.message ?? 'it has no model'),
          })),
          { metric },
        );
  const winner = trained.find(({ name }) => name === choice?.winner);
  if (winner) return winner;
  const causes = results.map(
    ({ name, error }) => `${name}: ${error ? `${error.code} ${error.message}` : 'no metric'}`,
  );
  throw new MillraceError(
    'ALL_CANDIDATES_FAILED',
    `none of ${results.length} candidates is left: ${causes.join('; ')}`.slice(0, 4000),
    {
      mend: 'read the logs of the candidates (`millrace logs RUN CANDIDATE`), mend the cause, then `millrace retry RUN`',
    },
  );
}

function isTrained(candidate: TrainCandidateResult): candidate is TrainedCandidate {
  return [candidate.artifact, candidate.evaluation, candidate.modelId, candidate.mlflowRunId].every(
    (part) => part !== undefined,
  );
}
