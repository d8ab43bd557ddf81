/** The activity that measures winner and champion on the hold-out. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { HoldoutEvaluation, Measurement } from '../../contracts/evaluation-document';
import type { PipelineSpec } from '../../contracts/pipeline-file';
import type {
  EvaluateHoldoutInput,
  EvaluateHoldoutOutput,
  HoldoutSummary,
  Interval,
} from '../../contracts/steps';
import { evaluateHoldoutInputSchema } from '../../contracts/steps';
import { measureFor, pairedBootstrap } from '../../evaluation';
import type { StoredArtifact } from '../../ports/artifact-store';
import { runCachedStep } from '../cached-step';
import { loadSpec } from '../stored-spec';
import { fileDigest } from '../training/candidate-job';
import type { EvaluationActivityDependencies } from './dependencies';
import { joinRows } from './joined-rows';
import { intervalsOf, measureModel, NEUTRAL_THRESHOLD } from './measure-model';
import { comparedMetrics, evaluationParams, slicesToMeasure } from './plan';

type Summary = Omit<HoldoutSummary, 'timesGated'>;

/** See {@link evaluateHoldoutInputSchema}. How often the hold-out has gated is counted outside the cached part. */
export async function evaluateHoldout(
  dependencies: EvaluationActivityDependencies,
  rawInput: EvaluateHoldoutInput,
): Promise<EvaluateHoldoutOutput> {
  const input = evaluateHoldoutInputSchema.parse(rawInput);
  const { store, ledger, codeDigest } = dependencies;
  const { spec } = await loadSpec(store, input.spec);
  const split = await store.open(input.split);
  const scores = await store.open(input.challenger.scores);
  const champion = input.champion && {
    scores: await store.open(input.champion.scores),
    split: input.champion.split && (await store.open(input.champion.split)),
  };
  const { artifact, cached, summary } = await runCachedStep(store, {
    identity: {
      step: 'evaluate',
      code: codeDigest,
      params: {
        side: 'holdout',
        task: input.task,
        classes: input.classes,
        challenger: { name: input.challenger.name, threshold: input.challenger.threshold },
        champion: input.champion && { version: input.champion.version, threshold: input.champion.threshold },
        ...(evaluationParams(spec) as object),
      },
      inputs: {
        rows: fileDigest(split.manifest, 'rows.parquet'),
        challenger: input.challenger.scores.digest,
        ...(champion && { champion: champion.scores.ref.digest }),
        ...(champion?.split && { championRows: fileDigest(champion.split.manifest, 'rows.parquet') }),
      },
    },
    fresh: input.fresh,
    write: async (directory) => {
      const document = await measure(dependencies, input, spec, { split, scores, champion });
      await writeFile(path.join(directory, 'holdout.json'), `${JSON.stringify(document)}\n`);
      return { summary: document.summary, notComparable: document.notComparable };
    },
  });
  const timesGated = await ledger.countGate(fileDigest(split.manifest, 'holdout.parquet'), input.run);
  return {
    artifact,
    cached,
    summary: { ...summary.summary, timesGated },
    ...(summary.notComparable !== undefined && { notComparable: summary.notComparable }),
  };
}

interface Tables {
  readonly split: StoredArtifact;
  readonly scores: StoredArtifact;
  readonly champion:
    { readonly scores: StoredArtifact; readonly split: StoredArtifact | undefined } | undefined;
}

