/** The run of `full-run` as it looks where the label is no yes or no. */
import type { CandidateEvaluation, Measurement } from '../../../src/contracts/evaluation-document';
import type { WriteReportInput } from '../../../src/contracts/steps';
import { fullRun } from './full-run';
import { multiclassMeasurement, regressionMeasurement } from './predictions';
import type { ReportProject } from './run-project';

const CULTIVARS = ['barbera', 'barolo', 'grignolino'];

/** Three classes. */
export function multiclassRun(project: ReportProject): Promise<WriteReportInput> {
  return otherRun(project, { task: 'multiclass', classes: CULTIVARS, selectBy: 'f1_macro' }, (seed, rows) =>
    multiclassMeasurement(seed, rows, CULTIVARS, 0.6 + seed / 20),
  );
}

/** A number. */
export function regressionRun(project: ReportProject): Promise<WriteReportInput> {
  return otherRun(project, { task: 'regression', classes: [], selectBy: 'rmse' }, (seed, rows) =>
    regressionMeasurement(seed, rows, 60 - seed),
  );
}

async function otherRun(
  project: ReportProject,
  question: Pick<CandidateEvaluation, 'task' | 'classes' | 'selectBy'>,
  measure: (seed: number, rows: number) => Measurement,
): Promise<WriteReportInput> {
  const run = await fullRun(project);
  const { task, classes, selectBy } = question;
  const evaluations = Object.fromEntries(
    await Promise.all(
      Object.keys(run.artifacts.evaluations).map(async (candidate, index) => {
        const document = { ...question, candidate, confidence: 0.95, validation: measure(index + 1, 500) };
        return [candidate, await project.artifact('evaluate', { 'evaluation.json': document })] as const;
      }),
    ),
  );
  const challenger = measure(11, 800);
  const holdout = await project.artifact('evaluate', {
    'holdout.json': {
      ...{ task, classes, confidence: 0.95 },
      challenger: { name: 'boosted', ...challenger },
      summary: { rows: 800, challenger: challenger.metrics, slices: {}, business: {} },
    },
  });
  const candidates = run.status.candidates.map((candidate) =>
    candidate.metric
      ? { ...candidate, threshold: null, metric: { ...candidate.metric, name: selectBy } }
      : candidate,
  );
  return {
    ...run,
    status: { ...run.status, candidates },
    artifacts: { ...run.artifacts, evaluations, holdout },
  };
}
