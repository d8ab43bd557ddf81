/** The comparison table of the candidates: one row each, the same for the page, the CSV file and the summary. */
import { describeMetric, improvement, METRIC_NAMES } from '../../contracts/metrics';
import type { CandidateStatus } from '../../contracts/runs';
import type { Interval } from '../../contracts/steps';
import { secondsBetween } from './format';
import type { ReportData } from './report-data';

/** One candidate as it came out. */
export interface ComparedCandidate {
  readonly name: string;
  readonly trainer: string;
  readonly state: CandidateStatus['state'];
  readonly winner: boolean;
  /** 1 for the best by the selecting metric; absent where that was not measured. */
  readonly rank?: number;
  /** On validation, by name. */
  readonly metrics: Readonly<Record<string, Interval>>;
  readonly threshold: number | null;
  readonly attempts?: number | undefined;
  readonly seconds?: number | undefined;
  readonly error?: CandidateStatus['error'];
}

/** The whole table. */
export interface Comparison {
  /** Name of the metric that chooses; absent when nothing was measured. */
  readonly selectBy?: string | undefined;
  /** Metrics that any candidate has, the selecting one first, then in the order of the catalogue. */
  readonly metrics: readonly string[];
  /** Best first; what was not measured last, in the order of the pipeline file. */
  readonly candidates: readonly ComparedCandidate[];
}

/** Puts together what the run's status and the evaluations say. */
export function compareCandidates({ run, evaluations }: ReportData): Comparison {
  const { status } = run;
  const selectBy =
    Object.values(evaluations)[0]?.selectBy ?? status.candidates.find(({ metric }) => metric)?.metric?.name;
  const rows = status.candidates.map((candidate): ComparedCandidate => {
    const evaluation = evaluations[candidate.name];
    return {
      name: candidate.name,
      trainer: candidate.trainer,
      state: candidate.state,
      winner: candidate.name === status.winner,
      metrics: evaluation?.validation.metrics ?? metricOf(candidate),
      threshold: evaluation?.validation.threshold ?? candidate.threshold ?? null,
      attempts: candidate.attempts,
      seconds: secondsBetween(candidate.startedAt, candidate.endedAt),
      error: candidate.error,
    };
  });
  const direction = (selectBy === undefined ? undefined : describeMetric(selectBy)?.direction) ?? 'higher';
  const valueOf = (row: ComparedCandidate): number | null =>
    selectBy === undefined ? null : (row.metrics[selectBy]?.value ?? null);
  const measured = rows
    .filter((row) => valueOf(row) !== null)
    .sort(
      (a, b) =>
        Number(b.winner) - Number(a.winner) || improvement(direction, valueOf(b) ?? 0, valueOf(a) ?? 0),
    )
    .map((row, index) => ({ ...row, rank: index + 1 }));
  const found = new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)));
  return {
    selectBy,
    metrics: inTableOrder([...found], selectBy),
    candidates: [...measured, ...rows.filter((row) => valueOf(row) === null)],
  };
}

/** The selecting metric first, then the catalogue's order, then the rest by name. */
export function inTableOrder(names: readonly string[], first?: string): string[] {
  const place = (name: string): number => {
    if (name === first) return -1;
    const index = (METRIC_NAMES as readonly string[]).indexOf(name);
    return index < 0 ? METRIC_NAMES.length : index;
  };
  return [...names].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

function metricOf({ metric }: CandidateStatus): Record<string, Interval> {
  return metric ? { [metric.name]: { value: metric.value, lower: null, upper: null } } : {};
}
