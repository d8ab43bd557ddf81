/** The fan-out: one child workflow per candidate, a bounded number at a time. */
import {
  CancellationScope,
  CancelledFailure,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  uuid4,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { mapConcurrently } from '../contracts/concurrency';
import { candidateWorkflowIdFor } from '../contracts/ids';
import { candidateStatusSchema } from '../contracts/runs';
import type { TrainCandidateInput, TrainCandidateResult } from '../contracts/steps';
import { WORKFLOW_TYPES } from '../contracts/workflow-types';
import { activitiesFor } from './activity-proxies';
import { endsTheRun, failureOf } from './failures';
import type { RunState } from './run-state';
import type { trainCandidate } from './train-candidate';

/** Candidates that are trained already, and only have to be measured and noted, at the same time. */
const TRAINED_AT_ONCE = 8;

/**
 * Trains all candidates, at most `resolved.parallel` at a time, and returns their results in the order of the file. Those that are trained already
 * wait for none of the others. Only cancellation throws.
 */
export async function trainAll(
  run: RunState,
  shared: Omit<TrainCandidateInput, 'candidate'>,
): Promise<TrainCandidateResult[]> {
  const { candidates, parallel } = shared.resolved;
  const results = new Map<string, TrainCandidateResult>();
  const trained = await findTrained(shared);
  const untrained = candidates.filter(({ name }) => !trained.includes(name));
  const trainEach = (some: typeof candidates, most: number): Promise<unknown> =>
    mapConcurrently(some, most, async ({ name, trainer }) => {
      results.set(name, await trainOne(run, { ...shared, candidate: name }, trainer));
    });
  // All are waited for, also on cancellation: a child that is still ending its job would be terminated with its parent.
  const ends = await Promise.allSettled([
    trainEach(
      candidates.filter(({ name }) => trained.includes(name)),
      TRAINED_AT_ONCE,
    ),
    trainEach(untrained, parallel),
  ]);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('the run was cancelled');
  return candidates.flatMap(({ name }) => results.get(name) ?? []);
}

/** Asked only where some would have to wait. */
async function findTrained({
  resolved,
  fresh,
  ...shared
}: Omit<TrainCandidateInput, 'candidate'>): Promise<readonly string[]> {
  const { spec, candidates, parallel, queues } = resolved;
  if (fresh || candidates.length <= parallel) return [];
  const { task, classes, features, split } = shared;
  const names = candidates.map(({ name }) => name);
  const { trained } = activitiesFor(queues);
  return (await trained.findTrained({ spec, task, classes, features, split, candidates: names })).trained;
}

/**
 * A terminated parent takes its children with it; what they leave running is found by the sweep, or adopted by the run that follows.
 * A child that was cancelled or closed from outside is one candidate less, not the end of the run.
 */
async function trainOne(
  run: RunState,
  input: TrainCandidateInput,
  trainer: string,
): Promise<TrainCandidateResult> {
  const workflowId = candidateWorkflowIdFor(input.run.workflowId, input.candidate, uuid4());
  run.candidate(input.candidate, { state: 'running', workflowId, startedAt: new Date().toISOString() });
  const { priority } = run.status;
  const result = await executeChild<typeof trainCandidate>(WORKFLOW_TYPES.trainCandidate, {
    workflowId,
    args: [priority === undefined ? input : { ...input, resolved: { ...input.resolved, priority } }],
    ...(priority !== undefined && { priority: { priorityKey: priority } }),
    parentClosePolicy: ParentClosePolicy.TERMINATE,
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    staticSummary: `${input.candidate} (${trainer})`,
  }).catch((error: unknown): TrainCandidateResult => {
    if (!endsTheRun(error)) throw error;
    if (isCancellation(error)) {
      if (CancellationScope.current().consideredCancelled) throw error;
      const lost = { code: 'TRAINER_LOST', message: 'the candidate was cancelled from outside of its run' };
      return { name: input.candidate, trainer, state: 'cancelled', error: lost };
    }
    const { code, message } = failureOf(error);
    return { name: input.candidate, trainer, state: 'failed', error: { code, message } };
  });
  run.candidateWaits(input.candidate, undefined);
  run.candidate(input.candidate, candidateStatusSchema.parse(result));
  if (result.evaluation && run.artifacts) run.artifacts.evaluations[input.candidate] = result.evaluation;
  return result;
}
