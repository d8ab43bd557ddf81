/** The activity that measures a candidate on validation and chooses its decision threshold. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CandidateEvaluation } from '../../contracts/evaluation-document';
import type { EvaluateCandidateInput, EvaluateCandidateOutput } from '../../contracts/steps';
import { evaluateCandidateInputSchema } from '../../contracts/steps';
import { chooseThreshold } from '../../evaluation';
import { runCachedStep } from '../cached-step';
import { loadSpec } from '../stored-spec';
import { fileDigest } from '../training/candidate-job';
import type { EvaluationActivityDependencies } from './dependencies';
import type { JoinedRows } from './joined-rows';
import { joinRows } from './joined-rows';
import { measureModel, NEUTRAL_THRESHOLD } from './measure-model';
import { evaluationParams, selectionMetric, slicesToMeasure } from './plan';
import type { Evaluation } from '../../contracts/pipeline-file';

/** The one model in the joined table. */
const MODEL = 'candidate';

/** See {@link evaluateCandidateInputSchema}. */
export async function evaluateCandidate(
  { store, engine, codeDigest }: EvaluationActivityDependencies,
  rawInput: EvaluateCandidateInput,
): Promise<EvaluateCandidateOutput> {
  const input = evaluateCandidateInputSchema.parse(rawInput);
  const { task, classes } = input;
  const { spec } = await loadSpec(store, input.spec);
  const split = await store.open(input.split);
  const trained = await store.open(input.trained);
  const selectBy = selectionMetric(spec.evaluation, task);
  const { artifact, cached, summary } = await runCachedStep(store, {
    identity: {
      step: 'evaluate',
      code: codeDigest,
      params: {
        side: 'validation',
        candidate: input.candidate,
        task,
        classes,
        ...(evaluationParams(spec) as object),
      },
      inputs: {
        rows: fileDigest(split.manifest, 'rows.parquet'),
        predictions: fileDigest(trained.manifest, 'predictions.parquet'),
      },
    },
    fresh: input.fresh,
    write: async (directory) => {
      const joined = await joinRows(engine, {
        rows: path.join(split.directory, 'rows.parquet'),
        side: 'validation',
        predictions: { [MODEL]: path.join(trained.directory, 'predictions.parquet') },
        task,
        classes,
      });
      try {
        const threshold = await thresholdFor(joined, spec.evaluation);
        const validation = await measureModel(joined, {
          model: MODEL,
          classes,
          threshold,
          slices: slicesToMeasure(spec.evaluation, task),
          business: spec.evaluation.business,
          bootstrap: {
            resamples: spec.evaluation.bootstrap,
            confidence: spec.evaluation.confidence,
            seed: spec.split.seed,
          },
        });
        const document: CandidateEvaluation = {
          task,
          classes,
          candidate: input.candidate,
          selectBy,
          confidence: spec.evaluation.confidence,
          validation,
        };
        await writeFile(path.join(directory, 'evaluation.json'), `${JSON.stringify(document)}\n`);
        const metrics = Object.fromEntries(
          Object.entries(validation.metrics).map(([name, { value }]) => [name, value]),
        );
        return { metrics, threshold: validation.threshold, selectBy };
      } finally {
        joined.session.close();
      }
    },
  });
  return { artifact, cached, ...summary };
}

/** By the rule of the pipeline file, on validation only; null where the task has no threshold. */
async function thresholdFor(joined: JoinedRows, { threshold }: Evaluation): Promise<number | null> {
  const predictions = await joined.predictionsOf(MODEL, NEUTRAL_THRESHOLD);
  if (predictions.task !== 'binary') return null;
  if (threshold === undefined) return NEUTRAL_THRESHOLD;
  return chooseThreshold(threshold, predictions.scores, predictions.labels).threshold;
}
