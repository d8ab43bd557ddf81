/** Runs whose histories are recorded: each goes another way through the workflows. */
import type { WorkflowHandle } from '@temporalio/client';
import { modelReleaseIdFor } from '../../src/contracts/ids';
import { RELEASE_MESSAGES } from '../../src/contracts/release';
import { artifactNamed } from '../support/release-requests';
import { statusOf, type PipelineSuite, type Run } from '../workflows/pipeline-suite';
import { final, passing } from '../workflows/scripted-activities';

/** Name of a recorded history → the execution. The name begins with the workflow's type. */
export type Recorded = Record<string, WorkflowHandle>;

const FIVE = ['logistic', 'svm', 'forest', 'boosted', 'ours'];
/** Waits for the end of a run, whatever it is. */
export const ended = (run: Run): Promise<unknown> => run.result().catch(() => undefined);

async function awaitsApproval(suite: PipelineSuite, run: Run): Promise<void> {
  await suite.until('approval is asked for', async () => (await statusOf(run)).state === 'awaiting-approval');
}

/** The child of one of a run's candidates. */
export async function childOf(suite: PipelineSuite, run: Run, candidate: string): Promise<WorkflowHandle> {
  const { candidates } = await statusOf(run);
  const { workflowId } = candidates.find(({ name }) => name === candidate) ?? {};
  if (workflowId === undefined) throw new Error(`no child of the candidate ${candidate} was started`);
  return suite.client.workflow.getHandle(workflowId);
}

/** Five candidates against a champion, with a gate of fifty slices; a failure that passes here and there. */
async function deployed(suite: PipelineSuite): Promise<Recorded> {
  await suite.next(FIVE);
  const { pipeline } = suite;
  pipeline.resolved.gate = [
    { metric: 'roc_auc', min: 0.8, minRows: 30 },
    { metric: 'roc_auc', versusChampion: { tolerance: 0.005 }, minRows: 30 },
    { metric: 'roc_auc', slice: 'contract', min: 0.5, minRows: 30 },
  ];
  for (let value = 1; value <= 50; value++) pipeline.slices[`contract number ${String(value)}`] = 0.8;
  pipeline.champion = { version: '1', model: artifactNamed('train', 'champion'), threshold: 0.5 };
  suite.production.champion = '1';
  suite.production.versions.push('the champion');
  pipeline.fail('acquireData', ...passing('SOURCE_CHANGED'));
  const run = await suite.run({ startedBy: 'ada' });
  await run.result();
  return { 'trainingPipeline-deployed': run, 'trainCandidate-done': await childOf(suite, run, 'ours') };
}

async function approved(suite: PipelineSuite): Promise<Recorded> {
  await suite.next();
  suite.pipeline.resolved.approval = { required: true, timeoutSeconds: 3600 };
  const run = await suite.run();
  await awaitsApproval(suite, run);
  await run.executeUpdate<unknown, [unknown]>('approve', { args: [{ by: 'ada', why: 'looked at it' }] });
  await run.result();
  const second = await suite.run();
  await awaitsApproval(suite, second).catch(() => undefined);
  await second.cancel();
  await ended(second);
  const owner = suite.client.workflow.getHandle(modelReleaseIdFor(suite.model));
  await owner.executeUpdate<unknown, [unknown]>(RELEASE_MESSAGES.promote, {
    args: [{ version: '1', by: 'ada', why: 'once more' }],
  });
  return { 'trainingPipeline-approved': run, modelRelease: owner };
}

async function rejected(suite: PipelineSuite): Promise<Recorded> {
  await suite.next();
  suite.pipeline.holdOut = 0.7;
  const run = await suite.run();
  await run.result();
  return { 'trainingPipeline-rejected': run };
}

async function failed(suite: PipelineSuite): Promise<Recorded> {
  await suite.next();
  suite.pipeline.fail('validateData', final('QUALITY_FAILED'));
  const run = await suite.run();
  await ended(run);
  return { 'trainingPipeline-failed': run };
}

async function cancelled(suite: PipelineSuite): Promise<Recorded> {
  await suite.next();
  suite.pipeline.hold('runTrainingJob');
  const run = await suite.run();
  await suite.until('two jobs run', () => suite.pipeline.count('runTrainingJob') === 2);
  await run.cancel();
  await ended(run);
  return {
    'trainingPipeline-cancelled': run,
    'trainCandidate-cancelled': await childOf(suite, run, 'forest'),
  };
}

/** One candidate refuses its input, one is terminated by hand: a real server tells the parent, the one that skips time does not. */
async function oneLeft(suite: PipelineSuite): Promise<Recorded> {
  await suite.next();
  suite.pipeline.fail('runTrainingJob logistic', final('TRAINER_BAD_INPUT'));
  const held = suite.pipeline.hold('runTrainingJob forest');
  const run = await suite.run();
  await held.reached;
  await (await childOf(suite, run, 'forest')).terminate('by hand');
  await run.result();
  held.release();
  return { 'trainingPipeline-one-left': run, 'trainCandidate-failed': await childOf(suite, run, 'logistic') };
}

async function stopped(suite: PipelineSuite): Promise<Recorded> {
  await suite.next();
  const run = await suite.run({ until: 'compare', noCache: true });
  await run.result();
  return { 'trainingPipeline-stopped': run };
}

export const SCENARIOS = [deployed, approved, rejected, failed, cancelled, oneLeft, stopped];
