/** A run that went all the way, with every artifact that a run can have. */
import type {
  CandidateEvaluation,
  HoldoutEvaluation,
  Measurement,
} from '../../../src/contracts/evaluation-document';
import type { Profile, QualityReport } from '../../../src/contracts/profile';
import { STAGES, type CandidateStatus, type RunStatus, type StageStatus } from '../../../src/contracts/runs';
import type { Interval, WriteReportInput } from '../../../src/contracts/steps';
import { binaryMeasurement, numbersFrom } from './predictions';
import type { ReportProject } from './run-project';

const START = Date.parse('2026-11-21T12:30:15.000Z');

/** ISO 8601 moment so many seconds after the run began. */
export function after(seconds: number): string {
  return new Date(START + seconds * 1000).toISOString();
}

/** All stages done, one after the other; `seconds` each. */
export function stagesOf(
  seconds: readonly number[],
  notes: Partial<Record<string, string>> = {},
): StageStatus[] {
  let clock = 0;
  return STAGES.map((stage, index): StageStatus => {
    const startedAt = after(clock);
    clock += seconds[index] ?? 1;
    const note = notes[stage];
    return {
      stage,
      state: stage === 'report' ? 'running' : stage === 'dataset' ? 'cached' : 'done',
      startedAt,
      ...(stage !== 'report' && { endedAt: after(clock) }),
      ...(note !== undefined && { note }),
    };
  });
}

/** Candidates with the strength of their scores; one fails, one is from the cache. */
const STRENGTHS: Readonly<Record<string, number>> = { logistic: 1.5, forest: 1.6, boosted: 1.75, ours: 1.4 };

export interface FullRun {
  readonly input: WriteReportInput;
}

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
          text: "roc_auc is better than the champion's by 0.012, its interval's lower bound 0.0021: at least -0.005, as asked.",
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

function candidatesOf(
  measured: Readonly<Record<string, Measurement>>,
  model: CandidateStatus['artifact'],
): CandidateStatus[] {
  const done = Object.entries(measured).map(([name, { metrics, threshold }], index): CandidateStatus => ({
    name,
    trainer: name === 'ours' ? 'python train.py:fit' : `sklearn/${name}`,
    state: name === 'forest' ? 'cached' : 'done',
    attempts: name === 'logistic' ? 2 : 1,
    metric: { name: 'f1', value: metrics.f1?.value ?? null },
    threshold,
    ...(model && { artifact: model }),
    startedAt: after(4.2 + index * 3),
    endedAt: after(4.2 + index * 3 + (name === 'forest' ? 0.1 : 9 + index * 3)),
  }));
  return [
    ...done,
    {
      name: 'deep',
      trainer: 'command python deep.py',
      state: 'failed',
      attempts: 3,
      error: {
        code: 'TRAINING_ATTEMPTS_EXHAUSTED',
        message: 'all 3 attempts failed; the last: TRAINER_CRASHED exit code 1: ValueError: bad depth',
      },
      startedAt: after(12),
      endedAt: after(38),
    },
  ];
}

function holdoutDocument(): HoldoutEvaluation {
  const challenger = binaryMeasurement(11, 1408, 1.75);
  const champion = binaryMeasurement(11, 1408, 1.6);
  const difference = (name: string): Interval => {
    const value = (challenger.metrics[name]?.value ?? 0) - (champion.metrics[name]?.value ?? 0);
    return { value, lower: value - 0.011, upper: value + 0.012 };
  };
  return {
    task: 'binary',
    classes: ['No', 'Yes'],
    confidence: 0.95,
    challenger: { name: 'boosted', ...challenger },
    champion: { version: '3', ...champion },
    summary: {
      rows: 1408,
      challenger: challenger.metrics,
      champion: champion.metrics,
      difference: { f1: difference('f1'), roc_auc: difference('roc_auc'), log_loss: difference('log_loss') },
      comparableRows: 1408,
      slices: {},
      business: challenger.business,
    },
  };
}

function profileDocument(): Profile {
  const next = numbersFrom(5);
  const histogram = (low: number, high: number) => ({
    edges: Array.from({ length: 21 }, (_, index) => low + ((high - low) * index) / 20),
    counts: Array.from({ length: 20 }, (_, index) => Math.round(300 * next() + 400 * Math.exp(-index / 4))),
  });
  const number = (name: string, type: 'integer' | 'double', low: number, high: number, missing = 0) => ({
    ...{
      name,
      type,
      count: 7043 - missing,
      missing,
      distinct: { count: 73, exact: true },
      min: low,
      max: high,
    },
    ...{ mean: (low + high) / 2.2, std: (high - low) / 4, infinite: 0, length: null, top: [] },
    percentiles: { values: { '50': (low + high) / 2.4 }, exact: true },
    histogram: histogram(low, high),
  });
  const text = (name: string, values: readonly (readonly [string, number])[]) => ({
    ...{
      name,
      type: 'string' as const,
      count: 7043,
      missing: 0,
      distinct: { count: values.length, exact: true },
    },
    ...{ min: null, max: null, mean: null, std: null, infinite: 0, percentiles: null, histogram: null },
    length: { min: 2, max: 14, mean: 9.1 },
    top: values.map(([value, count]) => ({ value, count })),
  });
  return {
    version: 1,
    rows: 7043,
    duplicates: 22,
    label: {
      name: 'Churn',
      task: 'binary',
      classes: [
        { name: 'No', count: 5174 },
        { name: 'Yes', count: 1869 },
      ],
    },
    columns: [
      number('tenure', 'integer', 0, 72),
      number('MonthlyCharges', 'double', 18.25, 118.75),
      number('TotalCharges', 'double', 18.8, 8684.8, 11),
      text('Contract', [
        ['Month-to-month', 3875],
        ['Two year', 1695],
        ['One year', 1473],
      ]),
      text('customerID', []),
    ],
  };
}

function qualityDocument(): QualityReport {
  const rule = { severity: 'fail' as const, passed: true, count: null, share: null, samples: [] };
  return {
    version: 1,
    rows: 7043,
    rules: [
      { ...rule, rule: 'rows', expected: 'at least 1,000 rows', observed: '7,043 rows' },
      {
        ...rule,
        rule: 'duplicates',
        expected: 'at most 1% duplicates',
        observed: '0.3% duplicates',
        count: 22,
        share: 22 / 7043,
      },
      {
        ...rule,
        ...{ rule: 'nulls', column: 'TotalCharges', severity: 'warn', passed: false },
        ...{ expected: 'at most 0.1% missing', observed: '0.2% missing', count: 11, share: 11 / 7043 },
        samples: [{ row: '4472-LVYGI', value: null }],
      },
      {
        ...rule,
        rule: 'min',
        column: 'tenure',
        expected: 'at least 0',
        observed: 'smallest 0',
        count: 0,
        share: 0,
      },
    ],
  };
}
