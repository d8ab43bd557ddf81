/** Runs that did not get far, and runs that were turned away. */
import type { RunStatus } from '../../../src/contracts/runs';
import type { WriteReportInput } from '../../../src/contracts/steps';
import { fullRun } from './full-run';
import type { ReportProject } from './run-project';

/** Broken by the data: only what came before the validation is there. */
export async function failedRun(project: ReportProject): Promise<WriteReportInput> {
  const { artifacts, status, startedAt, endedAt } = await fullRun(project);
  const { spec, acquired, dataset, profile, quality } = artifacts;
  return {
    startedAt,
    endedAt,
    status: {
      ...without(status, 'winner', 'model', 'champion'),
      ...{ state: 'failed', outcome: 'failed', candidates: [] },
      reasons: ['DATA_QUALITY 1 rule is broken: tenure has 7 values below 0'],
      error: {
        code: 'DATA_QUALITY',
        message: '1 rule is broken: tenure has 7 values below 0',
        where: 'stage validate, column tenure',
        mend: 'mend the rows named in the report, or change quality.columns.tenure in the pipeline file',
      },
      stages: status.stages.map((stage, index) =>
        index < 3
          ? stage
          : index === 3
            ? { ...stage, state: 'failed' }
            : { stage: stage.stage, state: 'pending' },
      ),
    },
    artifacts: {
      spec,
      ...(acquired && { acquired }),
      ...(dataset && { dataset }),
      ...(profile && { profile }),
      ...(quality && { quality }),
      evaluations: {},
    },
  };
}

/** What the gate says of {@link rejectedRun}. */
export const BROKEN_RULE =
  "roc_auc on the hold-out is 0.8611, its interval's lower bound 0.8402: below 0.9, which was asked.";

/** Measured to the end, and not good enough. */
export async function rejectedRun(project: ReportProject): Promise<WriteReportInput> {
  const run = await fullRun(project);
  return {
    ...run,
    status: { ...without(run.status, 'model'), outcome: 'rejected', reasons: [] },
    gate: {
      passed: false,
      reasons: [
        { passed: true, text: 'recall on the hold-out is 0.8: at least 0.5, as asked.' },
        { passed: false, text: BROKEN_RULE },
      ],
    },
  };
}

function without(status: RunStatus, ...names: readonly (keyof RunStatus)[]): RunStatus {
  return Object.fromEntries(
    Object.entries(status).filter(([name]) => !names.includes(name as keyof RunStatus)),
  ) as RunStatus;
}
