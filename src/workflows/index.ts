/** The workflows that a worker bundles; a user's own workflows may import and compose their parts. */
export { backfill } from './backfill';
export { modelRelease } from './model-release';
export { scheduledRun } from './scheduled-run';
export { resourcePool } from './resource-pool';
export { trainCandidate } from './train-candidate';
export { trainingPipeline } from './training-pipeline';
