/** The activity that ends the parent run: hold-out metrics, comparison table and report as artifacts, the outcome as tags. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { holdoutEvaluationSchema } from '../../contracts/evaluation-document';
import type { FinishTrackingInput } from '../../contracts/steps';
import { finishTrackingInputSchema } from '../../contracts/steps';
import type { ArtifactRef } from '../../contracts/artifacts';
import type { TrackedMetric } from '../../ports/model-tracking';
import type { RegistryActivityDependencies } from './dependencies';

/** See {@link finishTrackingInputSchema}. */
export async function finishTracking(
  dependencies: RegistryActivityDependencies,
  rawInput: FinishTrackingInput,
): Promise<void> {
  const input = finishTrackingInputSchema.parse(rawInput);
  const { tracking } = dependencies;
  const { runId } = input.tracking;
  if (input.report) await uploadReport(dependencies, runId, input.report);
  await tracking.log({
    runId,
    metrics: input.holdout ? await holdoutMetrics(dependencies, input.holdout) : [],
    tags: {
      'millrace.outcome': input.outcome,
      ...(input.winner !== undefined && { 'millrace.winner': input.winner }),
      ...(input.version !== undefined && { 'millrace.model_version': input.version }),
    },
  });
  await tracking.close(runId, statusOf(input.outcome), Date.now());
}

/** A rejected model is a run that did its work. */
function statusOf(outcome: FinishTrackingInput['outcome']): 'FINISHED' | 'FAILED' | 'KILLED' {
  if (outcome === 'failed') return 'FAILED';
  return outcome === 'cancelled' ? 'KILLED' : 'FINISHED';
}

async function holdoutMetrics(
  { store }: RegistryActivityDependencies,
  ref: ArtifactRef,
): Promise<TrackedMetric[]> {
  const stored = await store.open(ref);
  const document = holdoutEvaluationSchema.parse(
    JSON.parse(await readFile(path.join(stored.directory, 'holdout.json'), 'utf8')),
  );
  const timestamp = Date.parse(stored.manifest.createdAt);
  const of = (prefix: string, metrics: Record<string, { value: number | null }>): TrackedMetric[] =>
    Object.entries(metrics).flatMap(([name, { value }]) =>
      value === null ? [] : [{ key: `${prefix}.${name}`, value, timestamp }],
    );
  return [
    ...of('holdout', document.challenger.metrics),
    ...(document.champion ? of('champion', document.champion.metrics) : []),
  ];
}

/** `report.html` for reading, and whatever tables the report left beside it (`candidates.csv`, `summary.json`). */
async function uploadReport(
  { store, tracking }: RegistryActivityDependencies,
  runId: string,
  ref: ArtifactRef,
): Promise<void> {
  const { directory, manifest } = await store.open(ref);
  await tracking.upload(
    runId,
    Object.fromEntries(
      Object.keys(manifest.files).map((name) => [`report/${name}`, path.join(directory, name)]),
    ),
  );
}
