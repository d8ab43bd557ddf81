/**
 * The main workflow: a pipeline file becomes a measured, registered, deployed model. It decides; activities do.
 * Start it with `temporal workflow start --type trainingPipeline --task-queue millrace-pipelines --input '{"pipeline":"NAME"}'`.
 */
import type { RunStatus, TrainingPipelineInput } from '../contracts/runs';
import { trainingPipelineInputSchema } from '../contracts/runs';
import { conductRun, type RunContext } from './conduct-run';
import { parseInput } from './parse-input';
import { prepareData, resolveStage } from './prepare-data';
import { publishStages } from './publish-stages';
import { compareStage, releaseStages, trainStage } from './train-and-release';

/** See the file's head. @returns the run's status; outcome `failed` fails the workflow, `rejected` does not. */
export async function trainingPipeline(rawInput: TrainingPipelineInput): Promise<RunStatus> {
  const input = parseInput(trainingPipelineInputSchema, rawInput, 'the input of trainingPipeline');
  return conductRun(input, runStages);
}

/** The pipeline as drawn on a whiteboard. */
async function runStages(context: RunContext): Promise<void> {
  const resolved = await resolveStage(context);
  const { publishes } = resolved.resolved;
  if (publishes !== undefined) return publishStages(resolved, publishes);
  const prepared = await prepareData(resolved);
  const results = await trainStage(resolved, prepared);
  const winner = await compareStage(resolved, results);
  await releaseStages(resolved, prepared, winner);
}
