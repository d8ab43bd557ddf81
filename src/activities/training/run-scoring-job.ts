/** The activity that runs a trained model over the hold-out rows. */
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import type { StepIdentity } from '../../contracts/artifacts';
import { stepKeyFor } from '../../contracts/artifacts';
import { jobNameFor } from '../../contracts/ids';
import type { RunScoringJobInput, RunScoringJobOutput } from '../../contracts/steps';
import { runScoringJobInputSchema } from '../../contracts/steps';
import { loadSpec } from '../stored-spec';
import { fileDigest } from './candidate-job';
import { checkJobResult } from './check-result';
import type { TrainingActivityDependencies } from './dependencies';
import { followJob } from './follow-job';
import { podOfModel } from './pods';

/** Scoring reads rows once; longer than this is a defect of the model. */
const SCORING_TIMEOUT_SECONDS = 3600;
const SCORING_ATTEMPTS = 3;

/** See {@link runScoringJobInputSchema}. The scores depend on the model's bytes and the rows, and on nothing else of the run. */
export async function runScoringJob(
  dependencies: TrainingActivityDependencies,
  rawInput: RunScoringJobInput,
): Promise<RunScoringJobOutput> {
  const input = runScoringJobInputSchema.parse(rawInput);
  const { store, engine, environments } = dependencies;
  const { spec } = await loadSpec(store, input.spec);
  const split = await store.open(input.split);
  const model = await store.open(input.model);
  // A user's model may need the user's requirements; its artifact keeps them beside the model.
  const requirements = path.join(model.directory, 'requirements.txt');
  const pod = await podOfModel(dependencies.cluster, spec, model);
  const environment =
    pod?.environment ??
    ('requirements.txt' in model.manifest.files
      ? await environments.withRequirements(requirements)
      : await environments.base());
  const identity: StepIdentity = {
    step: 'score',
    code: await environments.trainerCodeDigest(),
    params: { task: input.task, classes: input.classes },
    inputs: { model: input.model.digest, rows: fileDigest(split.manifest, 'holdout.parquet') },
    environment: environment.digest,
  };
  if (input.fresh) await store.forget(identity);
  const found = await store.find(identity);
  if (found)
    return { artifact: found.ref, cached: true, rows: (found.manifest.summary as { rows: number }).rows };

  const again = input.fresh ? ` ${input.run.workflowId} ${input.run.startedAt}` : '';
  const status = await followJob(dependencies, {
    jobName: jobNameFor({
      pipeline: spec.name,
      candidate: 'score',
      stepKey: `${stepKeyFor(identity)}${again}`,
    }),
    input: { contract: 1, action: 'score', task: input.task, classes: [...input.classes], threads: 1 },
    files: {
      'rows.parquet': path.join(split.directory, 'holdout.parquet'),
      model: path.join(model.directory, 'model'),
    },
    python: environment.python,
    environment: { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' },
    timeoutSeconds: SCORING_TIMEOUT_SECONDS,
    maxAttempts: SCORING_ATTEMPTS,
    retryInitialSeconds: 1,
    retryMaxSeconds: 10,
    follower: { workflowId: input.run.workflowId },
    ...(pod && { pod: pod.pod }),
  });
  const out = path.join(status.directory, 'out');
  const result = await checkJobResult(engine, {
    out,
    rows: path.join(split.directory, 'holdout.parquet'),
    task: input.task,
    classCount: input.classes.length,
    model: false,
  });
  const stored = await store.commit(identity, async (directory) => {
    await copyFile(path.join(out, 'predictions.parquet'), path.join(directory, 'predictions.parquet'));
    return { summary: { rows: result.rows.predicted } };
  });
  return { artifact: stored.ref, cached: false, rows: result.rows.predicted };
}
