/** Winner and champion on the hold-out, and the gate. Run again when the champion changes before the release. */
import { isCancellation } from '@temporalio/workflow';
import type { ArtifactRef } from '../contracts/artifacts';
import type { GateDecision } from '../contracts/gate';
import type { GateVerdict } from '../contracts/verdict';
import { verdictOf } from '../contracts/verdict';
import { decideGate } from '../contracts/gate';
import type { ResolvedRun } from '../contracts/runs';
import type {
  BuildDatasetOutput,
  Champion,
  EvaluateHoldoutOutput,
  RunScoringJobInput,
  SplitDataOutput,
  TrainCandidateResult,
} from '../contracts/steps';
import type { RunActivities } from './activity-proxies';
import { failureOf } from './failures';
import type { RunState } from './run-state';

/** What the stages before the hold-out have left. */
export interface Measurable {
  readonly resolved: ResolvedRun;
  readonly dataset: BuildDatasetOutput;
  readonly split: SplitDataOutput;
  readonly winner: TrainedCandidate;
}

/** A candidate that trained, was measured and is in MLflow. */
export type TrainedCandidate = TrainCandidateResult & {
  [Field in 'artifact' | 'evaluation' | 'modelId' | 'mlflowRunId']-?: NonNullable<
    TrainCandidateResult[Field]
  >;
};

/** The hold-out's result: the same model as the champion, or a decision with all its reasons. */
export type HoldOutResult =
  | { readonly unchanged: true; readonly champion: Champion }
  | {
      readonly unchanged: false;
      readonly champion: Champion | null;
      readonly scores: EvaluateHoldoutOutput['artifact'];
      readonly decision: GateDecision;
      readonly verdict: GateVerdict;
      /** Why the champion could not be measured fairly, when it could not. */
      readonly notComparable?: string;
    };

/** The same training, and the same threshold: a model that decides otherwise answers its callers otherwise. */
function isSameModel(champion: Champion, winner: TrainedCandidate): boolean {
  return champion.stepKey === winner.artifact.key && champion.threshold === (winner.threshold ?? null);
}

/** Scores winner and champion on the hold-out rows and decides the gate. */
export async function meetHoldOut(
  run: RunState,
  activities: RunActivities,
  input: Measurable,
): Promise<HoldOutResult> {
  const { resolved, dataset, split, winner } = input;
  const { spec, model } = resolved;
  const { task, classes } = dataset;
  const fresh = run.isFresh('holdout');
  const common = { spec, fresh, task, classes, split: split.artifact };
  const follower = { workflowId: run.status.workflowId, startedAt: run.startedAt };

  const measured = await run.stage(
    'holdout',
    async () => {
      const { champion } =
        model === undefined
          ? { champion: null }
          : await activities.services.findChampion({ spec, model, task, classes, split: split.artifact });
      run.status.champion = champion
        ? {
            version: champion.version,
            comparable: champion.notComparable === undefined,
            ...(champion.notComparable && { note: champion.notComparable }),
          }
        : undefined;
      if (champion && isSameModel(champion, winner)) return { unchanged: true as const, champion };

      const opponent = champion?.notComparable === undefined ? champion : undefined;
      const [scores, championScores] = await Promise.all([
        activities.jobs.runScoringJob({ ...common, run: follower, model: winner.artifact }),
        opponent?.model
          ? scoreChampion(activities, { ...common, run: follower, model: opponent.model })
          : undefined,
      ]);
      if (opponent && championScores?.failure !== undefined)
        refuseComparison(run, opponent, championScores.failure);
      const evaluation = await activities.data.evaluateHoldout({
        ...common,
        challenger: { name: winner.name, scores: scores.artifact, threshold: winner.threshold ?? null },
        ...(opponent &&
          championScores?.artifact && {
            champion: {
              version: opponent.version,
              scores: championScores.artifact,
              threshold: opponent.threshold,
              ...(opponent.split && { split: opponent.split }),
            },
          }),
        run: { workflowId: run.status.workflowId, runId: run.status.runId },
      });
      run.timesGated = evaluation.summary.timesGated;
      if (opponent && evaluation.notComparable !== undefined)
        run.status.champion = {
          version: opponent.version,
          comparable: false,
          note: evaluation.notComparable,
        };
      return { unchanged: false as const, champion, scores: scores.artifact, evaluation };
    },
    (result) =>
      result.unchanged
        ? { note: `the same model as champion version ${result.champion.version}` }
        : {
            note: holdOutNote(result.evaluation, result.champion),
            cached: result.evaluation.cached,
            artifact: result.evaluation.artifact,
            leaves: { holdout: result.evaluation.artifact },
          },
  );
  if (measured.unchanged) return measured;

  const notComparable = measured.champion?.notComparable ?? measured.evaluation.notComparable;
  const decision = await run.stage(
    'gate',
    () => {
      run.decision = decideGate(resolved.gate, { ...measured.evaluation.summary, notComparable });
      return Promise.resolve(run.decision);
    },
    ({ passed, reasons }) => ({
      note: `${passed ? 'passed' : 'not passed'}: ${reasons.filter((reason) => reason.passed).length} of ${reasons.length} rules hold`,
    }),
  );
  return {
    unchanged: false,
    champion: measured.champion,
    scores: measured.scores,
    decision,
    verdict: verdictOf(decision, notComparable),
    ...(notComparable !== undefined && { notComparable }),
  };
}

/** A champion that can no longer be run (a package gone, a column of another type) is not comparable; the run itself goes on. */
async function scoreChampion(
  { jobs }: RunActivities,
  input: RunScoringJobInput,
): Promise<{ artifact?: ArtifactRef; failure?: string }> {
  try {
    return { artifact: (await jobs.runScoringJob(input)).artifact };
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { code, message } = failureOf(error);
    return { failure: `${code} ${message}` };
  }
}

function refuseComparison(run: RunState, champion: Champion, failure: string): void {
  champion.notComparable = `version ${champion.version} could not be run over the hold-out rows: ${failure}`;
  run.status.champion = { version: champion.version, comparable: false, note: champion.notComparable };
}

function holdOutNote(evaluation: EvaluateHoldoutOutput, champion: Champion | null): string {
  const rows = `${evaluation.summary.rows.toLocaleString('en')} rows`;
  return champion ? `${rows}, against champion version ${champion.version}` : `${rows}, no champion yet`;
}