async function measure(
  { engine }: EvaluationActivityDependencies,
  input: EvaluateHoldoutInput,
  spec: PipelineSpec,
  tables: Tables,
): Promise<HoldoutEvaluation> {
  const { task, classes } = input;
  const { evaluation } = spec;
  const slices = slicesToMeasure(evaluation, task);
  const bootstrap = {
    resamples: evaluation.bootstrap,
    confidence: evaluation.confidence,
    seed: spec.split.seed,
  };
  const rows = path.join(tables.split.directory, 'rows.parquet');
  const predictionsOf = ({ directory }: StoredArtifact): string =>
    path.join(directory, 'predictions.parquet');

  const joined = await joinRows(engine, {
    rows,
    side: 'holdout',
    predictions: { challenger: predictionsOf(tables.scores) },
    task,
    classes,
  });
  let challenger: Measurement;
  try {
    challenger = await measureModel(joined, {
      model: 'challenger',
      classes,
      threshold: input.challenger.threshold,
      slices,
      business: evaluation.business,
      bootstrap,
    });
  } finally {
    joined.session.close();
  }

  const comparison = input.champion && tables.champion && (await compare(input, tables, tables.champion));
  const summary: Summary = {
    rows: challenger.rows,
    challenger: keep(challenger.metrics, metricsToKeep(spec, input)),
    ...(comparison?.champion && {
      champion: keep(comparison.champion.metrics, metricsToKeep(spec, input)),
      difference: comparison.difference,
      comparableRows: comparison.rows,
    }),
    slices: slicesForGate(challenger, spec),
    business: challenger.business,
  };
  return {
    task,
    classes,
    confidence: evaluation.confidence,
    challenger: { name: input.challenger.name, ...challenger },
    ...(comparison?.champion &&
      input.champion && { champion: { version: input.champion.version, ...comparison.champion } }),
    ...(comparison?.notComparable !== undefined && { notComparable: comparison.notComparable }),
    summary,
  };

  /** Both models on the rows that the champion has not seen, each resample taken from the same rows. */
  async function compare(
    { champion }: EvaluateHoldoutInput,
    { scores }: Tables,
    opponent: NonNullable<Tables['champion']>,
  ) {
    const shared = await joinRows(engine, {
      rows,
      side: 'holdout',
      predictions: { challenger: predictionsOf(scores), champion: predictionsOf(opponent.scores) },
      task,
      classes,
      ...(opponent.split && { without: path.join(opponent.split.directory, 'rows.parquet') }),
    });
    try {
      if (shared.count < evaluation.minComparableRows) {
        return {
          notComparable: `only ${shared.count} hold-out rows are left that champion version ${champion?.version ?? ''} was not trained on (evaluation.minComparableRows is ${evaluation.minComparableRows})`,
        };
      }
      const metrics = comparedMetrics(evaluation, task);
      const ours = measureFor(
        await shared.predictionsOf('challenger', input.challenger.threshold ?? NEUTRAL_THRESHOLD),
        metrics,
      );
      const theirs = measureFor(
        await shared.predictionsOf('champion', champion?.threshold ?? NEUTRAL_THRESHOLD),
        metrics,
      );
      const { difference } = pairedBootstrap(ours, theirs, { ...bootstrap, clusters: shared.clusters });
      return {
        rows: shared.count,
        difference: intervalsOf(difference),
        champion: await measureModel(shared, {
          model: 'champion',
          classes,
          threshold: champion?.threshold ?? null,
          slices,
          business: evaluation.business,
          bootstrap,
        }),
      };
    } finally {
      shared.session.close();
    }
  }
}

/** The history carries what the gate reads, and no more. */
function metricsToKeep(spec: PipelineSpec, { task }: EvaluateHoldoutInput): Set<string> {
  return new Set([
    ...spec.evaluation.gate.map(({ metric }) => metric),
    ...comparedMetrics(spec.evaluation, task),
  ]);
}

function keep(metrics: Record<string, Interval>, names: Set<string>): Record<string, Interval> {
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => names.has(name)));
}

function slicesForGate({ slices }: Measurement, { evaluation }: PipelineSpec): Summary['slices'] {
  const wanted = new Map<string, Set<string>>();
  for (const { slice, metric } of evaluation.gate)
    if (slice !== undefined) wanted.set(slice, (wanted.get(slice) ?? new Set()).add(metric));
  return Object.fromEntries(
    [...wanted].map(([column, names]) => [
      column,
      Object.fromEntries(
        Object.entries(slices[column] ?? {}).map(([value, { rows, metrics }]) => [
          value,
          { rows, metrics: keep(metrics, names) },
        ]),
      ),
    ]),
  );
}
