/** Everything that the report shows, read and checked: what the pure functions that make the page get. */
import type { Manifest } from '../../contracts/artifacts';
import type { CandidateEvaluation, HoldoutEvaluation } from '../../contracts/evaluation-document';
import type { PipelineSpec } from '../../contracts/pipeline-file';
import type { Profile, QualityReport } from '../../contracts/profile';
import type { SpecOrigin } from '../../contracts/runs';
import type { WriteReportInput } from '../../contracts/steps';
import type { FeaturePacking } from '../../contracts/trainer';
import type { AcquiredSources } from '../data/step-files';
import type { LeakageFindings } from '../features/leakage/findings';

/** Rows on each side of the split. */
export interface SplitSizes {
  readonly train: number;
  readonly validation: number;
  readonly holdout: number;
  /** Inside a time gap. */
  readonly dropped: number;
  /** Divided at a moment, so that older rows train. */
  readonly byTime: boolean;
}

/** One artifact that the run used, for lineage. */
export interface LineageStep {
  /** What it was in this run: `dataset`, `features`, `model boosted`. */
  readonly role: string;
  readonly manifest: Manifest;
}

/** Absent members were not made, or cannot be read; the latter are named in `unreadable`. */
export interface ReportData {
  readonly run: WriteReportInput;
  readonly spec?: PipelineSpec | undefined;
  readonly origin?: SpecOrigin | undefined;
  readonly sources?: AcquiredSources | undefined;
  readonly profile?: Profile | undefined;
  readonly quality?: QualityReport | undefined;
  readonly packing?: FeaturePacking | undefined;
  readonly split?: SplitSizes | undefined;
  readonly leakage?: LeakageFindings | undefined;
  /** Said by features and split while they were made. */
  readonly warnings: readonly string[];
  readonly holdout?: HoldoutEvaluation | undefined;
  /** Candidate → its evaluation on validation. */
  readonly evaluations: Readonly<Record<string, CandidateEvaluation>>;
  /** In the order of the run. */
  readonly lineage: readonly LineageStep[];
  /** One sentence for each artifact that should be there and cannot be read. */
  readonly unreadable: readonly string[];
  readonly workflowUrl: string;
}
