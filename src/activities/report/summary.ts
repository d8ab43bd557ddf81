/** `summary.json`: what the report says, for programs. */
import { compareCandidates, type Comparison } from './comparison';
import { secondsBetween } from './format';
import type { HoldoutEvaluation } from '../../contracts/evaluation-document';
import type { RunStatus } from '../../contracts/runs';
import type { WriteReportInput } from '../../contracts/steps';
import type { ReportData, SplitSizes } from './report-data';

/** The document. Metrics are objects of value, lower and upper. */
export interface ReportSummary {
  readonly version: 1;
  readonly pipeline: string;
  readonly outcome: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly seconds: number | null;
  readonly status: RunStatus;
  /** On validation. */
  readonly comparison: Comparison;
  readonly holdout: {
    readonly rows: number;
    readonly confidence: number;
    readonly challenger: HoldoutEvaluation['challenger']['metrics'];
    readonly champion: HoldoutEvaluation['challenger']['metrics'] | null;
    readonly difference: HoldoutEvaluation['challenger']['metrics'] | null;
    readonly comparableRows: number | null;
    readonly notComparable: string | null;
    readonly business: Readonly<Record<string, number | null>>;
    readonly timesGated: number | null;
  } | null;
  readonly gate: WriteReportInput['gate'] | null;
  readonly split: SplitSizes | null;
  /** Role → key and digest. */
  readonly lineage: Readonly<Record<string, { readonly key: string; readonly digest: string }>>;
  readonly warnings: readonly string[];
}

/** Collects the figures. */
export function summarize(data: ReportData): ReportSummary {
  const { run, holdout } = data;
  return {
    version: 1,
    pipeline: run.status.pipeline,
    outcome: run.status.outcome ?? run.status.state,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    seconds: secondsBetween(run.startedAt, run.endedAt) ?? null,
    status: run.status,
    comparison: compareCandidates(data),
    holdout: holdout
      ? {
          rows: holdout.challenger.rows,
          confidence: holdout.confidence,
          challenger: holdout.challenger.metrics,
          champion: holdout.champion?.metrics ?? null,
          difference: holdout.summary.difference ?? null,
          comparableRows: holdout.summary.comparableRows ?? null,
          notComparable: holdout.notComparable ?? null,
          business: holdout.challenger.business,
          timesGated: run.timesGated ?? null,
        }
      : null,
    gate: run.gate ?? null,
    split: data.split ?? null,
    lineage: Object.fromEntries(
      data.lineage.map(({ role, manifest }) => [role, { key: manifest.key, digest: manifest.digest }]),
    ),
    warnings: [...data.warnings, ...data.unreadable],
  };
}
