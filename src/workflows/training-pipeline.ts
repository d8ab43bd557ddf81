/**
 * The main workflow: a pipeline file becomes a measured, registered, deployed model. It decides; activities do.
 * Start it with `temporal workflow start --type trainingPipeline --task-queue millrace-pipelines --input '{"pipeline":"NAME"}'`.
 */
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import type { ReleaseUpdate } from '../contracts/release';
import type { Decision, RunStatus, TrainingPipelineInput } from '../contracts/runs';
import { decisionSchema, RUN_MESSAGES, trainingPipelineInputSchema } from '../contracts/runs';
import { resolving, activitiesFor } from './activity-proxies';
import { Conclusion } from './conclusion';
import { endsTheRun, failureOf, workflowFailureOf } from './failures';
import { trainAll } from './candidates';
import { compareCandidates } from './compare';
import { RunState, StoppedByRequest } from './run-state';
import { ReleaseConversation } from './release';
import { releaseWinner } from './release-winner';
import { parseInput } from './parse-input';
import { watchDeadline } from './deadline';

export const statusQuery = defineQuery<RunStatus>(RUN_MESSAGES.status);
export const approveUpdate = defineUpdate<{ accepted: true; version: string | undefined }, [Decision]>(
  RUN_MESSAGES.approve,
);
export const rejectUpdate = defineUpdate<{ accepted: true; version: string | undefined }, [Decision]>(
  RUN_MESSAGES.reject,
);
export const releaseUpdateSignal = defineSignal<[ReleaseUpdate]>(RUN_MESSAGES.releaseUpdate);

/** See the file's head. @returns the run's status; outcome `failed` fails the workflow, `rejected` does not. */
export async function trainingPipeline(rawInput: TrainingPipelineInput): Promise<RunStatus> {
  const input = parseInput(trainingPipelineInputSchema, rawInput, 'the input of trainingPipeline');
  const run = new RunState(input);
  const conclusion = new Conclusion(run, input.startedBy);
  const conversation = new ReleaseConversation(run, () => conclusion.announceLater('awaitingApproval'));

  setHandler(statusQuery, () => run.status);
  setHandler(releaseUpdateSignal, (update) => conversation.receive(update));
  const decisions = {
    validator(decision: Decision): void {
      parseInput(decisionSchema, decision, 'the decision');
      conversation.assertAwaitsDecision();
    },
  };
  setHandler(approveUpdate, (decision) => conversation.decide(true, decision), decisions);
  setHandler(rejectUpdate, (decision) => conversation.decide(false, decision), decisions);

  try {
    await runStages(input, run, conclusion, conversation);
  } catch (error) {
    if (!(error instanceof StoppedByRequest) && !endsTheRun(error)) throw error;
    if (error instanceof StoppedByRequest)
      run.ended('stopped', [`stopped after the stage ${input.until ?? ''}, as asked`]);
    else if (isCancellation(error)) run.ended('cancelled', ['the run was cancelled']);
    else run.ended('failed', [], failureOf(error));
    await CancellationScope.nonCancellable(() => conclusion.conclude());
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
    if (isCancellation(error)) throw error;
    if (run.status.error) throw workflowFailureOf(run.status.error);
    return run.status;
  }
  // A cancellation that comes now comes too late: what is deployed is deployed.
  await CancellationScope.nonCancellable(() => conclusion.conclude());
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return run.status;
}

/** The pipeline as drawn on a whiteboard. Ends the run's state, whatever the outcome; throws only on failure, cancellation or `--until`. */
async function runStages(
  input: TrainingPipelineInput,
  run: RunState,
  conclusion: Conclusion,
  conversation: ReleaseConversation,
): Promise<void> {
  const resolved = await run.stage('resolve', async () => {
    const answer = await resolving.resolvePipeline({ input, workflowId: run.status.workflowId });
    run.resolved(answer);
    return answer;
  });
  const activities = activitiesFor(resolved.queues);
  const { data } = activities;
  const { spec } = resolved;
  conclusion.begin(resolved, activities);
  watchDeadline(resolved.slaSeconds, () => conclusion.announceLater('sla'));

  const acquired = await run.stage(
    'acquire',
    () => data.acquireData({ spec, fresh: run.isFresh('acquire') }),
    ({ files, bytes, cached, artifact }) => ({
      note: `${files} file${files === 1 ? '' : 's'}, ${bytes.toLocaleString('en')} bytes`,
      cached,
      artifact,
      leaves: { acquired: artifact },
    }),
  );

  const dataset = await run.stage(
    'dataset',
    () => data.buildDataset({ spec, fresh: run.isFresh('dataset'), acquired: acquired.artifact }),
    ({ rows, columns, duplicatesDropped, cached, artifact }) => ({
      note: `${rows.toLocaleString('en')} rows, ${columns} columns${duplicatesDropped > 0 ? `, ${duplicatesDropped.toLocaleString('en')} duplicates dropped` : ''}`,
      cached,
      artifact,
      leaves: { dataset: artifact },
    }),
  );
  const { task, classes } = dataset;

  await run.stage(
    'validate',
    () => data.validateData({ spec, fresh: run.isFresh('validate'), dataset: dataset.artifact }),
    ({ checked, warnings, cached, profile, quality }) => ({
      note: `${checked} rules hold${warnings.length > 0 ? `, ${warnings.length} warnings: ${warnings[0] ?? ''}` : ''}`,
      cached,
      artifact: quality,
      leaves: { profile, quality },
    }),
  );

  const features = await run.stage(
    'features',
    () => data.prepareFeatures({ spec, fresh: run.isFresh('features'), dataset: dataset.artifact, task }),
    ({ features: count, joined, cached, artifact }) => ({
      note: `${count} features${joined > 0 ? `, ${joined} joined at their point in time` : ''}`,
      cached,
      artifact,
      leaves: { features: artifact },
    }),
  );

  const split = await run.stage(
    'split',
    () => data.splitData({ spec, fresh: run.isFresh('split'), features: features.artifact, task, classes }),
    ({ train, validation, holdout, cached, artifact, leakage }) => ({
      note: `${train.toLocaleString('en')} train, ${validation.toLocaleString('en')} validation, ${holdout.toLocaleString('en')} hold-out`,
      cached,
      artifact,
      leaves: { split: artifact, leakage },
    }),
  );

  const results = await run.stage(
    'train',
    async () => {
      const tracking = await conclusion.tracking();
      return trainAll(run, {
        run: { workflowId: run.status.workflowId, runId: run.status.runId, startedAt: run.startedAt },
        resolved,
        task,
        classes,
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

  const winner = await run.stage(
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
  await releaseWinner(run, conversation, activities, { resolved, dataset, split, winner });
}
