/**
 * What the package exports as `millrace/workflows`: the workflows, and the pieces that they are made of, for workflows of your own.
 * A worker registers every function that its file exports, so export only workflows from yours; `pipelines/examples/own-workflow` is one.
 */
export * from './index';
export { activitiesFor, resolving, type RunActivities } from './activity-proxies';
export { ANNOUNCEMENT, CLEAN_UP, DATA, DEPLOYMENT, JOB, METADATA } from './activity-options';
export { trainAll } from './candidates';
export { compareCandidates } from './compare';
export {
  approveUpdate,
  conductRun,
  rejectUpdate,
  releaseUpdateSignal,
  statusQuery,
  type RunContext,
} from './conduct-run';
export { endsTheRun, failureOf, workflowFailureOf, type Failure } from './failures';
export { Leases, leaseGrantedSignal, type HeldLease, type Wanted } from './leases';
export type { Measurable, TrainedCandidate } from './hold-out';
export { parseInput } from './parse-input';
export {
  acquireStage,
  datasetStage,
  featuresStage,
  prepareData,
  resolveStage,
  splitStage,
  validateStage,
  type PreparedData,
  type ResolvedContext,
} from './prepare-data';
export type { RunState, StageReport } from './run-state';
export { Steering } from './steering';
export { compareStage, releaseStages, trainStage } from './train-and-release';
export { publishStage, publishStages, tableStage } from './publish-stages';
export { announcedSignal, waitForUpstream, type WaitCalls } from './wait-for-upstream';
export { waitStage } from './wait-stage';
