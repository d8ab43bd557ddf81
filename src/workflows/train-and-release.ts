/** The stages from `train` to `release`: candidates become one winner, and the winner a version. */
import type { TrainCandidateResult } from '../contracts/steps';
import { trainAll } from './candidates';
import { compareCandidates } from './compare';
import type { TrainedCandidate } from './hold-out';
import type { PreparedData, ResolvedContext } from './prepare-data';
import { releaseWinner } from './release-winner';

/**
 * Stage `train`: one child workflow for each of `resolved.candidates`; a shorter list there trains fewer. A candidate that fails is a result,
 * not an error.
 */
export function trainStage(
  { run, conclusion, resolved }: ResolvedContext,
  { dataset, features, split }: PreparedData,
): Promise<TrainCandidateResult[]> {
  return run.stage(
    'train',
    async () => {
      const tracking = await conclusion.tracking();
      return trainAll(run, {
        run: { workflowId: run.status.workflowId, runId: run.status.runId, startedAt: run.startedAt },
        resolved,
        task: dataset.task,
        classes: dataset.classes,
        features: features.artifact,
        split: split.artifact,
        tracking,
        fresh: run.isFresh('train'),
      });
    },
    (all) => ({
      note: `${all.filter(({ error }) => error === undefined).length} of ${all.length} candidates`,
      cached: all.every(({ state }) => state === 'cached'),
    }),
  );
}

/** Stage `compare`: the best on validation. @throws ALL_CANDIDATES_FAILED when none is left. */
export function compareStage(
  { run }: ResolvedContext,
  results: readonly TrainCandidateResult[],
): Promise<TrainedCandidate> {
  return run.stage(
    'compare',
    () => {
      const best = compareCandidates(results);
      run.status.winner = best.name;
      return Promise.resolve(best);
    },
    ({ name, metric }) => ({
      note: `${name}: ${metric?.name ?? ''} ${metric?.value?.toFixed(4) ?? ''} on validation`,
    }),
  );
}

/**
 * The stages `holdout`, `gate` and `release`: the winner meets the champion on rows that neither has seen, and goes to its model's owner. Ends the
 * run's state: nothing but the records follows.
 */
export function releaseStages(
  { input, run, conversation, activities, resolved }: ResolvedContext,
  { dataset, split }: PreparedData,
  winner: TrainedCandidate,
): Promise<void> {
  return releaseWinner(run, conversation, activities, { resolved, dataset, split, winner }, input.promote);
}
