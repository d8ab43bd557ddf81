/**
 * What workflows may call, by room. The rooms of `src/activities` implement these interfaces; workflows know nothing else of them.
 * Every activity is idempotent, throws a MillraceError with a code, and is final or retryable on purpose.
 */
import type { ResolvedRun } from './runs';
import type * as scheduled from './scheduled-run';
import type * as steps from './steps';

/** Queue `millrace-services`: reading the pipeline file. */
export interface PipelineActivities {
  resolvePipeline(input: steps.ResolvePipelineInput): Promise<ResolvedRun>;
}

/** Queue `millrace-services`: the interval of a scheduled start, and the claim of its run. */
export interface ScheduledRunActivities {
  claimScheduledRun(input: scheduled.ClaimScheduledRunInput): Promise<scheduled.ClaimScheduledRunOutput>;
  confirmScheduledRun(input: scheduled.ConfirmScheduledRunInput): Promise<void>;
}

/** Queue `millrace-services`: what a backfill has left to do. */
export interface BackfillActivities {
  planBackfill(input: steps.PlanBackfillInput): Promise<steps.PlanBackfillOutput>;
}

/** Queue `millrace-data`: from source bytes to a checked table. */
export interface DataActivities {
  acquireData(input: steps.AcquireDataInput): Promise<steps.AcquireDataOutput>;
  buildDataset(input: steps.BuildDatasetInput): Promise<steps.BuildDatasetOutput>;
  validateData(input: steps.ValidateDataInput): Promise<steps.ValidateDataOutput>;
}

/** Queue `millrace-data`: the table of a pipeline that publishes a data set. */
export interface PublishingActivities {
  buildTable(input: steps.BuildTableInput): Promise<steps.BuildTableOutput>;
  publishDataset(input: steps.PublishDatasetInput): Promise<steps.PublishDatasetOutput>;
}

/** A Python function of the user makes the table. */
export interface FeatureCodeActivities {
  /** Queue `millrace-data`. */
  writeTables(input: steps.WriteTablesInput): Promise<steps.WriteTablesOutput>;
  /** Queue `millrace-training`. */
  runFeatureJob(input: steps.RunFeatureJobInput): Promise<steps.RunFeatureJobOutput>;
}

/** Queue `millrace-data`: features and split. */
export interface FeatureActivities {
  prepareFeatures(input: steps.PrepareFeaturesInput): Promise<steps.PrepareFeaturesOutput>;
  splitData(input: steps.SplitDataInput): Promise<steps.SplitDataOutput>;
}

/** Queue `millrace-training`: launching, adopting and following jobs. */
export interface TrainingActivities {
  findTrained(input: steps.FindTrainedInput): Promise<steps.FindTrainedOutput>;
  runTrainingJob(input: steps.RunTrainingJobInput): Promise<steps.RunTrainingJobOutput>;
  runScoringJob(input: steps.RunScoringJobInput): Promise<steps.RunScoringJobOutput>;
}

/** Queue `millrace-data`: metrics on validation and hold-out. */
export interface EvaluationActivities {
  evaluateCandidate(input: steps.EvaluateCandidateInput): Promise<steps.EvaluateCandidateOutput>;
  evaluateHoldout(input: steps.EvaluateHoldoutInput): Promise<steps.EvaluateHoldoutOutput>;
}

/** Queue `millrace-services`: runs and models in MLflow. */
export interface RegistryActivities {
  startTracking(input: steps.StartTrackingInput): Promise<steps.StartTrackingOutput>;
  startCandidateTracking(
    input: steps.StartCandidateTrackingInput,
  ): Promise<{ experimentId: string; runId: string }>;
  recordCandidate(input: steps.RecordCandidateInput): Promise<steps.RecordCandidateOutput>;
  findChampion(input: steps.FindChampionInput): Promise<steps.FindChampionOutput>;
  finishTracking(input: steps.FinishTrackingInput): Promise<void>;
}

/** Queue `millrace-data`: the report needs the artifacts. */
export interface ReportActivities {
  writeReport(input: steps.WriteReportInput): Promise<steps.WriteReportOutput>;
}

/** Queue `millrace-services`: the ledger, and who hears of a run. */
export interface NotificationActivities {
  announceRun(input: steps.AnnounceRunInput): Promise<void>;
}

/** Queue `millrace-services`: what runs announce, and who waits for it. */
export interface UpstreamActivities {
  announceOutcome(input: steps.AnnounceOutcomeInput): Promise<steps.AnnounceOutcomeOutput>;
  awaitAnnouncements(input: steps.AwaitAnnouncementsInput): Promise<steps.AwaitAnnouncementsOutput>;
  endWait(input: steps.EndWaitInput): Promise<void>;
}

/** Queue `millrace-services`: handing over to the model's owner. */
export interface HandoverActivities {
  submitRelease(input: steps.SubmitReleaseInput): Promise<void>;
}

/** Queue `millrace-services`: versions and aliases, for the model's owner. */
export interface ReleaseActivities {
  registerVersion(input: steps.RegisterVersionInput): Promise<steps.RegisterVersionOutput>;
  readChampion(input: steps.ReadChampionInput): Promise<steps.ReadChampionOutput>;
  /** Gives the version the alias `champion`, and takes `challenger` from it. */
  setChampionAlias(input: steps.ModelVersionInput): Promise<void>;
}

/** Queue `millrace-services`: the model's endpoint. The previous version's server runs on until `completeDeployment`, so that there is a way back. */
export interface DeploymentActivities {
  stageDeployment(input: steps.StageDeploymentInput): Promise<steps.StageDeploymentOutput>;
  stageVersion(input: steps.StageVersionInput): Promise<steps.StageVersionOutput>;
  switchDeployment(input: steps.SwitchDeploymentInput): Promise<steps.SwitchDeploymentOutput>;
  completeDeployment(input: steps.DeploymentInput): Promise<void>;
  discardDeployment(input: steps.DeploymentInput): Promise<void>;
}

/** Local activities: run by the worker that has the workflow in hand. Words to a pool, joined with those of other workflows. */
export interface PoolWordActivities {
  askPool(input: steps.AskPoolInput): Promise<void>;
  /** A pool that is gone has nothing to take back. */
  releaseLease(input: steps.ReleaseLeaseInput): Promise<void>;
}

/** Queue `millrace-services`: pools tell those who wait. */
export interface PoolActivities {
  deliverGrants(input: steps.DeliverGrantsInput): Promise<steps.DeliverGrantsOutput>;
}

/** Queue that a lease names (`jobsOn`), or `millrace-services` where no job runs under it: what runs under leases, and whether anybody still wants it. */
export interface LeaseActivities {
  lookAtLeases(input: steps.LookAtLeasesInput): Promise<steps.LookAtLeasesOutput>;
}

/** Queue `millrace-training`: jobs of a run that is about to be cancelled are left to finish. */
export interface JobKeepingActivities {
  keepJobs(input: steps.KeepJobsInput): Promise<steps.KeepJobsOutput>;
}
