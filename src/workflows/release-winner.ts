/** From the hold-out to the end: unchanged, rejected, registered or deployed. */
import { ApplicationFailure, uuid4 } from '@temporalio/workflow';
import type { GateReason } from '../contracts/gate';
import { reasonsInBrief } from '../contracts/gate-in-brief';
import type { ReleaseRequest } from '../contracts/release';
import type { RunActivities } from './activity-proxies';
import type { HoldOutResult, Measurable } from './hold-out';
import { meetHoldOut } from './hold-out';
import type { ReleaseConversation } from './release';
import type { RunState } from './run-state';

/** A champion that changes faster than this many evaluations is a matter for people. */
const MAX_ROUNDS = 5;

/**
 * Meets the hold-out, and hands over to the model's owner; evaluates again as long as the champion changes in between. Without `promote` it ends before
 * the owner hears of anything.
 */
export async function releaseWinner(
  run: RunState,
  conversation: ReleaseConversation,
  activities: RunActivities,
  input: Measurable,
  promote = true,
): Promise<void> {
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const result = await meetHoldOut(run, activities, input);
    if (result.unchanged) {
      const { version } = result.champion;
      run.status.model = { name: input.resolved.model ?? '', version };
      run.ended('unchanged', [
        `the winner ${input.winner.name} is the model that champion version ${version} already is`,
      ]);
      return;
    }
    const reasons = textsOf(result.decision.reasons);
    if (result.verdict === 'rejected') {
      run.ended('rejected', textsOf(result.decision.reasons.filter(({ passed }) => !passed)));
      return;
    }
    if (!promote) {
      run.ended('stopped', [
        `${result.verdict === 'person-decides' ? 'the gate leaves it to a person' : 'the gate passed'}; the run was started so that it promotes nothing: no version was registered, nothing was deployed`,
      ]);
      return;
    }
    if (input.resolved.model === undefined) {
      run.ended('stopped', [
        'the gate passed; the pipeline file has no registry section, so nothing was registered',
      ]);
      return;
    }

    const request = releaseRequestOf(run, input, result, input.resolved.model, round);
    const end = await run.stage(
      'release',
      async () => {
        const answer = await conversation.ask(request, activities.services);
        if (answer.state === 'failed') throw ApplicationFailure.nonRetryable(answer.message, answer.code, {});
        return answer;
      },
      (answer) => ({
        note: answer.state === 'finished' ? `${answer.outcome} as version ${answer.version}` : answer.state,
      }),
    );
    if (end.state === 'finished') {
      run.status.model = {
        name: request.model,
        version: end.version,
        ...(end.endpoint !== undefined && { endpoint: end.endpoint }),
      };
      run.ended(end.outcome, end.reason === undefined ? reasons : [end.reason]);
      return;
    }
  }
  throw ApplicationFailure.nonRetryable(
    `the champion of ${input.resolved.model ?? ''} changed after each of ${MAX_ROUNDS} evaluations`,
    'REGISTRY_CONFLICT',
    { mend: 'find out which runs release this model at the same time, then retry this run' },
  );
}

function textsOf(reasons: readonly GateReason[]): string[] {
  return reasonsInBrief(reasons).map(({ text }) => text);
}

function releaseRequestOf(
  run: RunState,
  { resolved, split, winner }: Measurable,
  result: Extract<HoldOutResult, { unchanged: false }>,
  model: string,
  round: number,
): ReleaseRequest {
  const { workflowId } = run.status;
  const why =
    result.verdict === 'person-decides'
      ? `CHAMPION_NOT_COMPARABLE: ${result.notComparable ?? ''}`
      : undefined;
  return {
    // Not the run's id, which a reset changes: then the owner's answer would be to a request that this run never made.
    requestId: `${workflowId}/${uuid4().slice(0, 8)}/${round}`,
    model,
    workflowId,
    pipeline: resolved.pipeline,
    candidate: winner.name,
    spec: resolved.spec,
    trained: winner.artifact,
    split: split.artifact,
    holdoutScores: result.scores,
    threshold: winner.threshold ?? null,
    modelId: winner.modelId,
    mlflowRunId: winner.mlflowRunId,
    championVersion: result.champion?.version ?? null,
    queues: resolved.queues,
    approval: {
      required: resolved.approval.required || why !== undefined,
      timeoutSeconds: resolved.approval.timeoutSeconds,
      ...(why !== undefined && { why }),
    },
    deployTarget: resolved.deployTarget,
  };
}
