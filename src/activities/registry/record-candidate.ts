/** The activity that records how a candidate came out: its logged model, its metrics linked to model and data set, its step metrics. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ArtifactRef } from '../../contracts/artifacts';
import { candidateEvaluationSchema } from '../../contracts/evaluation-document';
import type { RecordCandidateInput, RecordCandidateOutput } from '../../contracts/steps';
import { recordCandidateInputSchema } from '../../contracts/steps';
import type { TrackedDataset, TrackedMetric } from '../../ports/model-tracking';
import type { StoredArtifact } from '../../ports/artifact-store';
import { loadSpec, type StoredSpec } from '../stored-spec';
import { candidateNamed, fileDigest, trainerSpecOf } from '../training/candidate-job';
import type { RegistryActivityDependencies } from './dependencies';
import { stepMetricsOf } from './step-metrics';

/** MLflow's digests are at most 36 characters. */
const DIGEST_LENGTH = 32;

/** See {@link recordCandidateInputSchema}. A repeat finds the model, and logs the same values with the same timestamps: nothing doubles. */
export async function recordCandidate(
  dependencies: RegistryActivityDependencies,
  rawInput: RecordCandidateInput,
): Promise<RecordCandidateOutput> {
  const input = recordCandidateInputSchema.parse(rawInput);
  const { store, tracking } = dependencies;
  const { experimentId, runId } = input.tracking;
  const stored = await loadSpec(store, input.spec);
  if (!input.trained || !input.evaluation) {
    await tracking.log({ runId, tags: failureTags(input) });
    await tracking.close(runId, input.cancelled ? 'KILLED' : 'FAILED', Date.now());
    return {};
  }

  const trained = await store.open(input.trained);
  const split = await store.open(input.split);
  const evaluation = await readEvaluation(dependencies, input.evaluation);
  const datasets = datasetsOf(stored, split);
  const params = paramsOf(stored, input.candidate);
  const { modelId } = await tracking.openModel({
    experimentId,
    key: input.trained.key,
    name: input.candidate,
    sourceRunId: runId,
    params,
    tags: { 'millrace.train_step': input.trained.key, 'millrace.train_digest': input.trained.digest },
    directory: path.join(trained.directory, 'model'),
  });
  const timestamp = Date.parse(trained.manifest.createdAt);
  const validation = datasets.find(({ context }) => context === 'validation');
  const metrics = Object.entries(evaluation.validation.metrics).flatMap(
    ([name, { value }]): TrackedMetric[] =>
      value === null
        ? []
        : [
            {
              key: `validation.${name}`,
              value,
              timestamp,
              modelId,
              ...(validation && { dataset: { name: validation.name, digest: validation.digest } }),
            },
          ],
  );
  await tracking.log({
    runId,
    datasets,
    producedModelId: modelId,
    params,
    metrics: [
      ...metrics,
      ...(await stepMetricsOf(path.join(trained.directory, 'progress.jsonl'), timestamp)),
    ],
    tags: {
      'millrace.train_step': input.trained.key,
      ...(evaluation.validation.threshold !== null && {
        'millrace.threshold': String(evaluation.validation.threshold),
      }),
    },
  });
  await tracking.close(runId, 'FINISHED', Date.now());
  return { modelId };
}

function failureTags({ error, cancelled }: RecordCandidateInput): Record<string, string> {
  if (cancelled) return { 'millrace.outcome': 'cancelled' };
  return {
    'millrace.outcome': 'failed',
    'millrace.error_code': error?.code ?? 'INTERNAL',
    'millrace.error': (error?.message ?? '').slice(0, 4000),
  };
}

async function readEvaluation({ store }: RegistryActivityDependencies, ref: ArtifactRef) {
  const { directory } = await store.open(ref);
  return candidateEvaluationSchema.parse(
    JSON.parse(await readFile(path.join(directory, 'evaluation.json'), 'utf8')),
  );
}

/** The tables that the trainer and the evaluation read, by content. */
function datasetsOf({ spec }: StoredSpec, split: StoredArtifact): TrackedDataset[] {
  const summary = split.manifest.summary as { train?: number; validation?: number };
  const source = Object.values(spec.sources)
    .flatMap(({ uri }) => uri)
    .join(', ');
  const table = (
    context: 'training' | 'validation',
    file: string,
    rows: number | undefined,
  ): TrackedDataset => ({
    name: `${spec.name}.${context}`,
    digest: fileDigest(split.manifest, file).slice(0, DIGEST_LENGTH),
    source,
    rows: rows ?? 0,
    context,
  });
  return [
    table('training', 'train.parquet', summary.train),
    table('validation', 'validation.parquet', summary.validation),
  ];
}

function paramsOf({ spec }: StoredSpec, name: string): Record<string, string> {
  const candidate = candidateNamed(spec, name);
  const trainer = trainerSpecOf(candidate);
  return {
    trainer: trainer.kind === 'reference' ? trainer.name : JSON.stringify(trainer),
    seed: String(spec.split.seed),
    ...Object.fromEntries(
      Object.entries(candidate.params).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    ),
  };
}
