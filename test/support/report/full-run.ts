/** A run that went all the way, with every artifact that a run can have. */
import type { CandidateEvaluation } from '../../../src/contracts/evaluation-document';
import type { RunStatus } from '../../../src/contracts/runs';
import type { WriteReportInput } from '../../../src/contracts/steps';
import { candidatesOf, holdoutDocument } from './measured';
import { binaryMeasurement } from './predictions';
import { profileDocument, qualityDocument } from './profile-and-quality';
import type { ReportProject } from './run-project';
import { after, stagesOf } from './run-clock';

/** Candidates with the strength of their scores; one fails, one is from the cache. */
const STRENGTHS: Readonly<Record<string, number>> = { logistic: 1.5, forest: 1.6, boosted: 2.1, ours: 1.4 };

/** Commits the artifacts and says what the workflow would say of them. */
export async function fullRun(project: ReportProject): Promise<WriteReportInput> {
  const spec = await project.spec({
    features: {
      select: ['tenure', 'MonthlyCharges', 'TotalCharges', 'Contract'],
      derive: { charge_per_month: 'TotalCharges / greatest(tenure, 1)' },
    },
    evaluation: {
      select: { metric: 'f1' },
      threshold: { maximise: 'f1' },
      gate: [
        { metric: 'roc_auc', min: 0.8 },
        { metric: 'roc_auc', versusChampion: { tolerance: 0.005 } },
      ],
      slices: ['Contract'],
      business: { saved: 'sum(CASE WHEN predicted AND label THEN 120 WHEN predicted THEN -20 ELSE 0 END)' },
    },
  });
  const acquired = await project.artifact('acquire', {
    'sources.json': { customers: [{ path: 'data/telco-churn.csv', sha256: 'b'.repeat(64), bytes: 977_501 }] },
  });
  const dataset = await project.artifact(
    'dataset',
    { 'columns.json': [] },
    { inputs: { 'source:customers': 'b'.repeat(64) }, summary: { rows: 7043 } },
  );
  const profile = await project.artifact(
    'profile',
    { 'profile.json': profileDocument() },
    { inputs: { dataset: dataset.digest } },
  );
  const quality = await project.artifact(
    'quality',
    { 'quality.json': qualityDocument() },
    { inputs: { dataset: dataset.digest } },
  );
  const features = await project.artifact(
    'features',
    {
      'packing.json': {
        inputs: [
          { name: 'tenure', type: 'integer' },
          { name: 'MonthlyCharges', type: 'double' },
          { name: 'TotalCharges', type: 'double' },
          { name: 'Contract', type: 'category' },
        ],
        select: ['tenure', 'MonthlyCharges', 'TotalCharges', 'Contract'],
        derive: { charge_per_month: 'TotalCharges / greatest(tenure, 1)' },
        text: [],
      },
    },
    {
      inputs: { dataset: dataset.digest },
      summary: {
        features: 5,
        inputs: 4,
        joined: 0,
        warnings: ['PhoneService was left out: it has one value.'],
      },
    },
  );
  const split = await project.artifact(
    'split',
    { 'split.json': {} },
    {
      inputs: { features: features.digest },
      summary: { train: 4578, validation: 1057, holdout: 1408, dropped: 0, byTime: false, warnings: [] },
    },
  );
  const leakage = await project.artifact('leakage', {
    'leakage.json': {
      rows: 4578,
      measure: 'auc',
      features: [
        { feature: 'tenure', strength: 0.7412, by: 'order' },
        { feature: 'Contract', strength: 0.7281, by: 'value' },
        { feature: 'charge_per_month', strength: 0.6204, by: 'order' },
      ],
      twins: { measured: 2465, equal: 12, same: 0, identifying: [], examples: [] },
      keys: [{ column: 'customerID', values: 0, examples: [] }],
      entities: [],
    },
  });
  const model = await project.artifact('train', { 'result.json': {} }, { inputs: { train: split.digest } });
  const measured = Object.fromEntries(
    Object.entries(STRENGTHS).map(([name, strength], index) => [
      name,
      binaryMeasurement(index + 1, 1057, strength),
    ]),
  );
  const evaluations = Object.fromEntries(
    await Promise.all(
      Object.entries(measured).map(async ([candidate, validation]) => {
        const document: CandidateEvaluation = {
          ...{ task: 'binary', classes: ['No', 'Yes'], candidate, selectBy: 'f1', confidence: 0.95 },
          validation,
        };
        return [candidate, await project.artifact('evaluate', { 'evaluation.json': document })] as const;
      }),
    ),
  );
  const document = holdoutDocument();
  const holdout = await project.artifact(
    'evaluate',
    { 'holdout.json': document },
    { inputs: { rows: split.digest } },
  );

  const status: RunStatus = {
    pipeline: 'telco-churn',
    workflowId: 'telco-churn/manual/1',
    runId: '7b0e5f5e-7a0f-4d2c-9c07-6f3a0f1f2a11',
    state: 'done',
    outcome: 'deployed',
    reasons: [
      "roc_auc on the hold-out is 0.8611, its interval's lower bound 0.8402: at least 0.8, as asked.",
    ],
    stages: stagesOf([0.4, 0.3, 0.8, 1.1, 0.9, 0.7, 34, 0.1, 4.2, 0.1, 6.3, 0.6], {
      dataset: '7,043 rows, 21 columns',
      split: '4,578 train, 1,057 validation, 1,408 hold-out',
      holdout: '1,408 rows, against champion version 3',
    }),
    candidates: candidatesOf(measured, model),
    winner: 'boosted',
    model: { name: 'telco-churn', version: '4', endpoint: 'http://127.0.0.1:5310' },
    champion: { version: '3', comparable: true },
    mlflow: { experimentId: '1', runId: 'c'.repeat(32), url: 'http://127.0.0.1:5000/#/experiments/1/runs/c' },
  };
  return {
    status,
    artifacts: { spec, acquired, dataset, profile, quality, features, split, leakage, holdout, evaluations },
    gate: {
      passed: true,
      reasons: [
        {
          passed: true,
          text: "roc_auc on the hold-out is 0.8611, its interval's lower bound 0.8402: at least 0.8, as asked.",
        },
        {
          passed: true,
          text: "roc_auc is better than the champion's by 0.012, the difference's lower bound 0.0021: at least -0.005, as asked.",
        },
        {
          passed: true,
          skipped: true,
          text: 'recall where Contract is "Two year" was not judged: 28 rows are fewer than 30.',
        },
      ],
    },
    timesGated: 14,
    startedAt: after(0),
    endedAt: after(49.5),
  };
}
