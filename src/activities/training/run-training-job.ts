/** The activity that trains one candidate, or finds it trained. */
import { copyFile, cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunTrainingJobInput, RunTrainingJobOutput } from '../../contracts/steps';
import { runTrainingJobInputSchema } from '../../contracts/steps';
import type { JobStatus } from '../../ports/job-backend';
import type { StoredArtifact } from '../../ports/artifact-store';
import type { CandidateTraining } from './candidate-job';
import { threadsOf, trainInputOf, trainingIdentity, trainingJobName, trainerSpecOf } from './candidate-job';
import { checkJobResult } from './check-result';
import type { TrainingActivityDependencies } from './dependencies';
import { followJob } from './follow-job';
import { describeTraining } from './describe-training';
import { copyLog, findDone, summaryOf, threadLimits, type JobSummary } from './job-output';
import { IMAGE_FILE } from './pods';

/** See {@link runTrainingJobInputSchema}. */
export async function runTrainingJob(
  dependencies: TrainingActivityDependencies,
  rawInput: RunTrainingJobInput,
): Promise<RunTrainingJobOutput> {
  const input = runTrainingJobInputSchema.parse(rawInput);
  const { store } = dependencies;
  const { training, split, code, requirements, pod } = await describeTraining(dependencies, input);
  const identity = trainingIdentity(training);
  const found = await findDone(store, identity, input.fresh ? input.run.startedAt : undefined);
  if (found) return outputOf(found, true);

  const { candidate, spec } = training;
  const trainer = trainerSpecOf(candidate);
  const status = await followJob(dependencies, {
    jobName: trainingJobName(
      training,
      input.fresh ? `${input.run.workflowId} ${input.run.startedAt}` : undefined,
    ),
    input: trainInputOf(training),
    files: {
      'train.parquet': path.join(split.directory, 'train.parquet'),
      'validation.parquet': path.join(split.directory, 'validation.parquet'),
      ...Object.fromEntries(
        Object.entries(code).map(([name, file]) => [path.posix.join('code', name), file]),
      ),
    },
    python: training.environment.python,
    ...(trainer.kind === 'command' && { command: trainer.command }),
    environment: {
      ...threadLimits(threadsOf(candidate)),
      ...dependencies.trackingEnvironment(input.tracking),
    },
    timeoutSeconds: spec.training.timeout,
    ...(candidate.resources.memory !== undefined && { memoryBytes: candidate.resources.memory }),
    maxAttempts: spec.training.retries.attempts,
    retryInitialSeconds: spec.training.retries.initial,
    retryMaxSeconds: spec.training.retries.max,
    follower: { workflowId: input.run.workflowId },
    ...(input.lease && { lease: input.lease }),
    ...(pod && { pod: pod.pod }),
  });

  await acceptResult(dependencies, training, split, status);
  const stored = await store.commit(identity, async (directory) => {
    await cp(path.join(status.directory, 'out'), directory, { recursive: true });
    await copyFile(path.join(status.directory, 'input.json'), path.join(directory, 'input.json'));
    await copyLog(dependencies.backend, status, directory);
    // Scoring and serving need the same packages later, when the pipeline's folder may have moved on.
    if (requirements !== undefined) await copyFile(requirements, path.join(directory, 'requirements.txt'));
    if (pod !== undefined) await writeFile(path.join(directory, IMAGE_FILE), `${pod.image}\n`);
    return { summary: summaryOf(status) };
  });
  return outputOf(stored, false);
}

/** A result that breaks the contract is a failed attempt, never to be adopted again. */
async function acceptResult(
  { engine, backend }: TrainingActivityDependencies,
  training: CandidateTraining,
  split: StoredArtifact,
  status: JobStatus,
): Promise<void> {
  try {
    await checkJobResult(engine, {
      out: path.join(status.directory, 'out'),
      rows: path.join(split.directory, 'validation.parquet'),
      task: training.task,
      classCount: training.classes.length,
      model: true,
    });
  } catch (error) {
    if (isBadResult(error)) await backend.reject(status.jobName, status.attempt, error);
    throw error;
  }
}

function isBadResult(error: unknown): error is Error & { code: 'TRAINER_BAD_RESULT' | 'TRAINER_NO_RESULT' } {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'TRAINER_BAD_RESULT' || error.code === 'TRAINER_NO_RESULT')
  );
}

function outputOf(stored: StoredArtifact, cached: boolean): RunTrainingJobOutput {
  const { jobName, attempts, seconds } = stored.manifest.summary as JobSummary;
  return { artifact: stored.ref, cached, jobName, attempts, seconds };
}
